"""Several backends in one process: prepared, checked before and after their timing, and watched.

A backend that disturbs the others makes the whole process fail. `eam.measure.worker.run_cases` then
measures each backend in a process of its own, where only the one that disturbs fails again.
"""

import os
import signal
import sys
from collections.abc import Iterable
from time import perf_counter, process_time, sleep

import numpy as np

from ..backends import prepare
from ..backends.protocol import Prepared
from ..errors import WorkerError
from ..problem import Problem
from ..quantities import GRADIENT
from .check import check
from .outcome import Outcome, attempt
from .serve import Say

_REST = 0.02  # seconds
_PATIENCE = 1.0  # seconds, for threads to come to rest in


def prepare_each(
    problem: Problem,
    names: Iterable[str],
    say: Say,
    quantity: str = GRADIENT,
    made: dict[str, Prepared] | None = None,
) -> dict[str, Outcome]:
    """Prepare backends and check a quantity; the value of an outcome is a :class:`Prepared`.

    `made` has those that are prepared already, and receives the others.
    """
    made = {} if made is None else made
    ready: dict[str, Outcome] = {}
    for name in names:
        say(f"preparing {name} at dimension {problem.dimension}", 0.0)
        ready[name] = attempt(_checked, problem, name, quantity, made)
    return ready


def _checked(problem: Problem, name: str, quantity: str, made: dict[str, Prepared]) -> Prepared:
    if name not in made:
        made[name] = prepare(problem, name)
    return check(made[name], quantity)


def check_again(
    ready: dict[str, Outcome], say: Say, quantity: str = GRADIENT
) -> dict[str, Outcome]:
    """Check after the timing: what gives a wrong answer by now has been timed in vain."""
    checked: dict[str, Outcome] = {}
    for name, outcome in ready.items():
        checked[name] = outcome
        if outcome.succeeded:
            say(f"checking {name} after its timing", 1.0)
            again = attempt(check, outcome.value, quantity)
            if not again.succeeded:
                checked[name] = Outcome(failed=f"after it was timed: {again.failed}")
    return checked


class Watch:
    """The state that must not change, or all timings of this process are wrong.

    Libraries change much else that does no harm.
    """

    def __init__(self) -> None:
        self._cores = _cores()

    def require_calm(self) -> None:
        """Raise if a backend has left something behind that disturbs the others.

        Raises:
            WorkerError: a trace or profile function, a timer, other cores, an arithmetic that
                takes subnormal numbers for zero, or a busy thread.
        """
        reasons = {
            "a trace or profile function": sys.gettrace() or sys.getprofile(),
            "a timer that sends signals": any(map(any, map(signal.getitimer, _TIMERS))),
            "the process on other cores": _cores() != self._cores,
            "an arithmetic without subnormal numbers": np.array(5e-324) * 1.0 == 0.0,
            "a busy thread": not _comes_to_rest(),
        }
        found = [reason for reason, holds in reasons.items() if holds]
        if found:
            raise WorkerError(f"a backend of this process leaves {' and '.join(found)} behind")


_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


def _cores() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _comes_to_rest() -> bool:
    """Whether this process uses next to no processor time while it sleeps."""
    start = perf_counter()
    while perf_counter() - start < _PATIENCE:
        used, began = process_time(), perf_counter()
        sleep(_REST)
        if process_time() - used < 0.1 * (perf_counter() - began):
            return True
    return False
