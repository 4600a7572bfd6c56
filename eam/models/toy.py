"""The toy embedded-atom function f: R^N -> R, with its gradient written by hand in NumPy.

    rho  = sum_i exp(-3 (x_i + 1))
    f    = rho^2 + rho^3 + rho^4 / 4
    df_i = (2 rho + 3 rho^2 + rho^3) (-3) exp(-3 (x_i + 1))

Source: the forum post, 'Zygote performance', Julia Discourse, 2019 (thread 29028). There the
function stands for an embedded-atom model: an embedding function of a sum of densities. x is
dimensionless.

With parameters theta = (k, s, c2, c3, c4); the post has (3, 1, 1, 1, 1/4):

    rho  = sum_i exp(-k (x_i + s))
    f    = c2 rho^2 + c3 rho^3 + c4 rho^4
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..model import Dimensions, Model, one_per_dimension
from ..parameters import Parameters
from ..problem import Array, CompiledEnergy, Manual, Problem
from ..quantities import as_call, with_parameters

QUANTITIES = ("value_and_gradient", "hessian_vector", "parameter_gradient", "force_matching")
MODEL = Model(
    name="toy",
    summary="The forum post's function: a sum of exponentials put through a polynomial",
    unit="N",
    shape=one_per_dimension,
    kernels=("literal", "vectorised"),
    quantities=QUANTITIES,
    compiled_quantities=QUANTITIES,
    has_energy_loop=True,
    dimensions=Dimensions(
        tests=(1, 3, 100),
        reference=100,
        gradients=(1, 3, 10, 100, 1_000, 10_000, 100_000, 1_000_000),
        values=(100, 1_000_000),
        # the small dimensions are those where forward mode may pay
        overheads=(1, 10, 100, 10_000, 1_000_000),
        allocations=(100, 1_000_000),
        peaks=(1_000_000,),
        quantities=(100, 10_000),
    ),
)

PARAMETERS = Parameters(
    ("k", "s", "c2", "c3", "c4"), (3.0, 1.0, 1.0, 1.0, 0.25), positive=frozenset({"k"})
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


def _energy(ops: Any, x: Any, data: Mapping[str, Any]) -> Any:
    """f(x) over any library's operations, the one function that AD differentiates."""
    return embedding(ops.sum_of(density, density_derivative, x))


def _fitted(ops: Any, x: Any, theta: Any) -> Any:
    """f(x) with other parameters."""
    k, s, c2, c3, c4 = (theta[n] for n in range(len(PARAMETERS.names)))
    rho = ops.xp.sum(ops.xp.exp(-k * (x + s)))
    return c2 * rho**2 + c3 * rho**3 + c4 * rho**4


energy = with_parameters(_energy, _fitted)


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


def value_and_gradient(x: Array) -> tuple[float, Array]:
    """f(x) and its gradient, of one pass: one exp for each element."""
    e = density(np, x)
    rho = np.sum(e)
    return float(embedding(rho)), -3.0 * embedding_derivative(rho) * e


def parameter_gradient(theta: Array, x: Array) -> Array:
    """df/dtheta, (5,)."""
    k, s, *c = theta.tolist()
    e = np.exp(-k * (x + s))
    rho = float(np.sum(e))
    f_prime = _polynomial(c, rho)[1]
    return np.array([-f_prime * np.dot(x + s, e), -k * rho * f_prime, rho**2, rho**3, rho**4])


def force_matching(
    theta: Array, x: Array, forces: Array, energy: float, weight: float
) -> tuple[float, Array]:
    """The loss sum |F - forces|^2 + weight (f - energy)^2, and its derivative by theta, (5,)."""
    k, s, *c = theta.tolist()
    e = np.exp(-k * (x + s))
    rho = float(np.sum(e))
    f, f_prime, f_second = _polynomial(c, rho)
    misfit = forces - k * f_prime * e
    energy_misfit = float(f - energy)
    # the gradient along u, the derivative of the loss by the gradient, is -k f_prime sum_i u_i e_i
    along = float(2.0 * np.dot(misfit, e))
    moment, moment_along = np.dot(x + s, e), 2.0 * np.dot((x + s) * misfit, e)
    scale = 2.0 * weight * energy_misfit
    by_k = -f_prime * along + k * f_second * moment * along + k * f_prime * moment_along
    by_s = k * k * along * (f_second * rho + f_prime)
    by_theta = [
        by_k - scale * f_prime * moment,
        by_s - scale * k * rho * f_prime,
        *(scale * rho**n - k * n * rho ** (n - 1) * along for n in (2, 3, 4)),
    ]
    return float(np.dot(misfit, misfit)) + float(weight) * energy_misfit**2, np.array(by_theta)


def _polynomial(c: Sequence[float], rho: float) -> tuple[float, float, float]:
    """c2 rho^2 + c3 rho^3 + c4 rho^4, and its first two derivatives."""
    c2, c3, c4 = c
    return (
        rho**2 * (c2 + rho * (c3 + rho * c4)),
        rho * (2.0 * c2 + rho * (3.0 * c3 + rho * 4.0 * c4)),
        2.0 * c2 + rho * (6.0 * c3 + rho * 12.0 * c4),
    )


@lru_cache
def compiled(variant: str) -> Manual:
    """The numba kernels of the hand-written gradient; see :mod:`eam.kernels.toy`."""
    from ..kernels import toy

    return toy.VARIANTS[variant]


def compiled_energy() -> CompiledEnergy:
    """The forum post's loop, for Enzyme to differentiate."""
    from ..kernels import toy

    return toy.ENERGY


CALLS = {
    function.__name__: as_call(function)
    for function in (value_and_gradient, hessian_vector, parameter_gradient, force_matching)
}


def problem(dimension: int, seed: int) -> Problem:
    """The toy at N = `dimension`, with x0 uniform in [0, 1) as in the forum post."""
    x0 = np.random.default_rng(seed).random(dimension)
    x0.flags.writeable = False
    return Problem(
        model=MODEL,
        dimension=dimension,
        x0=x0,
        energy=energy,
        manual=Manual(value, gradient, gradient_into, calls=CALLS),
        compiled=compiled,
        compiled_energy=compiled_energy,
        parameters=PARAMETERS,
    )
