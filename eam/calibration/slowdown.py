"""Extra work after each gradient: a sum, or in compiled code a chain of multiplications.

`eam.calibration.extra_work` copies this file into the eam that it slows down, so it imports nothing
of eam.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

WORK = "slowdown.json"
"""The file beside this one that says how much: {"backend N": steps}."""

Gradient = Callable[..., Any]


def slowed(prepare: Callable[..., Any]) -> Callable[..., Any]:
    """`prepare` of eam.backends, but the gradients of what it prepares do extra work."""
    work: Mapping[str, int] = json.loads(Path(__file__).with_name(WORK).read_text())

    def prepare_slowed(problem: Any, name: str) -> Any:
        prepared = prepare(problem, name)
        steps = work.get(f"{name} {problem.dimension}")
        if steps is not None:
            make, native = maker(name, problem), prepared.native
            changed = {"gradient": make(native.gradient, steps)}
            if native.gradient_into is not None and make is in_python:
                changed["gradient_into"] = in_python(native.gradient_into, steps)
            if native.bind is not None and make is in_python:
                changed["bind"] = lambda out, x: in_python(native.bind(out, x), steps)
            prepared.native = replace(native, **changed)
        return prepared

    return prepare_slowed


def maker(name: str, problem: Any) -> Callable[[Gradient, int], Gradient]:
    """Which of the two kinds of work a backend is given.

    For the toy in numba a call of Python alone would be more than 5 % of a gradient.
    """
    is_short = name.startswith("numba") and not problem.model.has_pairs
    return in_numba if is_short else in_python


def in_python(gradient: Gradient, steps: int) -> Gradient:
    """The gradient, and then a sum in a loop of the interpreter's C code."""
    zeros, add = bytes(steps), sum  # a name of this function is faster than a built-in one

    def call(*arguments: Any) -> Any:
        result = gradient(*arguments)
        add(zeros)
        return result

    return call


def in_numba(gradient: Gradient, steps: int) -> Gradient:
    """The gradient, and then multiplications, compiled together."""
    from numba import njit

    @njit
    def call(x: Any) -> Any:
        out = gradient(x)
        # begins with the result, or the processor would do both at the same time
        y = 0.5 + 1e-300 * out[0]
        for _ in range(steps):
            y = 0.999 * y + 0.001
        out[0] += 1e-300 * y
        return out

    return call
