"""JAX: jitted gradients in float64; each call waits for its result.

Dispatch dominates small calls: jit of x + 1 takes 0.9 of the gradient's time at N = 100. These
variants were tried to shorten it; the numbers are ratios to `jax` on one core:

- ahead-of-time ``lower().compile()``: 1.05, since its call takes a slower path through Python;
- donated buffers: 1.0, and 1.05 ahead of time; they save memory only;
- XLA's fast-math option: 1.0;
- without block_until_ready: 0.9, but the next call may then pay for the work;
- results as NumPy arrays: 1.1;
- **synchronous dispatch** (`jax-sync`): 1.0 up to N between 100 and 200, where XLA considers a
  computation cheap and runs it at once, and 0.45 just above, where `jax` hands the computation to
  another thread.
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
from ..problem import Call, Problem
from ..quantities import as_call
from ._derivatives import functions
from ._jax_ops import BlockedOps, CustomOps, DenseOps, StockOps
from .protocol import Native, constants

jax.config.update("jax_enable_x64", True)


def _as_it_is(x: Any) -> Any:
    """A NumPy array: a jitted function takes it as well, in a fifth of the time of jnp.asarray."""
    return x


def _native(
    problem: Problem,
    ops: Ops,
    transform: Any,
    asarray: Callable[[Any], Any] = jnp.asarray,
    borrow: Callable[[Any], Any] = _as_it_is,
) -> Native:
    data, energy_of = constants(problem, asarray), problem.energy

    def energy(x: Any, data: Any) -> Any:
        return energy_of(ops, x, data)

    value, gradient = (jax.jit(f) for f in (energy, transform(energy)))
    others = functions(problem, ops, _Differentiation(), np.eye(3))
    return Native(
        lambda x: value(x, data).block_until_ready(),
        lambda x: gradient(x, data).block_until_ready(),
        asarray=asarray,
        borrow=borrow,
        calls={name: _call(jax.jit(function), data) for name, function in others.items()},
    )


def _call(function: Any, data: Any) -> Call:
    def run(*inputs: Any) -> Any:
        result = function(*inputs, data)
        for array in result if isinstance(result, tuple) else (result,):
            array.block_until_ready()
        return result

    return as_call(run)


class _Differentiation:
    """jax.value_and_grad, and forward over reverse mode for the Hessian."""

    def value_and_gradient(
        self, function: Any, arguments: tuple[int, ...], again: bool = False
    ) -> Any:
        return jax.value_and_grad(function, arguments)

    def hessian_vector(self, function: Any) -> Any:
        def product(x: Any, v: Any, *others: Any) -> Any:
            return jax.jvp(lambda x: jax.grad(function)(x, *others), (x,), (v,))[1]

        return product


def reverse(problem: Problem) -> Native:
    """jit(grad(energy))."""
    return _native(problem, StockOps(), jax.grad)


def custom(problem: Problem) -> Native:
    """jit(grad(energy)) with custom adjoints."""
    return _native(problem, CustomOps(), jax.grad)


def blocked(problem: Problem) -> Native:
    """jit(grad(energy)) over blocks of pairs, each computed again in the backward pass."""
    data = BlockedOps.blocks(problem)
    return _native(replace(problem, data=data), BlockedOps(), jax.grad)


def dense(problem: Problem) -> Native:
    """jit(grad(energy)) over a dense table of neighbours: twice the pairs, and no segment sum."""
    k, data = DenseOps.table(problem)
    return _native(replace(problem, data=data), DenseOps(k), jax.grad)


def synchronous(problem: Problem) -> Native:
    """jit(grad(energy)) computed before the call returns, in the calling thread.

    In a program of one's own, ``jax.config.update("jax_cpu_enable_async_dispatch", False)`` before
    anything else does this for the whole process. The other JAX backends in this process must keep
    the default, so this one has a second CPU client, which JAX offers only internally.

    Raises:
        PrivateNameError: this version of JAX makes no second CPU client.
    """
    asarray = partial(jax.device_put, device=_inline_device())
    return _native(problem, StockOps(), jax.grad, asarray, asarray)


@lru_cache
def _inline_device() -> Any:
    make_client = private("jax._src.lib", "xla_client.make_cpu_client")
    try:
        client = make_client(asynchronous=False)
    except TypeError as error:
        raise PrivateNameError("jax", "argument `asynchronous` of make_cpu_client") from error
    return private(client, "local_devices")()[0]


def forward(problem: Problem) -> Native:
    """jit(jacfwd(energy)): one pass for each element of x, all vectorised into one."""
    return _native(problem, StockOps(), jax.jacfwd)


def donated(problem: Problem) -> Native:
    """jit(grad(energy)) into a donated buffer: each result takes the memory of the last one."""
    naive = reverse(problem)
    data = constants(problem, jnp.asarray)
    gradient = jax.grad(lambda x, data: problem.energy(StockOps(), x, data))
    step = jax.jit(lambda out, x, data: gradient(x, data), donate_argnums=0, keep_unused=True)
    buffer = jnp.asarray(np.zeros_like(problem.x0))

    def donating(x: Any) -> Any:
        nonlocal buffer
        buffer = step(buffer, x, data).block_until_ready()
        return buffer

    return Native(naive.value, donating, asarray=jnp.asarray, borrow=_as_it_is, reuses_output=True)
