"""The table of the forum post: every backend at one dimension of a model, interleaved.

All backends are timed in one process, on one core, so their ratios hold even while the clock
of the machine moves. Allocations are counted by memray after the timing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..backends import describe, prepare
from ..backends.protocol import Prepared
from ..errors import NotOfferedError
from ..models import problem as make_problem
from ..problem import Problem
from ..quantities import GRADIENT
from ..quantities import quantity as quantity_of
from .allocations import allocations
from .outcome import Outcome
from .serve import Say
from .timing import interleave
from .together import Watch, check_again, prepare_each
from .worker import Case, Progress, run_cases

REFERENCE = "numpy"
VALUE = "value of f"  # by the reference: a row beside those of the backends


@dataclass
class Row:
    """The value, or the quantity of one backend, or the reason why it has no numbers.

    Attributes:
        backend: name of the backend.
        kind: how it gets it.
        seconds: median time of a call.
        ratio: median over the rounds of its time over that of the same by hand in NumPy.
        spread: half the distance between the quartiles of that ratio, over the ratio.
        allocations, allocated_bytes: native ones of a call; None where memray does not exist.
        error: norm of its last array minus that by hand.
        failed: whether its answer is wrong, or it crashed or hung.
        reason: why there are no numbers, or no allocations.
    """

    backend: str
    kind: str
    seconds: float | None = None
    ratio: float | None = None
    spread: float | None = None
    allocations: float | None = None
    allocated_bytes: float | None = None
    error: float | None = None
    failed: bool = False
    reason: str | None = None


def measure(
    model: str,
    dimension: int,
    names: Sequence[str],
    seconds: float,
    progress: Progress | None = None,
    quantity: str = GRADIENT,
) -> list[Row]:
    """Time the value and a quantity of `names` at one dimension for about `seconds`."""
    cases = [(dimension, VALUE), *((dimension, name) for name in names)]
    question = {"model": model, "seconds": seconds / len(cases), "quantity": quantity}
    outcomes = run_cases(measure_here, [cases], question, progress=progress)
    return [_row(name, outcome) for (_, name), outcome in outcomes.items()]


def _row(name: str, outcome: Outcome) -> Row:
    row = Row(REFERENCE, VALUE) if name == VALUE else Row(name, describe(name).kind)
    if not outcome.succeeded:
        row.failed = outcome.failed is not None
        row.reason = outcome.missing or outcome.failed
        return row
    for attribute, value in outcome.value.items():
        setattr(row, attribute, value)
    return row


def measure_here(
    say: Say, cases: Sequence[Case], model: str, seconds: float, quantity: str
) -> Iterator[Outcome]:
    """Measure rows of one dimension in this process, each call for `seconds`."""
    problem = make_problem(model, cases[0][0])
    names = [name for _, name in cases]
    watch = Watch()
    reference = prepare(problem, REFERENCE)
    calls = {VALUE: reference.hot_value(), REFERENCE: reference.hot(quantity)}
    ready = dict.fromkeys(calls, Outcome(reference))
    ready |= prepare_each(problem, [name for name in names if name not in calls], say, quantity)
    for name, outcome in ready.items():
        if outcome.succeeded and name not in calls:
            calls[name] = outcome.value.hot(quantity)
    watch.require_calm()
    times = _times(calls, seconds, say)
    watch.require_calm()
    counted = {name: _count(name, call, say) for name, call in calls.items()}
    ready = check_again(ready, say, quantity)
    for name in names:
        if ready[name].succeeded:
            error = None if name == VALUE else _error(problem, ready[name].value, quantity)
            yield Outcome({**times[name], **counted[name], "error": error})
        else:
            yield ready[name]


def _times(
    calls: dict[str, Callable[[], Any]], seconds: float, say: Say
) -> dict[str, dict[str, float]]:
    times = interleave(
        list(calls.values()),
        seconds * len(calls),
        progress=lambda fraction: say("timing all, interleaved", fraction),
    )
    reference = times[:, list(calls).index(REFERENCE)]
    return {name: _numbers(times[:, k], reference) for k, name in enumerate(calls)}


def _numbers(times: NDArray[np.float64], reference: NDArray[np.float64]) -> dict[str, float]:
    low, ratio, high = np.percentile(times / reference, (25, 50, 75)).tolist()
    return {
        "seconds": float(np.median(times)),
        "ratio": ratio,
        "spread": (high - low) / 2 / ratio,
    }


def _count(name: str, call: Callable[[], Any], say: Say) -> dict[str, Any]:
    say(f"counting the allocations of {name}", 1.0)
    try:
        counted = allocations(call)
    except NotOfferedError as reason:
        return {"reason": str(reason)}
    return {"allocations": counted.count, "allocated_bytes": counted.allocated_bytes}


def _error(problem: Problem, prepared: Prepared, quantity: str) -> float:
    record = quantity_of(quantity)
    inputs = record.inputs(problem, problem.x0)
    actual, expected = getattr(prepared, quantity)(*inputs), record.reference(problem)(*inputs)
    if isinstance(expected, tuple):
        actual, expected = actual[-1], expected[-1]
    return float(np.linalg.norm(actual - expected))
