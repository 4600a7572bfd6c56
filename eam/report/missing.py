"""Results that a run does not hold, and the command that measures them."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from .model_schema import MissingEntry
from .results import OVERHEAD, TIME, ModelResults


class Want(NamedTuple):
    """Something that the page shows, the benchmark it comes from, and asv's pattern for it."""

    what: str
    metric: str
    pattern: str


WANTED = (
    Want("overheads with both times from one process", OVERHEAD, "Overhead"),
    Want("times", TIME, "time_gradient"),
    Want("allocations", "track_allocations", "track_alloc"),
    Want("peak memory of a call", "track_peak", "track_peak"),
    Want("startup costs", "track_first_call", "startup"),
)


def missing(results: ModelResults) -> list[MissingEntry]:
    """One entry for each thing that a run does not hold of a model."""
    found: list[MissingEntry] = [
        {
            "what": f"{want.what} (benchmark {want.metric})",
            "command": measure(results.commit, want.pattern),
        }
        for want in WANTED
        if (results.model, want.metric) in results.suite.pairs and not results.backends(want.metric)
    ]
    failed = sorted({key.backend for key, (why, _) in results.missing.items() if why == "failed"})
    if failed:
        pattern = rf", .({'|'.join(map(_escaped, failed))}).\)"
        found.append(
            {
                "what": f"numbers of {', '.join(failed)}, which failed; asv shows the error",
                "command": measure(results.commit, pattern, errors=True),
            }
        )
    return found


def _escaped(name: str) -> str:
    """`name` in a regular expression; re.escape would also escape the hyphens."""
    return name if re.fullmatch(r"[\w-]+", name) else re.escape(name)


def measure(commit: str, pattern: str, errors: bool = False) -> str:
    """The command that measures what matches `pattern` at a commit."""
    return f"asv run {commit[:8]}^! {'--show-stderr ' * errors}--bench {shlex.quote(pattern)}"


def measure_case(commit: str, benchmark: str, dimension: int, backend: str) -> str:
    """The command that measures one case of a benchmark at a commit."""
    class_and_metric = ".".join(benchmark.split(".")[-2:]).replace(".", r"\.")
    return measure(commit, rf"{class_and_metric}\({dimension}, .{_escaped(backend)}.\)")


def nothing(unreadable: Sequence[str]) -> str:
    """The message where there is no result at all."""
    kept_out = ""
    if unreadable:
        plural = "s" * (len(unreadable) > 1)
        kept_out = f" {len(unreadable)} result file{plural} could not be read."
    return f"There are no results to report on.{kept_out} Measure some with: eam track"
