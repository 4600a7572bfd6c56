"""Overhead: how many times longer a backend's gradient takes than one written by hand.

The two times of a ratio come from blocks that alternate in one process. What remains is that a
process's memory layout and the machine's state favour one side, by 3 to 10 %; so the ratio is
measured again in fresh processes, one library each, all libraries in turn. Compared are the 5 %
quantiles of the blocks, which repeat best of the statistics tried. No alarm is raised on an
overhead: the regression gate (:mod:`eam.gate.comparison`) compares a backend with itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..backends import MANUAL, backend_names, describe, prepare
from ..errors import EamError, MissingBackendError, NotOfferedError
from ..models import problem as make_problem
from ..problem import Problem
from .check import check
from .timing import interleave
from .worker import ask, serve

REFERENCE = "numpy"
QUANTILE = 0.05
# of a process's rounds, so that an interval also holds what changes while it runs
SLICES = 4


@dataclass
class Cell:
    """The ratios of one backend at one dimension, a sample per process and quarter of its time.

    Attributes:
        overhead: t(gradient) / t(gradient by hand in NumPy, allocating).
        best: t(gradient) / t(the fastest gradient by hand in that process).
        omega: t(gradient) / t(value), both of this backend: the cheap-gradient ratio.
        missing: why this backend has no number here, where that is no fault.
        failed: what went wrong.
    """

    overhead: list[float] = field(default_factory=list[float])
    best: list[float] = field(default_factory=list[float])
    omega: list[float] = field(default_factory=list[float])
    missing: str | None = None
    failed: str | None = None

    def add(self, other: "Cell") -> None:
        """Take over the samples of another process, and its failure."""
        self.overhead += other.overhead
        self.best += other.best
        self.omega += other.omega
        self.missing = self.missing or other.missing
        self.failed = self.failed or other.failed


Cells = dict[tuple[int, str], Cell]


def measure(
    model: str,
    dimensions: Sequence[int],
    backends: Sequence[str],
    *,
    processes: int = 3,
    seconds: float = 0.08,
) -> Cells:
    """The overheads of `backends`, from `processes` fresh processes for each library.

    Args:
        model: as :func:`eam.model_names` lists it.
        dimensions: of the problems.
        backends: names; those of one library share a process.
        processes: for each library.
        seconds: of measuring, for each function, dimension and process.

    Returns:
        A cell for every (dimension, backend). A crash fails the cells of its library.
    """
    cells = {(dimension, name): Cell() for dimension in dimensions for name in backends}
    for seed in range(processes):
        for names in _by_library(backends):
            question = {
                "model": model,
                "dimensions": list(dimensions),
                "names": names,
                "seconds": seconds,
                "seed": seed,
            }
            for key, cell in _answers(question):
                cells[key].add(cell)
    return cells


def _by_library(backends: Iterable[str]) -> list[list[str]]:
    libraries: dict[str, list[str]] = {}
    for name in backends:
        libraries.setdefault(describe(name).library, []).append(name)
    return list(libraries.values())


def _answers(question: Mapping[str, Any]) -> list[tuple[tuple[int, str], Cell]]:
    keys = [(d, name) for d in question["dimensions"] for name in question["names"]]
    try:
        rows = ask(__name__, dict(question))
    except EamError as error:
        return [(key, Cell(failed=str(error))) for key in keys]
    return [(key, Cell(**row)) for key, row in zip(keys, rows, strict=True)]


def measure_here(
    model: str, dimensions: Sequence[int], names: Sequence[str], seconds: float, seed: int
) -> list[dict[str, Any]]:
    """The cells of (dimensions x names) measured in this process, as JSON can hold them."""
    return [
        vars(cell)
        for dimension in dimensions
        for cell in _one_dimension(make_problem(model, dimension), names, seconds, seed)
    ]


def _one_dimension(problem: Problem, names: Sequence[str], seconds: float, seed: int) -> list[Cell]:
    calls: list[Callable[[], Any]] = []
    columns: dict[str, int] = {}
    for name in backend_names():
        if describe(name).kind == MANUAL:
            _prepared(problem, name, calls, columns)
    manual = list(columns.values())
    reference = columns[REFERENCE]
    cells = [_prepared(problem, name, calls, columns, value=True) for name in names]
    times = interleave(calls, seconds * len(calls), seed=seed)
    for name, cell in zip(names, cells, strict=True):
        if cell.missing is None and cell.failed is None:
            gradient = columns[name]
            cell.overhead = ratios(times, gradient, [reference])
            cell.best = ratios(times, gradient, manual)
            cell.omega = ratios(times, gradient, [gradient + 1])
    return cells


def _prepared(
    problem: Problem,
    name: str,
    calls: list[Callable[[], Any]],
    columns: dict[str, int],
    value: bool = False,
) -> Cell:
    """Check a backend and append its gradient, and its value after it, to the calls."""
    try:
        ready = check(prepare(problem, name))
    except (MissingBackendError, NotOfferedError) as reason:
        return Cell(missing=str(reason))
    except Exception as error:
        return Cell(failed=f"{type(error).__name__}: {error}")
    columns[name] = len(calls)
    calls.append(ready.hot_gradient())
    if value:
        calls.append(ready.hot_value())
    return Cell()


def ratios(times: NDArray[np.float64], column: int, denominators: Sequence[int]) -> list[float]:
    """Low quantile of a column over the least of those of `denominators`, a slice of rounds each.

    Args:
        times: seconds, shape (rounds, calls), as :func:`eam.measure.timing.interleave` gives them.
        column: of the call in question.
        denominators: columns to divide by.
    """
    slices = np.array_split(times, min(SLICES, len(times)))
    low = np.array([np.quantile(part, QUANTILE, axis=0) for part in slices])
    fastest = np.argmin(np.quantile(times, QUANTILE, axis=0)[list(denominators)])
    found = low[:, column] / low[:, denominators[int(fastest)]]
    return [float(f"{ratio:.4g}") for ratio in found]


if __name__ == "__main__":
    serve(measure_here)
