"""Checking what the reader wrote by hand beyond the gradient, against energy and gradient."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import FunctionFileError
from ..own.differences import furthest_off
from ..own.source import read
from ..problem import Array, Problem
from ..quantities import quantity, results_of

_STEP = float(np.finfo(float).eps) ** (1 / 3)
TOLERANCE = 1e-6  # of the largest element; central differences give no more


def check_quantity(problem: Problem, name: str) -> None:
    """Compare a quantity by hand with the energy and the gradient by hand, at x0.

    Args:
        problem: of the reader's own function, whose gradient is right.
        name: of a quantity that its model has.

    Raises:
        FunctionFileError: a result is wrong, or is no float64 of the right shape.
    """
    source = read(problem.model.source)
    if name not in source.functions:  # put together of energy and gradient
        return
    inputs = quantity(name).inputs(problem, problem.x0)
    found = results_of(source.call(name, *inputs))
    wanted = results_of(_derived(problem, name)(*inputs))
    if fault := _fault(name, found, wanted):
        raise FunctionFileError(source.path, source.line_of(name), fault)


def _derived(problem: Problem, name: str) -> Callable[..., Any]:
    """A quantity from the energy and the gradient."""
    manual = problem.manual

    def hessian_vector(x: Array, v: Array) -> Array:
        size = float(np.sqrt(np.mean(x * x))) or 1.0
        h = _STEP * size / float(np.max(np.abs(v)))
        return (manual.gradient(x + h * v) - manual.gradient(x - h * v)) / (2.0 * h)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        return manual.value(x), manual.gradient(x)

    return {"hessian_vector": hessian_vector, "value_and_gradient": value_and_gradient}[name]


def _fault(name: str, found: Sequence[Any], wanted: Sequence[Any]) -> str:
    if len(found) != len(wanted):
        return f"{name} has to return {len(wanted)} results, and returns {len(found)}"
    for given, right in zip(map(np.asarray, found), map(np.asarray, wanted), strict=True):
        if given.dtype != np.float64 or given.shape != right.shape:
            return (
                f"{name} has to give float64 of shape {right.shape}, and gives {given.dtype} of "
                f"shape {given.shape}"
            )
        if wrong := furthest_off(given, right, TOLERANCE * (float(np.max(np.abs(right))) or 1.0)):
            return (
                f"{name} is wrong: {wrong.place or 'the value'} is {wrong.found:.6g} and should be "
                f"{wrong.wanted:.6g} (checked against energy and gradient)"
            )
    return ""
