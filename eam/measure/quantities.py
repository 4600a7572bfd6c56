"""The cost of quantities beyond the gradient, beside the same written by hand.

As in :mod:`eam.measure.overhead`, the blocks of a backend and of the code by hand alternate in one
process, and each library has processes of its own. One process measures all quantities of a model,
since importing a library and compiling for it takes longer than the measurement. Allocations are
counted after the timing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from ..backends import describe, manual_names
from ..backends.protocol import Prepared
from ..errors import NotOfferedError, WorkerError
from ..model import Model
from ..models import model as model_record
from ..models import problem as make_problem
from ..problem import Problem
from .allocations import allocations
from .outcome import Outcome
from .overhead import REFERENCE, by_library, ratios
from .serve import Say
from .timing import interleave
from .together import Watch, check_again, prepare_each
from .worker import Case, run_cases


@dataclass(frozen=True)
class Cost:
    """The cost of a quantity in one case, or why it is not known.

    Attributes:
        overhead: t / t(the same by hand in NumPy), a sample for each process and quarter of it.
        best: t / t(the fastest by hand in that process).
        of_gradient: t / t(gradient), both of this backend.
        allocations, allocated_bytes: native ones of a call; None where memray does not exist.
        missing: why this backend has no number, where that is no fault.
        failed: what went wrong.
    """

    overhead: list[float] = field(default_factory=list[float])
    best: list[float] = field(default_factory=list[float])
    of_gradient: list[float] = field(default_factory=list[float])
    allocations: float | None = None
    allocated_bytes: float | None = None
    missing: str | None = None
    failed: str | None = None


def measure(
    model: str,
    dimensions: Sequence[int],
    backends: Sequence[str],
    quantities: Sequence[str],
    *,
    seconds: float = 0.08,
) -> dict[Case, dict[str, Cost]]:
    """The costs of quantities, from a fresh process for each library.

    Args:
        model: as :func:`eam.problem` takes it.
        dimensions: of the problems.
        backends: names; those of one library share a process.
        quantities: names, see :mod:`eam.quantities`.
        seconds: of measuring, for each function.

    Returns:
        (dimension, backend) -> quantity -> its cost.
    """
    record = model_record(model)
    cases = [
        (dimension, name)
        for dimension in dimensions
        for name in backends
        if any(_offered(name, record, dimension, quantity) for quantity in quantities)
    ]
    asked = {"model": model, "quantities": list(quantities), "seconds": seconds}
    outcomes = run_cases(measure_here, by_library(cases), asked)
    found: dict[Case, dict[str, Cost]] = {}
    for dimension in dimensions:
        for name in backends:
            outcome = outcomes.get((dimension, name))
            found[dimension, name] = {
                quantity: _cost(outcome, record, dimension, name, quantity)
                for quantity in quantities
            }
    return found


def _offered(name: str, record: Model, dimension: int, quantity: str) -> bool:
    return describe(name).refusal(record, dimension, quantity) is None


def _cost(outcome: Outcome | None, record: Model, dimension: int, name: str, quantity: str) -> Cost:
    if outcome is None or not _offered(name, record, dimension, quantity):
        return Cost(missing=describe(name).refusal(record, dimension, quantity))
    if not outcome.succeeded:
        return Cost(missing=outcome.missing, failed=outcome.failed)
    return Cost(**outcome.value[quantity])


def measure_here(
    say: Say, cases: Sequence[Case], model: str, quantities: Sequence[str], seconds: float
) -> Iterator[Outcome]:
    """Measure the quantities of `cases` in this process, dimension by dimension."""
    for dimension, group in groupby(cases, key=lambda case: case[0]):
        problem = make_problem(model, dimension)
        names = [name for _, name in group]
        costs: dict[str, dict[str, Any]] = {name: {} for name in names}
        made: dict[str, Prepared] = {}
        for quantity in quantities:
            for name, cost in _one_quantity(say, problem, names, quantity, seconds, made).items():
                costs[name][quantity] = cost
        for name in names:
            yield Outcome(costs[name])


def _one_quantity(
    say: Say,
    problem: Problem,
    names: Sequence[str],
    quantity: str,
    seconds: float,
    made: dict[str, Prepared],
) -> dict[str, dict[str, Any]]:
    model, dimension = problem.model, problem.dimension
    hand = manual_names(model, dimension, quantity)
    names = [name for name in names if _offered(name, model, dimension, quantity)]
    watch = Watch()
    ready = prepare_each(problem, [*hand, *names], say, quantity, made)
    by_hand = {name: ready[name] for name in hand}
    ready = {name: ready[name] for name in names}
    calls = [outcome.value.hot(quantity) for outcome in by_hand.values() if outcome.succeeded]
    if not by_hand[REFERENCE].succeeded:
        raise WorkerError(f"{quantity} by hand cannot be timed: {by_hand[REFERENCE]}")
    columns: dict[str, int] = {}  # the gradient of a backend follows its quantity
    for name, outcome in ready.items():
        if outcome.succeeded:
            columns[name] = len(calls)
            calls += [outcome.value.hot(quantity), outcome.value.hot_gradient()]
    watch.require_calm()
    doing = f"timing {quantity} of {', '.join(columns)} at dimension {dimension}"
    times = interleave(calls, seconds * len(calls), progress=lambda fraction: say(doing, fraction))
    watch.require_calm()
    sound = [name for name, outcome in by_hand.items() if outcome.succeeded]
    found: dict[str, dict[str, Any]] = {}
    for name, outcome in check_again(ready, say, quantity).items():
        if not outcome.succeeded:
            found[name] = {"missing": outcome.missing, "failed": outcome.failed}
            continue
        column = columns[name]
        found[name] = {
            "overhead": ratios(times, column, [sound.index(REFERENCE)]),
            "best": ratios(times, column, range(len(sound))),
            "of_gradient": ratios(times, column, [column + 1]),
            **_counted(calls[column]),
        }
    return found


def _counted(call: Callable[[], Any]) -> dict[str, float]:
    try:
        counted = allocations(call)
    except NotOfferedError:
        return {}
    return {"allocations": counted.count, "allocated_bytes": counted.allocated_bytes}
