"""The history: of each run, its overheads over NumPy; and the steps between runs.

A run of years ago is kept as this and no more, so a report of a thousand commits fits in memory.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from .names import library
from .ratios import Ratio
from .results import ModelResults, Run
from .schema import ChangeEntry, StepEntry


class Series(NamedTuple):
    """A series of results of one machine, followed from run to run."""

    model: str
    dimension: int
    backend: str


@dataclass(frozen=True)
class Past:
    """A run reduced to its overheads.

    Attributes:
        commit, date, machine, python, versions: of the run, see `eam.report.results.Run`.
        overheads: over NumPy's gradient; of a model the paired ones, or where it has none, all.
        units: model -> what its dimension counts.
    """

    commit: str
    date: int
    machine: str
    python: str
    versions: Mapping[str, str]
    overheads: Mapping[Series, Ratio]
    units: Mapping[str, str]


def reduced(run: Run) -> Past:
    """The run without all that the history does not show."""
    overheads = {
        series: ratio for results in run.models() for series, ratio in _overheads(results).items()
    }
    units = {results.model: results.unit for results in run.models()}
    return Past(
        run.commit, run.date, run.machine["machine"], run.python, run.versions, overheads, units
    )


def in_order(history: Iterable[Past]) -> list[Past]:
    """The runs in the order of the commits."""
    return sorted(history, key=lambda past: (past.date, past.commit))


def _overheads(results: ModelResults) -> dict[Series, Ratio]:
    found = {
        Series(results.model, n, backend): replace(ratio, spread=None)
        for backend in results.timed_backends
        for n in results.timed_dimensions
        if (ratio := results.overhead(n, backend)) is not None
    }
    return {series: ratio for series, ratio in found.items() if ratio.paired} or found


class _Point(NamedTuple):
    """A series' overhead in a run, and the release of its library."""

    past: Past
    overhead: Ratio
    release: str


def steps(history: Iterable[Past]) -> list[StepEntry]:
    """Overheads that changed from one run to a later one by more than their uncertainty.

    A run is compared with the last one before it, on the same machine, that has the same
    libraries, or where there is none with the last one: a new release can make a step too.

    Args:
        history: in the order of the commits.
    """
    found: list[StepEntry] = []
    last: dict[tuple[str, Series], _Point] = {}
    last_with: dict[tuple[str, Series, tuple[tuple[str, str], ...]], _Point] = {}
    for past in history:
        versions = tuple(sorted(past.versions.items()))
        for series, new in _points(past):
            key = past.machine, series
            old = last_with.get((*key, versions), last.get(key))
            if old is not None and differ(old.overhead, new.overhead):
                found.append(_step(series, old, new))
            last[key] = last_with[*key, versions] = new
    return found


def _points(past: Past) -> Iterator[tuple[Series, _Point]]:
    """The paired overheads of a run: only these are compared."""
    for series, ratio in past.overheads.items():
        if ratio.paired:
            name = library(series.backend)
            release = f"{name} {past.versions.get(name, '')}".rstrip()
            yield series, _Point(past, ratio, release)


def _step(series: Series, old: _Point, new: _Point) -> StepEntry:
    return {
        "machine": new.past.machine,
        "commit": new.past.commit,
        "since": old.past.commit,
        "date": new.past.date,
        "model": series.model,
        "dimension": series.dimension,
        "unit": new.past.units[series.model],
        "backend": series.backend,
        "change": new.overhead.value / old.overhead.value,
        "release": None if new.release == old.release else new.release,
    }


def differ(old: Ratio, new: Ratio) -> bool:
    """Whether two paired ratios stay apart even when their intervals are widened by the floor."""
    if not (old.paired and new.paired):
        return False
    margin = 1.0 + max(old.floor, new.floor)
    return new.low > old.high * margin or new.high * margin < old.low


Changed = TypeVar("Changed", StepEntry, ChangeEntry)


def largest(found: Iterable[Changed]) -> list[Changed]:
    """Steps or changes, the largest either way first."""
    return sorted(found, key=lambda step: -max(step["change"], 1.0 / step["change"]))
