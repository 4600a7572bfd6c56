"""The logarithm of a sum of exponentials, with its gradient written by hand in NumPy.

    f    = log sum_i exp(x_i)
    df_i = exp(x_i) / sum_j exp(x_j)

The largest x_i is taken out of the sum, so no exponential overflows. Its derivative cancels: AD
adds 1 to its element, and subtracts the sum of all softmax terms. At N = 10^6 the rounding error of
that is 1.1e-9 of the largest element of the gradient (CasADi and PyTensor; every other element
agrees to 3e-15). That fails the check, so the suite stops at 10^4.

Source: the problem `lse` of GradBench, https://github.com/gradbench/gradbench. x is dimensionless.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..model import Dimensions, Model, one_per_dimension
from ..problem import Array, CompiledEnergy, Manual, Problem

MODEL = Model(
    name="log-sum-exp",
    summary="The logarithm of a sum of exponentials, as in a softmax",
    unit="N",
    shape=one_per_dimension,
    kernels=("literal", "vectorised"),
    has_energy_loop=True,
    dimensions=Dimensions(
        tests=(100,),
        reference=10_000,
        gradients=(10_000,),
        overheads=(100, 10_000),
    ),
)


def exponential(xp: Any, x: Any) -> Any:
    """The term of each element in the sum; it is its own derivative."""
    return xp.exp(x)


def energy(ops: Any, x: Any, data: Mapping[str, Any]) -> Any:
    """f(x) over any library's operations, the one function that AD differentiates."""
    largest = ops.xp.max(x)
    return largest + ops.xp.log(ops.sum_of(exponential, exponential, x - largest))


def value(x: Array) -> float:
    """f(x). x: (N,) float64."""
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


def gradient(x: Array) -> Array:
    """The gradient, which is the softmax of x."""
    out = np.exp(x - np.max(x))
    return out / np.sum(out)


def gradient_into(out: Array, x: Array) -> Array:
    """The gradient written into `out`: no array is allocated."""
    np.subtract(x, np.maximum.reduce(x), out)
    np.exp(out, out)
    return np.divide(out, np.add.reduce(out), out)


@lru_cache
def compiled(variant: str) -> Manual:
    """The numba kernels of the gradient by hand; see :mod:`eam.kernels.log_sum_exp`."""
    from ..kernels import log_sum_exp

    return log_sum_exp.VARIANTS[variant]


def compiled_energy() -> CompiledEnergy:
    """The loop for Enzyme to differentiate."""
    from ..kernels import log_sum_exp

    return log_sum_exp.ENERGY


def problem(dimension: int, seed: int) -> Problem:
    """The function at N = `dimension`, with a normally distributed x0."""
    x0 = np.random.default_rng(seed).standard_normal(dimension)
    x0.flags.writeable = False
    return Problem(
        model=MODEL,
        dimension=dimension,
        x0=x0,
        energy=energy,
        manual=Manual(value, gradient, gradient_into),
        compiled=compiled,
        compiled_energy=compiled_energy,
    )
