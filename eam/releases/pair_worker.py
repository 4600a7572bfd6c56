"""One of the processes that are compared: a release in its environment, timed when it is asked.

``python -m eam.releases.pair_worker`` reads one line of JSON that says what to prepare, answers
with a line, and then times a turn for each line with the number of a case. A turn is a few blocks
of 0.2 ms, after untimed calls that bring the caches back from the process that ran before.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from timeit import Timer
from typing import Any

import numpy as np

from ..backends import prepare
from ..measure.check import check
from ..measure.environment import settle
from ..measure.timing import calls_per_block, interleave
from ..models import problem

BLOCKS = 5
# Longer calls are timed one at a time.
LONG = 1e-3
# of the steps of the extra work, whose wrapper costs time too
_ADJUSTMENTS = 5


class Case:
    """One backend at one dimension, ready to be timed."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._timer = Timer(call)
        self._calls = calls_per_block(self._timer)
        is_long = self._timer.timeit(1) > LONG
        self._blocks, self._warm = (1, 1) if is_long else (BLOCKS, (self._calls + 1) // 2)

    def turn(self) -> list[float]:
        """Seconds per call in each block of a turn."""
        self._timer.timeit(self._warm)
        return [self._timer.timeit(self._calls) / self._calls for _ in range(self._blocks)]


def slowed(call: Callable[[], Any], fraction: float) -> Callable[[], Any]:
    """The call with a fraction of its time of extra work, for calibration: a sum of zeros."""
    if not fraction:
        return call
    plain = float(np.median(interleave([call], 0.3)))
    many = bytes(100_000)
    each = float(np.median(interleave([partial(sum, many)], 0.1))) / len(many)
    steps = max(1, round(fraction * plain / each))
    for _ in range(_ADJUSTMENTS):
        times = interleave([call, _with_work(call, steps)], 0.4, warm=False)
        missing = 1.0 + fraction - float(np.median(times[:, 1] / times[:, 0]))
        steps = max(1, steps + round(missing * plain / each))
    return _with_work(call, steps)


def _with_work(call: Callable[[], Any], steps: int) -> Callable[[], Any]:
    zeros = bytes(steps)

    def both(sum: Callable[[bytes], int] = sum) -> None:  # noqa: A002
        call()
        sum(zeros)

    return both


def _prepared(model: str, backend: str, dimension: int, extra: float) -> Case:
    ready = prepare(problem(model, dimension), backend)
    call = ready.hot_gradient()
    call()
    case = Case(slowed(call, extra))
    check(ready)
    return case


def serve(answer: Callable[[Any], None], lines: Any) -> None:
    """Prepare what the first line says, then time a turn for each other."""
    question = json.loads(next(lines))
    cases: list[Case | None] = []
    reasons: list[str | None] = []
    for backend, dimension in question["cases"]:
        try:
            case, reason = _prepared(question["model"], backend, dimension, question["extra"]), None
        except Exception as error:
            case, reason = None, f"{type(error).__name__}: {error}"
        cases.append(case)
        reasons.append(reason)
    gc.disable()
    answer(reasons)
    for line in lines:
        case = cases[int(line)]
        answer(case.turn() if case else [])


def main(arguments: Sequence[str] = ()) -> None:
    """Answer on the standard output, where nothing else is to write."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settle()

    def answer(value: Any) -> None:
        print(json.dumps(value), file=answers, flush=True)

    serve(answer, sys.stdin)


if __name__ == "__main__":
    main()
