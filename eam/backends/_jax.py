"""JAX: jitted gradients in float64, each call waiting for its result.

Tried to bring the call nearer to its dispatch floor (jit of x + 1, 0.9 of the gradient at N = 100),
as a ratio to the naive row on one core: ahead-of-time ``lower().compile()`` 1.05, since its call
takes a slower path through Python; donated buffers 1.0, and together 1.05, gaining memory only;
XLA's fast-math option 1.0; leaving out block_until_ready 0.9, but then the work may be charged to
the next call; NumPy results 1.1. **Synchronous dispatch** (`jax-sync`) is 1.0 where XLA calls a
computation cheap and runs it at once, up to N between 100 and 200, and 0.45 just above, where the
naive row hands it to another thread.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..errors import PrivateNameError
from ..ops import Ops
from ..private import private
from ..problem import Problem
from ._jax_ops import BlockedOps, CustomOps, DenseOps, StockOps
from .protocol import Native, constants

jax.config.update("jax_enable_x64", True)


def _native(
    problem: Problem, ops: Ops, transform: Any, asarray: Callable[[Any], Any] = jnp.asarray
) -> Native:
    data, energy_of = constants(problem, asarray), problem.energy

    def energy(x: Any, data: Any) -> Any:
        return energy_of(ops, x, data)

    def hessian_vector(x: Any, v: Any, data: Any) -> Any:
        return jax.jvp(lambda x: jax.grad(energy)(x, data), (x,), (v,))[1]

    value, gradient, second = (jax.jit(f) for f in (energy, transform(energy), hessian_vector))
    return Native(
        lambda x: value(x, data).block_until_ready(),
        lambda x: gradient(x, data).block_until_ready(),
        asarray=asarray,
        hessian_vector=lambda x, v: second(x, v, data).block_until_ready(),
    )


def reverse(problem: Problem) -> Native:
    """jit(grad(energy))."""
    return _native(problem, StockOps(), jax.grad)


def custom(problem: Problem) -> Native:
    """The same with custom adjoints, which rules out forward over reverse."""
    return replace(_native(problem, CustomOps(), jax.grad), hessian_vector=None)


def blocked(problem: Problem) -> Native:
    """The same with the pairs of atoms in blocks, each computed again in the backward pass."""
    data = BlockedOps.blocks(problem.data)
    return _native(replace(problem, data=data), BlockedOps(), jax.grad)


def dense(problem: Problem) -> Native:
    """The same over a dense table of neighbours: twice the pairs, and no segment sum."""
    k, data = DenseOps.table(problem.data, problem.dimension)
    return _native(replace(problem, data=data), DenseOps(k), jax.grad)


def synchronous(problem: Problem) -> Native:
    """jit(grad(energy)) computed before the call returns, in the calling thread.

    In a program of one's own this is ``jax.config.update("jax_cpu_enable_async_dispatch", False)``
    before anything else. That holds for a whole process, and the naive rows are to stay as they
    are; so here a second CPU client has it, which JAX offers internally only.
    """
    return _native(problem, StockOps(), jax.grad, partial(jax.device_put, device=_inline_device()))


@lru_cache
def _inline_device() -> Any:
    make_client = private("jax._src.lib", "xla_client.make_cpu_client")
    try:
        client = make_client(asynchronous=False)
    except TypeError as error:
        raise PrivateNameError("jax", "argument `asynchronous` of make_cpu_client") from error
    return private(client, "local_devices")()[0]


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
