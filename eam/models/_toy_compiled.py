"""The toy's hand-written gradient, compiled by numba."""

from typing import Any

import numpy as np
from numba import njit

from ..problem import Array, Manual


@njit(cache=True)
def value(x: Any) -> Any:
    """f(x), one pass, nothing allocated."""
    rho = 0.0
    for i in range(x.size):
        rho += np.exp(-3.0 * (x[i] + 1.0))
    return rho**2 + rho**3 + 0.25 * rho**4


@njit(cache=True)
def literal_gradient_into(out: Any, x: Any) -> None:
    """The loop as the seed writes it: two exp per element."""
    rho = 0.0
    for i in range(x.size):
        rho += np.exp(-3.0 * (x[i] + 1.0))
    slope = 2.0 * rho + 3.0 * rho**2 + rho**3
    for i in range(x.size):
        out[i] = slope * (-3.0 * np.exp(-3.0 * (x[i] + 1.0)))


@njit(cache=True)
def gradient_into(out: Any, x: Any) -> None:
    """One exp per element, kept in `out` between the two passes."""
    rho = 0.0
    for i in range(x.size):
        out[i] = np.exp(-3.0 * (x[i] + 1.0))
        rho += out[i]
    factor = -3.0 * (2.0 * rho + 3.0 * rho**2 + rho**3)
    for i in range(x.size):
        out[i] *= factor


@njit(cache=True)
def literal_gradient(x: Any) -> Any:
    """The literal loop into a fresh array."""
    out = np.empty_like(x)
    literal_gradient_into(out, x)
    return out


@njit(cache=True)
def gradient(x: Array) -> Array:
    """The gradient in a fresh array."""
    out = np.empty_like(x)
    gradient_into(out, x)
    return out


VARIANTS = {
    "literal": Manual(value, literal_gradient, literal_gradient_into),
    "vectorised": Manual(value, gradient, gradient_into),
}
