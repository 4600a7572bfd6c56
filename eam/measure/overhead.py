"""Overhead: how many times longer a backend's gradient takes than one written by hand.

The two times of a ratio come from blocks that alternate in one process. A process's memory layout
and the state of the machine still favour one side, by 3 to 10 %. The ratio is therefore measured
again in fresh processes, one library each, all libraries one after another and then all again. The
ratio is that of the 5 % quantiles of the blocks, which repeat best of the statistics tried. An
overhead raises no alarm: the regression gate (:mod:`eam.gate.comparison`) compares a backend with
itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..backends import MANUAL, backend_names, describe
from ..errors import WorkerError
from ..models import problem as make_problem
from ..problem import Problem
from ..quantities import GRADIENT
from .conversation import Progress
from .outcome import Outcome
from .serve import Say
from .timing import interleave
from .together import Watch, check_again, prepare_each
from .worker import Case, run_cases

REFERENCE = "numpy"
QUANTILE = 0.05
# of a process's rounds, so an interval also holds what changes while it runs
SLICES = 4
# before a manual gradient may stand in the processes of other libraries
_TRIAL_CALLS = 50


@dataclass
class Overheads:
    """The ratios of one case, a sample for each process and quarter of its time.

    Where another quantity is measured, its time takes the place of t(gradient).

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

    def add(self, outcome: Outcome) -> None:
        """Take over the samples of another process, or its failure."""
        self.missing, self.failed = outcome.missing, outcome.failed
        if outcome.succeeded:
            self.overhead += outcome.value["overhead"]
            self.best += outcome.value["best"]
            self.omega += outcome.value["omega"]


def measure(
    model: str,
    dimensions: Sequence[int],
    backends: Sequence[str],
    *,
    processes: int = 3,
    seconds: float = 0.08,
) -> dict[Case, Overheads]:
    """The overheads of `backends`, from `processes` fresh processes for each library.

    Args:
        model: as :func:`eam.problem` takes it.
        dimensions: of the problems.
        backends: names; those of one library share a process.
        processes: for each library.
        seconds: of measuring, for each function, dimension and process.

    Returns:
        The ratios of every (dimension, backend), or why there are none. A case that fails in one
        process is not measured in the next.
    """
    cases = [(dimension, name) for dimension in dimensions for name in backends]
    found = {case: Overheads() for case in cases}
    for _ in measure_into(found, model, processes=processes, seconds=seconds):
        pass
    return found


def measure_into(
    found: dict[Case, Overheads],
    model: str,
    *,
    processes: int = 3,
    seconds: float = 0.08,
    progress: Progress | None = None,
    quantity: str = GRADIENT,
) -> Iterator[float]:
    """Measure the cases of `found` into it; after each process, yields the fraction done.

    What is measured is a quantity of :mod:`eam.quantities`. A caller may stop at any of these
    points, and keep what has been found by then.
    """
    dimensions = list(dict.fromkeys(dimension for dimension, _ in found))
    hand = _sound_by_hand(model, dimensions, progress, quantity)
    question = {"model": model, "hand": hand, "seconds": seconds, "quantity": quantity}
    for seed in range(processes):
        left = [case for case, row in found.items() if row.missing is None and row.failed is None]
        groups = by_library(left)
        for number, group in enumerate(groups, 1):
            asked = {**question, "seed": seed}
            outcomes = run_cases(measure_here, [group], asked, progress=progress)
            for case, outcome in outcomes.items():
                found[case].add(outcome)
            yield (seed + number / len(groups)) / processes


def by_library(cases: Iterable[Case]) -> list[list[Case]]:
    """The cases in groups of one library each, in their order."""
    libraries: dict[str, list[Case]] = {}
    for case in cases:
        libraries.setdefault(describe(case[1]).library, []).append(case)
    return list(libraries.values())


def _sound_by_hand(
    model: str, dimensions: Sequence[int], progress: Progress | None, quantity: str
) -> list[Case]:
    """The cases by hand that can be divided by: a crash would end the processes of all others."""
    names = [name for name in backend_names() if describe(name).kind == MANUAL]
    cases = [(dimension, name) for dimension in dimensions for name in names]
    question = {"model": model, "quantity": quantity}
    outcomes = run_cases(_try, by_library(cases), question, progress=progress)
    return [case for case, outcome in outcomes.items() if outcome.succeeded or case[1] == REFERENCE]


def _try(say: Say, cases: Sequence[Case], model: str, quantity: str) -> Iterator[Outcome]:
    for dimension, name in cases:
        ready = prepare_each(make_problem(model, dimension), [name], say, quantity)
        if ready[name].succeeded:
            call = ready[name].value.hot(quantity)
            for _ in range(_TRIAL_CALLS):
                call()
                say(f"trying {name} at dimension {dimension}", 0.0)
        outcome = check_again(ready, say, quantity)[name]
        yield Outcome(missing=outcome.missing, failed=outcome.failed)


def measure_here(
    say: Say,
    cases: Sequence[Case],
    model: str,
    hand: Sequence[Case],
    seconds: float,
    seed: int,
    quantity: str = GRADIENT,
) -> Iterator[Outcome]:
    """Measure `cases` in this process, dimension by dimension.

    Args:
        say: gives a sign of life.
        cases: sorted by dimension.
        model: its name.
        hand: the cases by hand that take part, the reference among them.
        seconds: of measuring, for each function.
        seed: of the random order.
        quantity: what is measured.
    """
    for dimension, group in groupby(cases, key=lambda case: case[0]):
        by_hand = [name for n, name in hand if n == dimension]
        problem = make_problem(model, dimension)
        names = [name for _, name in group]
        yield from _one_dimension(say, problem, names, by_hand, seconds, seed, quantity)


def _one_dimension(
    say: Say,
    problem: Problem,
    names: Sequence[str],
    hand: Sequence[str],
    seconds: float,
    seed: int,
    quantity: str,
) -> Iterator[Outcome]:
    watch = Watch()
    by_hand = prepare_each(problem, hand, say, quantity)
    ready = prepare_each(problem, names, say, quantity)
    calls: list[Callable[[], Any]] = []
    columns: dict[str, int] = {}  # of the quantity; the value of a backend follows it
    for outcome in by_hand.values():
        calls.append(_sound(outcome).hot(quantity))
    for name, outcome in ready.items():
        if outcome.succeeded:
            columns[name] = len(calls)
            calls += [outcome.value.hot(quantity), outcome.value.hot_value()]
    watch.require_calm()
    doing = f"timing {', '.join(columns)} at dimension {problem.dimension}"
    times = interleave(
        calls, seconds * len(calls), seed=seed, progress=lambda fraction: say(doing, fraction)
    )
    watch.require_calm()
    by_hand = check_again(by_hand, say, quantity)
    for name, outcome in check_again(ready, say, quantity).items():
        if outcome.succeeded:
            outcome = Outcome(_ratios_of(times, columns[name], by_hand))
        yield outcome


def _ratios_of(
    times: NDArray[np.float64], gradient: int, by_hand: dict[str, Outcome]
) -> dict[str, list[float]]:
    hand = [column for column, name in enumerate(by_hand) if by_hand[name].succeeded]
    _sound(by_hand[REFERENCE])
    return {
        "overhead": ratios(times, gradient, [list(by_hand).index(REFERENCE)]),
        "best": ratios(times, gradient, hand),
        "omega": ratios(times, gradient, [gradient + 1]),
    }


def _sound(by_hand: Outcome) -> Any:
    if not by_hand.succeeded:
        raise WorkerError(f"the code by hand cannot be timed: {by_hand.missing or by_hand.failed}")
    return by_hand.value


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
