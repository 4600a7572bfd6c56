"""Versions of eam that are slower by a known amount of real work, to test what finds slowdowns.

The extra work is done after each gradient: a sum in Python's C loop, or for numba a chain of
multiplications inside the compiled code, where a call from Python alone would be more than the 5 %
looked for. A step of either takes some nanoseconds.
"""

import json
import statistics
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..backends import Prepared, describe, prepare
from ..gate.side_by_side import LARGE
from ..measure.serve import Say
from ..measure.timing import interleave
from ..models import problem as make_problem

# Put beside the backends of the slow version. WORK: {"backend N": steps}.
_MODULE = '''\
"""Extra work after each gradient."""

from dataclasses import replace

WORK = {work}


def slowed(native, backend, dimension):
    steps = WORK.get(f"{{backend}} {{dimension}}")
    if steps is None:
        return native
    make = in_numba if backend.startswith("numba") else in_python
    return replace(native, gradient=make(native.gradient, steps))


def in_python(gradient, steps, sum=sum):
    zeros = bytes(steps)

    def call(x):
        result = gradient(x)
        sum(zeros)
        return result

    return call


def in_numba(gradient, steps):
    from numba import njit

    @njit
    def call(x):
        out = gradient(x)
        # begins with the result, or the processor would do it at the same time
        y = 0.5 + 1e-300 * out[0]
        for _ in range(steps):
            y = 0.999 * y + 0.001
        out[0] += 1e-300 * y
        return out

    return call
'''
_RETURN = "return Prepared(problem, name, native)"
_SLOWED = """from ._extra import slowed

    return Prepared(problem, name, slowed(native, name, problem.dimension))"""

# The first guess leaves out what the wrapper costs; each adjustment measures what is missing.
ADJUSTMENTS = 6


def slow_down(tree: Path, work: Mapping[str, int]) -> None:
    """Edit the eam below `tree` so that its gradients do `work` more, by "backend N"."""
    backends = tree / "eam" / "backends"
    (backends / "_extra.py").write_text(_MODULE.format(work=json.dumps(work)))
    registry = backends / "__init__.py"
    text = registry.read_text()
    if text.count(_RETURN) != 1:
        raise RuntimeError(f"eam.backends.prepare has no line {_RETURN!r} to edit")
    registry.write_text(text.replace(_RETURN, _SLOWED))


def calibrate_work(
    say: Say, backends: list[str], dimensions: list[int], fractions: list[float]
) -> dict[str, list[int]]:
    """How many steps slow each gradient by the fractions, measured on this machine.

    Returns:
        {"backend N": [steps for each fraction]}. At least 1, so a fraction that is less than the
        cost of the wrapper is exceeded.
    """
    found: dict[str, list[int]] = {}
    for backend in backends:
        for dimension in dimensions:
            say(f"adjusting the extra work of {backend} at dimension {dimension}", 0.0)
            ready = prepare(make_problem("toy", dimension), backend)
            found[f"{backend} {dimension}"] = _steps(ready, fractions)
    return found


def _steps(ready: Prepared, fractions: list[float]) -> list[int]:
    make = _maker(ready.backend)
    gradient = ready.native.gradient
    x = ready.native.asarray(ready.problem.x0)
    plain = float(np.median(interleave([partial(gradient, x)], 0.5)))
    each = _seconds_per_step(ready.backend, max(1000, int(plain / 5e-9)))
    guesses = [max(1, round(fraction * plain / each)) for fraction in fractions]
    if ready.problem.x0.size > LARGE:
        return guesses  # all but exact there, and better than the noise of a ratio
    found: list[int] = []
    for fraction, steps in zip(fractions, guesses, strict=True):
        low, high = 1, 4 * steps
        for _ in range(ADJUSTMENTS):
            missing = 1.0 + fraction - _ratio(gradient, make(gradient, steps), x)
            low, high = (steps, high) if missing > 0.0 else (low, steps)
            # in proportion; halved where that fails, as the processor hides the first few steps
            wanted = round(steps + missing * plain / each)
            steps = wanted if low < wanted < high else (low + high) // 2
        found.append(steps)
    return found


def _ratio(gradient: Callable[[Any], Any], slowed: Callable[[Any], Any], x: Any) -> float:
    times = interleave([partial(gradient, x), partial(slowed, x)], 0.5, warm=False)
    return float(np.median(times[:, 1] / times[:, 0]))


def _seconds_per_step(backend: str, many: int) -> float:
    """From loops of two lengths after a gradient that does nothing."""

    def nothing(x: Any) -> Any:
        return x

    if describe(backend).library == "numba":
        from numba import njit

        nothing = njit(nothing)
    make, x = _maker(backend), np.ones(1)
    short, long = (make(nothing, steps) for steps in (many, 2 * many))
    times = interleave([partial(short, x), partial(long, x)], 0.5)
    return statistics.median(times[:, 1] - times[:, 0]) / many


def _maker(backend: str) -> Any:
    scope: dict[str, Any] = {}
    exec(_MODULE.format(work="{}"), scope)  # noqa: S102
    return scope["in_numba" if describe(backend).library == "numba" else "in_python"]
