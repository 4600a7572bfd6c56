"""Versions of eam that are slower by a known amount of real work, to test what finds slowdowns.

The extra work follows each gradient (:mod:`eam.calibration.slowdown`); one step of it takes some
nanoseconds. This module measures how many steps make a gradient slower by how much.
"""

import json
import shutil
import statistics
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..backends import Prepared, prepare
from ..gate.side_by_side import LARGE
from ..measure.serve import Say
from ..measure.timing import interleave
from ..models import problem as make_problem
from . import slowdown

# Added at the end of eam.backends in the version that is slowed down.
_ADDED = """
from .slowdown import slowed

prepare = slowed(prepare)
"""

# The first guess leaves out what the wrapper costs; each adjustment measures what is missing.
ADJUSTMENTS = 6


def slow_down(tree: Path, work: Mapping[str, int]) -> None:
    """Edit the eam below `tree` to make its gradients do `work` more, by "backend N"."""
    backends = tree / "eam" / "backends"
    source = Path(slowdown.__file__)
    shutil.copyfile(source, backends / source.name)
    (backends / slowdown.WORK).write_text(json.dumps(work))
    registry = backends / "__init__.py"
    registry.write_text(registry.read_text() + _ADDED)


def calibrate_work(
    say: Say, model: str, backends: list[str], dimensions: list[int], fractions: list[float]
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
            ready = prepare(make_problem(model, dimension), backend)
            found[f"{backend} {dimension}"] = _steps(ready, fractions)
    return found


def _steps(ready: Prepared, fractions: list[float]) -> list[int]:
    make = slowdown.maker(ready.backend, ready.problem)
    plain = float(np.median(interleave([ready.hot_gradient()], 0.5)))
    each = _seconds_per_step(make, max(1000, int(plain / 5e-9)))
    guesses = [max(1, round(fraction * plain / each)) for fraction in fractions]
    if ready.problem.x0.size > LARGE:
        return guesses  # all but exact there, and better than the noise of a ratio
    gradient = ready.native.gradient
    x = ready.native.asarray(ready.problem.x0)
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


def _seconds_per_step(make: Callable[..., Any], many: int) -> float:
    """From loops of two lengths after a gradient that does nothing."""

    def nothing(x: Any) -> Any:
        return x

    if make is slowdown.in_numba:
        from numba import njit

        nothing = njit(nothing)
    x = np.ones(1)
    short, long = (make(nothing, steps) for steps in (many, 2 * many))
    times = interleave([partial(short, x), partial(long, x)], 0.5)
    return statistics.median(times[:, 1] - times[:, 0]) / many
