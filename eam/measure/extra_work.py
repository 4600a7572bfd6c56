"""Versions of eam that are slower by a known amount of real work, to test what finds slowdowns.

The extra work is done after each gradient: exponentials in a Python loop, or for numba inside the
compiled code, where a call from Python alone would be more than the 5 % looked for.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..backends import describe, prepare
from ..models import problem as make_problem
from .child import serve
from .timing import interleave

# Put beside the backends of the slow version. WORK: {"backend N": loop length}.
_MODULE = '''\
"""Extra work after each gradient."""

from dataclasses import replace
from itertools import repeat
from math import exp

WORK = {work}


def slowed(native, backend, dimension):
    count = WORK.get(f"{{backend}} {{dimension}}")
    if count is None:
        return native
    make = in_numba if backend.startswith("numba") else in_python
    return replace(native, gradient=make(native.gradient, count))


def in_python(gradient, count):
    def call(x):
        result = gradient(x)
        for y in repeat(0.5, count):
            exp(y)
        return result

    return call


def in_numba(gradient, count):
    from numba import njit

    @njit
    def call(x):
        out = gradient(x)
        # begins with the result, or the processor would do it at the same time
        y = 0.5 + 1e-300 * out[0]
        for _ in range(count):
            y = exp(y - 1.0)
        out[0] += 1e-300 * y
        return out

    return call
'''
_RETURN = "return Prepared(problem, name, native)"
_SLOWED = """from ._extra import slowed

    return Prepared(problem, name, slowed(native, name, problem.dimension))"""


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
    backends: list[str], dimensions: list[int], fractions: list[float]
) -> dict[str, list[int]]:
    """How long the loops must be to slow each gradient by the fractions, measured here.

    Returns:
        {"backend N": [loop length for each fraction]}. At least 1, so a fraction that is less
        than the cost of the wrapper is exceeded.
    """
    scope: dict[str, Any] = {}
    exec(_MODULE.format(work="{}"), scope)  # noqa: S102
    lengths: dict[str, list[int]] = {}
    for backend in backends:
        for dimension in dimensions:
            ready = prepare(make_problem("toy", dimension), backend)
            x = ready.native.asarray(ready.problem.x0)
            make = scope["in_numba" if describe(backend).library == "numba" else "in_python"]
            gradient = ready.native.gradient
            lengths[f"{backend} {dimension}"] = _lengths(make, gradient, x, fractions)
    return lengths


def _lengths(make: Any, gradient: Any, x: Any, fractions: list[float]) -> list[int]:
    def seconds(*functions: Callable[[Any], Any]) -> Any:
        calls = [lambda f=f: f(x) for f in functions]
        return np.quantile(interleave(calls, 0.3 * len(calls)), 0.05, axis=0)

    (plain,) = seconds(gradient)
    # long enough to be twice the gradient, or the slope drowns in noise
    many = max(100, int(plain / 20e-9))
    one, long = seconds(make(gradient, 1), make(gradient, many))
    each = (long - one) / (many - 1)
    return [max(1, round((f * plain - _wrapper_seconds(make, seconds)) / each)) for f in fractions]


def _wrapper_seconds(make: Any, seconds: Any) -> float:
    """What the wrapper costs without its loop: a call from Python; within compiled code nothing."""
    if make.__name__ == "in_numba":
        return 0.0

    def nothing(x: Any) -> None:
        pass

    bare, wrapped = seconds(nothing, make(nothing, 0))
    return float(wrapped - bare)


if __name__ == "__main__":
    serve(calibrate_work)
