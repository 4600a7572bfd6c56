"""The toy's hand-written gradient, compiled by numba: the forum post's loop, and the fastest known.

The fastest loop reads x once. It keeps each exp in `out`, vectorised, and then scales `out` from
its end, which is still in the cache (1.1x faster at N = 10^6). README.md in this folder says which
alternatives were slower.
"""

from functools import partial
from typing import Any

import numpy as np

from ..problem import Array, Call, CompiledEnergy, Manual
from .exp import MIDDLE_LIMIT, exp, exp_middle
from .lowlevel import (
    REORDER,
    array_at,
    entry_point,
    njit,
    only_entry_point,
    prefer_wide_vectors,
    returning,
)


@njit()
def literal_value(x: Any) -> Any:
    """f(x) as the forum post writes it."""
    rho = 0.0
    for i in range(x.size):
        rho += np.exp(-3.0 * (x[i] + 1.0))
    return rho**2 + rho**3 + 0.25 * rho**4


@njit()
def literal_value_of_parameters(theta: Any, x: Any) -> Any:
    """f(x) with other parameters."""
    rho = 0.0
    for i in range(x.size):
        rho += np.exp(-theta[0] * (x[i] + theta[1]))
    return theta[2] * rho**2 + theta[3] * rho**3 + theta[4] * rho**4


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
def gradient_into(out: Any, x: Any) -> Any:
    """Write the gradient into `out`, which holds the exp of each element between the two passes.

    Returns:
        f(x), which costs a few multiplications more.
    """
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
    return rho**2 + rho**3 + 0.25 * rho**4


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


@njit("float64(intp, intp, intp)")
def value_and_gradient_at(out: Any, x: Any, size: Any) -> Any:
    """As :func:`gradient_at`; returns f(x)."""
    return gradient_into(array_at(out, size), array_at(x, size))


@njit(fastmath=REORDER)
def hessian_vector_into(out: Any, x: Any, v: Any) -> None:
    """Write the Hessian at x times v into `out`."""
    rho = along = 0.0
    for i in range(x.size):
        out[i] = exp(-3.0 * (x[i] + 1.0))
        rho += out[i]
        along += out[i] * v[i]
    first = 9.0 * (2.0 * rho + 3.0 * rho**2 + rho**3)
    second = 9.0 * (2.0 + 6.0 * rho + 3.0 * rho**2) * along
    for i in range(x.size):
        out[i] *= first * v[i] + second


@njit(fastmath=REORDER)
def parameter_gradient_into(out: Any, theta: Any, x: Any) -> None:
    """Write df/dtheta into `out`."""
    k, s, c2, c3, c4 = theta
    rho = moment = 0.0
    for i in range(x.size):
        e = exp(-k * (x[i] + s))
        rho += e
        moment += (x[i] + s) * e
    derivative = rho * (2.0 * c2 + rho * (3.0 * c3 + rho * 4.0 * c4))
    out[0], out[1] = -derivative * moment, -k * rho * derivative
    out[2], out[3], out[4] = rho**2, rho**3, rho**4


@njit(fastmath=REORDER)
def force_matching_into(
    out: Any, e: Any, theta: Any, x: Any, forces: Any, energy: Any, weight: Any
) -> Any:
    """Write the derivative of the loss into `out`, and return the loss; `e` is memory for N."""
    k, s, c2, c3, c4 = theta
    rho = moment = 0.0
    for i in range(x.size):
        e[i] = exp(-k * (x[i] + s))
        rho += e[i]
        moment += (x[i] + s) * e[i]
    f = rho * rho * (c2 + rho * (c3 + rho * c4))
    first = rho * (2.0 * c2 + rho * (3.0 * c3 + rho * 4.0 * c4))
    second = 2.0 * c2 + rho * (6.0 * c3 + rho * 12.0 * c4)
    loss = along = moment_along = 0.0
    for i in range(x.size):
        misfit = forces[i] - k * first * e[i]
        loss += misfit * misfit
        along += 2.0 * misfit * e[i]
        moment_along += 2.0 * (x[i] + s) * misfit * e[i]
    scale = 2.0 * weight * (f - energy)
    out[0] = -first * along + k * second * moment * along + k * first * moment_along
    out[0] -= scale * first * moment
    out[1] = k * k * along * (second * rho + first) - scale * k * rho * first
    out[2] = scale * rho**2 - 2.0 * k * rho * along
    out[3] = scale * rho**3 - 3.0 * k * rho**2 * along
    out[4] = scale * rho**4 - 4.0 * k * rho**3 * along
    return loss + weight * (f - energy) ** 2


def _bind_value_and_gradient(x: Array) -> Any:
    out = np.empty_like(x)
    call = partial(only_entry_point(value_and_gradient_at), out.ctypes.data, x.ctypes.data, x.size)

    def run() -> tuple[float, Array]:
        return call(), out

    run.__dict__["arrays"] = x
    return run


def _bind_hessian_vector(x: Array, v: Array) -> Any:
    out = np.empty_like(x)
    arguments = (out, x, v)
    return returning(partial(entry_point(hessian_vector_into, *arguments), *arguments), out)


def _bind_parameter_gradient(theta: Array, x: Array) -> Any:
    arguments = (np.empty_like(theta), theta, x)
    call = partial(entry_point(parameter_gradient_into, *arguments), *arguments)
    return returning(call, arguments[0])


def _bind_force_matching(theta: Array, x: Array, forces: Array, energy: Any, weight: Any) -> Any:
    out, work = np.empty_like(theta), np.empty_like(x)

    def run() -> tuple[float, Array]:
        targets = (forces, float(energy), float(weight))
        return force_matching_into(out, work, theta, x, *targets), out

    return run


CALLS: dict[str, Call] = {
    "value_and_gradient": _bind_value_and_gradient,
    "hessian_vector": _bind_hessian_vector,
    "parameter_gradient": _bind_parameter_gradient,
    "force_matching": _bind_force_matching,
}

VARIANTS = {
    "literal": Manual(literal_value, literal_gradient, literal_gradient_into),
    "vectorised": Manual(value, gradient, gradient_into, bind=bind, calls=CALLS),
}

ENERGY = CompiledEnergy(literal_value, of_parameters=CompiledEnergy(literal_value_of_parameters))
