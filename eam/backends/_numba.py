"""numba: the hand-written gradient as a compiled loop, as the model defines it."""

import numpy as np

from ..problem import Array, Manual, Problem
from ._protocol import Native


def _asarray(x: Array) -> Array:
    """Contiguous and writeable, so that one compiled signature serves every x."""
    return np.require(x, np.float64, ["C", "W"])


def _warmed(problem: Problem, variant: str) -> Manual:
    manual = problem.compiled(variant)
    x = _asarray(problem.x0)
    manual.value(x)
    manual.gradient_into(manual.gradient(x), x)
    return manual


def allocating(problem: Problem) -> Native:
    """The vectorised kernel, into a new array."""
    manual = _warmed(problem, "vectorised")
    return Native(
        manual.value, manual.gradient, asarray=_asarray, hessian_vector=manual.hessian_vector
    )


def in_place(problem: Problem) -> Native:
    """The vectorised kernel, into the caller's array."""
    manual = _warmed(problem, "vectorised")
    return Native(
        manual.value,
        manual.gradient,
        gradient_into=manual.gradient_into,
        hessian_vector=manual.hessian_vector,
        asarray=_asarray,
    )
