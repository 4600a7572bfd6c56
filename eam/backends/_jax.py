"""JAX: jitted gradients in float64, each call waiting for its result."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..ops import Ops
from ..problem import Problem
from ._jax_ops import CustomOps, StockOps
from ._protocol import Native, constants

jax.config.update("jax_enable_x64", True)


def _native(problem: Problem, ops: Ops, transform: Any) -> Native:
    data = constants(problem, jnp.asarray)

    def energy(x: Any, data: Any) -> Any:
        return problem.energy(ops, x, data)

    def hessian_vector(x: Any, v: Any, data: Any) -> Any:
        return jax.jvp(lambda x: jax.grad(energy)(x, data), (x,), (v,))[1]

    value, gradient, second = (jax.jit(f) for f in (energy, transform(energy), hessian_vector))
    return Native(
        lambda x: value(x, data).block_until_ready(),
        lambda x: gradient(x, data).block_until_ready(),
        asarray=jnp.asarray,
        hessian_vector=lambda x, v: second(x, v, data).block_until_ready(),
    )


def reverse(problem: Problem) -> Native:
    """jit(grad(energy))."""
    return _native(problem, StockOps(), jax.grad)


def custom(problem: Problem) -> Native:
    """The same with custom adjoints, which rules out forward over reverse."""
    return replace(_native(problem, CustomOps(), jax.grad), hessian_vector=None)


def forward(problem: Problem) -> Native:
    """jit(jacfwd(energy)): one pass per element of x, all vectorised into one."""
    return _native(problem, StockOps(), jax.jacfwd)


def donated(problem: Problem) -> Native:
    """jit(grad(energy)) into a donated buffer: each result takes the memory of the one before."""
    naive = reverse(problem)
    data = constants(problem, jnp.asarray)
    gradient = jax.grad(lambda x, data: problem.energy(StockOps(), x, data))
    step = jax.jit(lambda out, x, data: gradient(x, data), donate_argnums=0, keep_unused=True)
    buffer = jnp.asarray(np.zeros_like(problem.x0))

    def donating(x: Any) -> Any:
        nonlocal buffer
        buffer = step(buffer, x, data).block_until_ready()
        return buffer

    return Native(naive.value, donating, asarray=jnp.asarray, reuses_output=True)
