"""Steps: overheads that changed from one run to a later one by more than their uncertainty."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .results import REFERENCE
from .schema import RatioEntry, RunEntry, StepEntry


class _Series(NamedTuple):
    """What is compared from run to run."""

    machine: str
    model: str
    dimension: int
    backend: str


class _Point(NamedTuple):
    """An overhead in a run, and the release of the library it was measured with."""

    run: int
    overhead: RatioEntry
    release: str


def steps(runs: Sequence[RunEntry]) -> list[StepEntry]:
    """The steps of all machines.

    A run is compared with the last one before it that has the same libraries, or where there is
    none with the last one: a new release can make a step too.

    Args:
        runs: of the document, the oldest first.
    """
    found: list[StepEntry] = []
    last: dict[_Series, _Point] = {}
    last_with: dict[tuple[_Series, tuple[tuple[str, str], ...]], _Point] = {}
    for order, run in enumerate(runs):
        versions = tuple(sorted(run["versions"].items()))
        for series, new in _points(order, run):
            old = last_with.get((series, versions), last.get(series))
            if old is not None and _differ(old.overhead, new.overhead):
                found.append(_step(series, old, new))
            last[series] = last_with[series, versions] = new
    return found


def _step(series: _Series, old: _Point, new: _Point) -> StepEntry:
    return {
        "run": new.run,
        "since": old.run,
        "model": series.model,
        "dimension": series.dimension,
        "backend": series.backend,
        "change": new.overhead["value"] / old.overhead["value"],
        "release": None if new.release == old.release else new.release,
    }


def _points(order: int, run: RunEntry) -> Iterator[tuple[_Series, _Point]]:
    """The paired overheads of a run: only these are compared."""
    machine = run["machine"]["machine"]
    for model in run["models"]:
        libraries = {entry["backend"]: entry["library"] for entry in model["backends"]}
        for case in model["cells"]:
            ratio, backend = case["overhead"][REFERENCE], case["backend"]
            if ratio is not None and ratio["paired"]:
                library = libraries[backend]
                release = f"{library} {run['versions'].get(library, '')}".rstrip()
                series = _Series(machine, model["model"], case["dimension"], backend)
                yield series, _Point(order, ratio, release)


def _differ(old: RatioEntry, new: RatioEntry) -> bool:
    """Whether the intervals do not meet even when widened by the larger floor."""
    margin = 1.0 + max(old["floor"], new["floor"])
    return new["low"] > old["high"] * margin or new["high"] * margin < old["low"]
