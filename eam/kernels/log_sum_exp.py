"""The gradient of log-sum-exp by hand, compiled by numba: as one would write it, and vectorised."""

from typing import Any

import numpy as np

from ..problem import CompiledEnergy, Manual
from .exp import MIDDLE_LIMIT, exp, exp_middle
from .lowlevel import REORDER, njit, prefer_wide_vectors


@njit()
def largest_of(x: Any) -> Any:
    """The largest element."""
    largest = x[0]
    for i in range(1, x.size):
        largest = max(largest, x[i])
    return largest


@njit()
def literal_value(x: Any) -> Any:
    """f(x) as one would write it."""
    largest = largest_of(x)
    total = 0.0
    for i in range(x.size):
        total += np.exp(x[i] - largest)
    return largest + np.log(total)


@njit()
def literal_gradient_into(out: Any, x: Any) -> None:
    """The gradient as one would write it."""
    largest = largest_of(x)
    total = 0.0
    for i in range(x.size):
        out[i] = np.exp(x[i] - largest)
        total += out[i]
    for i in range(x.size):
        out[i] /= total


@njit()
def literal_gradient(x: Any) -> Any:
    """The same, in a new array."""
    out = np.empty_like(x)
    literal_gradient_into(out, x)
    return out


@njit(fastmath=REORDER)
def value(x: Any) -> Any:
    """f(x) without allocating."""
    prefer_wide_vectors()
    largest = largest_of(x)
    total = 0.0
    outside = 0
    for i in range(x.size):
        term, flag = exp_middle(x[i] - largest)
        total += term
        outside |= flag
    if outside < 0 or outside > MIDDLE_LIMIT:
        total = 0.0
        for i in range(x.size):
            total += exp(x[i] - largest)
    return largest + np.log(total)


@njit(fastmath=REORDER)
def gradient_into(out: Any, x: Any) -> None:
    """Write the gradient into `out`, which holds the exp of each element between the passes."""
    prefer_wide_vectors()
    largest = largest_of(x)
    total = 0.0
    outside = 0
    for i in range(x.size):
        out[i], flag = exp_middle(x[i] - largest)
        total += out[i]
        outside |= flag
    if outside < 0 or outside > MIDDLE_LIMIT:
        total = 0.0
        for i in range(x.size):
            out[i] = exp(x[i] - largest)
            total += out[i]
    factor = 1.0 / total
    for i in range(x.size - 1, -1, -1):
        out[i] *= factor


@njit()
def gradient(x: Any) -> Any:
    """The gradient in a new array."""
    out = np.empty_like(x)
    gradient_into(out, x)
    return out


VARIANTS = {
    "literal": Manual(literal_value, literal_gradient, literal_gradient_into),
    "vectorised": Manual(value, gradient, gradient_into),
}

ENERGY = CompiledEnergy(literal_value)
