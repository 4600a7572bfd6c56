"""The toy's hand-written gradient, compiled by numba: the forum post's loop, and the fastest known.

The fastest loop reads x once. It keeps each exp in `out`, vectorised, and then scales `out` from
its end, which is still in the cache (1.1x faster at N = 10^6). README.md in this folder says which
alternatives were slower.
"""

from functools import partial
from typing import Any

import numpy as np

from ..problem import Array, CompiledEnergy, Manual
from .exp import MIDDLE_LIMIT, exp, exp_middle
from .lowlevel import REORDER, array_at, njit, only_entry_point, prefer_wide_vectors


@njit()
def literal_value(x: Any) -> Any:
    """f(x) as the forum post writes it."""
    rho = 0.0
    for i in range(x.size):
        rho += np.exp(-3.0 * (x[i] + 1.0))
    return rho**2 + rho**3 + 0.25 * rho**4


@njit()
def literal_gradient_into(out: Any, x: Any) -> None:
    """The loop as the forum post writes it, with two exp per element."""
    rho = 0.0
    for i in range(x.size):
        rho += np.exp(-3.0 * (x[i] + 1.0))
    derivative = 2.0 * rho + 3.0 * rho**2 + rho**3
    for i in range(x.size):
        out[i] = derivative * (-3.0 * np.exp(-3.0 * (x[i] + 1.0)))


@njit()
def literal_gradient(x: Any) -> Any:
    """The gradient by the literal loop, in a new array."""
    out = np.empty_like(x)
    literal_gradient_into(out, x)
    return out


@njit(fastmath=REORDER)
def value(x: Any) -> Any:
    """f(x) in one pass, without allocating."""
    prefer_wide_vectors()
    rho = 0.0
    outside = 0
    for i in range(x.size):
        density, flag = exp_middle(-3.0 * (x[i] + 1.0))
        rho += density
        outside |= flag
    if outside < 0 or outside > MIDDLE_LIMIT:
        rho = 0.0
        for i in range(x.size):
            rho += exp(-3.0 * (x[i] + 1.0))
    return rho**2 + rho**3 + 0.25 * rho**4


@njit(fastmath=REORDER)
def gradient_into(out: Any, x: Any) -> None:
    """Write the gradient into `out`, which holds the exp of each element between the two passes."""
    prefer_wide_vectors()
    rho = 0.0
    outside = 0
    for i in range(x.size):
        out[i], flag = exp_middle(-3.0 * (x[i] + 1.0))
        rho += out[i]
        outside |= flag
    if outside < 0 or outside > MIDDLE_LIMIT:
        rho = 0.0
        for i in range(x.size):
            out[i] = exp(-3.0 * (x[i] + 1.0))
            rho += out[i]
    factor = -3.0 * (2.0 * rho + 3.0 * rho**2 + rho**3)
    for i in range(x.size - 1, -1, -1):
        out[i] *= factor


@njit()
def gradient(x: Any) -> Any:
    """The gradient in a new array."""
    out = np.empty_like(x)
    gradient_into(out, x)
    return out


@njit("void(intp, intp, intp)")
def gradient_at(out: Any, x: Any, size: Any) -> None:
    """Write the gradient at the `size` numbers at address `x` to address `out`."""
    gradient_into(array_at(out, size), array_at(x, size))


def bind(out: Array, x: Array) -> Any:
    """A call without arguments that writes the gradient at `x` into `out` and keeps both alive.

    numba spends 90 ns and two allocations on unpacking two arrays, and as much again on choosing
    the machine code by their types. The call passes three integers to the only machine code there
    is, which takes 50 ns.
    """
    call = partial(only_entry_point(gradient_at), out.ctypes.data, x.ctypes.data, x.size)
    call.__dict__["arrays"] = out, x
    return call


VARIANTS = {
    "literal": Manual(literal_value, literal_gradient, literal_gradient_into),
    "vectorised": Manual(value, gradient, gradient_into, bind=bind),
}

ENERGY = CompiledEnergy(literal_value)
