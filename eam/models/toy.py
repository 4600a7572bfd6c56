"""The toy embedded-atom function f: R^N -> R, with its gradient written by hand in NumPy.

    rho  = sum_i exp(-3 (x_i + 1))
    f    = rho^2 + rho^3 + rho^4 / 4
    df_i = (2 rho + 3 rho^2 + rho^3) (-3) exp(-3 (x_i + 1))

Source: the forum post, 'Zygote performance', Julia Discourse, 2019 (thread 29028). There the
function stands for an embedded-atom model: an embedding function of a sum of densities. x is
dimensionless.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..model import Dimensions, Model, one_per_dimension
from ..problem import Array, CompiledEnergy, Manual, Problem

MODEL = Model(
    name="toy",
    summary="The forum post's function: a sum of exponentials put through a polynomial",
    unit="N",
    shape=one_per_dimension,
    kernels=("literal", "vectorised"),
    has_energy_loop=True,
    dimensions=Dimensions(
        tests=(1, 3, 100),
        reference=100,
        gradients=(1, 3, 10, 100, 1_000, 10_000, 100_000, 1_000_000),
        values=(1, 100, 10_000, 1_000_000),
        # the small dimensions are those where forward mode may pay
        overheads=(1, 10, 100, 10_000, 1_000_000),
        allocations=(100, 1_000_000),
        peaks=(1_000_000,),
    ),
)

_ONE, _MINUS_THREE = np.array(1.0), np.array(-3.0)


def density(xp: Any, x: Any) -> Any:
    """The density that each element contributes."""
    return xp.exp(-3.0 * (x + 1.0))


def density_derivative(xp: Any, x: Any) -> Any:
    """The derivative of :func:`density`, as the forum post writes it."""
    return -3.0 * density(xp, x)


def embedding(rho: Any) -> Any:
    """The embedding function."""
    return rho**2 + rho**3 + 0.25 * rho**4


def embedding_derivative(rho: Any) -> Any:
    """The derivative of :func:`embedding`."""
    return 2.0 * rho + 3.0 * rho**2 + rho**3


def energy(ops: Any, x: Any, data: Mapping[str, Any]) -> Any:
    """f(x) over any library's operations, the one function that AD differentiates."""
    return embedding(ops.sum_of(density, density_derivative, x))


def value(x: Array) -> float:
    """f(x) as the forum post writes it. x: (N,) float64."""
    return embedding(np.sum(density(np, x)))


def gradient(x: Array) -> Array:
    """The gradient as the forum post writes it: allocating, with two exp per element."""
    rho = np.sum(density(np, x))
    return embedding_derivative(rho) * density_derivative(np, x)


def gradient_into(out: Array, x: Array) -> Array:
    """The gradient written into `out`: one exp per element, no array allocated.

    At N = 100 all of the time is call overhead, 0.34 of that of :func:`gradient`. Three things
    save it: `out` is passed by position, since NumPy parses keywords; the constants are arrays
    already; the sum becomes a Python float, since arithmetic on NumPy's scalars is slow. Names
    bound in the signature would gain another tenth, and so would a dot product with ones for the
    sum.
    """
    np.add(x, _ONE, out)
    np.multiply(out, _MINUS_THREE, out)
    np.exp(out, out)
    rho = float(np.add.reduce(out))
    return np.multiply(out, -3.0 * (2.0 * rho + 3.0 * rho * rho + rho * rho * rho), out)


def hessian_vector(x: Array, v: Array) -> Array:
    """The Hessian at `x` times `v`, both (N,).

    With F the embedding function and g the density of an element, H v = F' g'' v + F'' (g' . v) g'.
    """
    g = density(np, x)
    rho = np.sum(g)
    second_derivative = 2.0 + 6.0 * rho + 3.0 * rho**2
    return 9.0 * g * (embedding_derivative(rho) * v + second_derivative * np.dot(g, v))


@lru_cache
def compiled(variant: str) -> Manual:
    """The numba kernels of the hand-written gradient; see :mod:`eam.kernels.toy`."""
    from ..kernels import toy

    return toy.VARIANTS[variant]


def compiled_energy() -> CompiledEnergy:
    """The forum post's loop, for Enzyme to differentiate."""
    from ..kernels import toy

    return toy.ENERGY


def problem(dimension: int, seed: int) -> Problem:
    """The toy at N = `dimension`, with x0 uniform in [0, 1) as in the forum post."""
    x0 = np.random.default_rng(seed).random(dimension)
    x0.flags.writeable = False
    return Problem(
        model=MODEL,
        dimension=dimension,
        x0=x0,
        energy=energy,
        manual=Manual(value, gradient, gradient_into, hessian_vector),
        compiled=compiled,
        compiled_energy=compiled_energy,
    )
