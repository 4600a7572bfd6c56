"""What a run does not hold, and the command that gets it."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from .results import Run


class Want(NamedTuple):
    """Something that the page shows, the benchmark it comes from, and asv's pattern for it."""

    what: str
    quantity: str
    pattern: str


WANTED = (
    Want("overheads with both times from one process", "track_overhead", "Overhead"),
    Want("times", "time_gradient", "time_gradient"),
    Want("allocations", "track_allocations", "track_alloc"),
    Want("peak memory of a call", "track_peak", "track_peak"),
    Want("cold costs", "track_first_call", "startup"),
)


def missing(run: Run, model: str) -> list[dict[str, str]]:
    """One entry for each thing missing from a run: {'what', 'command'}."""
    found = [
        {
            "what": f"{want.what} (benchmark {want.quantity})",
            "command": measure(run.commit, want.pattern),
        }
        for want in WANTED
        if (model, want.quantity) in run.tracked and not run.backends(model, want.quantity)
    ]
    failed = sorted({k.backend for k, why in run.missing.items() if _failed(k.model, model, why)})
    if failed:
        pattern = rf", .({'|'.join(map(_escaped, failed))}).\)"
        what = f"numbers of {', '.join(failed)}, which failed; asv shows the error"
        found.append(_entry(what, run, pattern, errors=True))
    return found


def _entry(what: str, run: Run, pattern: str, errors: bool = False) -> dict[str, str]:
    return {"what": what, "command": measure(run.commit, pattern, errors)}


def _escaped(name: str) -> str:
    """`name` in a regular expression; re.escape would also escape the hyphens."""
    return name if re.fullmatch(r"[\w-]+", name) else re.escape(name)


def measure(commit: str, pattern: str, errors: bool = False) -> str:
    """The command that measures what matches `pattern` at a commit."""
    return f"asv run {commit[:8]}^! {'--show-stderr ' * errors}--bench {shlex.quote(pattern)}"


def nothing(unreadable: Sequence[str]) -> str:
    """What to say where there is no result at all."""
    kept_out = ""
    if unreadable:
        plural = "s" * (len(unreadable) > 1)
        kept_out = f" {len(unreadable)} result file{plural} could not be read."
    return f"There are no results to report on.{kept_out} Measure some with: make report"


def _failed(cell_model: str, model: str, why: str) -> bool:
    return cell_model == model and why == "failed"
