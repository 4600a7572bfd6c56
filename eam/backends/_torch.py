"""PyTorch on the CPU in float64: eager reverse mode, custom Functions, torch.compile.

These are the backends that a user would write first. :mod:`eam.backends._torch_aot` lists the
other variants that were tried, and has the fastest.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ..compiler import find_compiler
from ..errors import CompilerError, NotOfferedError
from ..ops import Ops
from ..private import private
from ..problem import Array, Problem
from ._torch_ops import CustomOps, StockOps
from .protocol import Native, constants


def asarray(x: Array) -> Any:
    """A tensor with memory of its own."""
    return torch.from_numpy(np.array(x))


def borrow(x: Array) -> Any:
    """A tensor in the memory of a NumPy array, if torch can work there."""
    # NumPy counts one element as contiguous whatever its stride; torch wants no negative one
    fits = x.flags.writeable and min(x.strides, default=0) >= 0
    return torch.from_numpy(x) if fits else asarray(x)


def _leaf(x: Array) -> Any:
    return asarray(x).requires_grad_()


def _borrowed_leaf(x: Array) -> Any:
    return borrow(x).requires_grad_()


def energy_of(problem: Problem, ops: Ops) -> Any:
    """``energy(x)``, with the problem's constant arrays as tensors."""
    data = constants(problem, torch.from_numpy)
    return lambda x: problem.energy(ops, x, data)


def _eager(energy: Any) -> Native:
    @torch.inference_mode()
    def value(x: Any) -> Any:
        return energy(x)

    def gradient(x: Any) -> Any:
        return torch.autograd.grad(energy(x), x)[0]

    def hessian_vector(x: Any, v: Any) -> Any:
        (first,) = torch.autograd.grad(energy(x), x, create_graph=True)
        return torch.autograd.grad(first, x, v.detach())[0]

    return Native(
        value, gradient, asarray=_leaf, borrow=_borrowed_leaf, hessian_vector=hessian_vector
    )


def reverse(problem: Problem) -> Native:
    """torch.autograd.grad of the energy as it is."""
    return _eager(energy_of(problem, StockOps()))


def custom(problem: Problem) -> Native:
    """torch.autograd.grad with a custom adjoint for the inner sum or gather."""
    return _eager(energy_of(problem, CustomOps()))


def whole(problem: Problem) -> Native:
    """The whole function as one Function, with the hand-written gradient as its rule."""
    manual = problem.manual

    class Energy(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.tensor(manual.value(x.numpy()), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, *adjoints: Any) -> Any:
            (x,) = ctx.saved_tensors
            return adjoints[0] * torch.from_numpy(manual.gradient(x.detach().numpy()))

    return replace(_eager(Energy.apply), hessian_vector=None)


def in_place(problem: Problem) -> Native:
    """backward() into a .grad that is allocated once."""
    energy = energy_of(problem, StockOps())
    out = torch.zeros(problem.x0.shape, dtype=torch.float64)

    def gradient(x: Any) -> Any:
        x.grad = out.zero_()
        energy(x).backward()
        return out

    return replace(_eager(energy), gradient=gradient, reuses_output=True)


def compiled(problem: Problem) -> Native:
    """torch.compile of torch.func.grad, as one graph."""
    try:
        find_compiler("C++")
    except CompilerError as error:
        raise NotOfferedError(f"torch-compile: {error}") from error
    _lift_recompile_limits()
    energy = energy_of(problem, StockOps())
    options: dict[str, Any] = {"fullgraph": True, "dynamic": False}
    value = torch.compile(energy, **options)
    gradient = torch.compile(torch.func.grad(energy), **options)
    x = asarray(problem.x0)
    value(x)
    gradient(x)
    return Native(value, gradient, asarray=asarray, borrow=borrow)


def _lift_recompile_limits() -> None:
    """Lift the limits on compilations of the same code: all problems of one model share their code.

    The import is here because it takes as long as torch's own, and only torch-compile needs it.
    """
    config = private("torch._dynamo", "config")
    for limit in ("recompile_limit", "accumulated_recompile_limit"):
        private(config, limit)
        setattr(config, limit, 10_000)


def forward(problem: Problem) -> Native:
    """torch.func.jacfwd: one pass for each element of x, all vectorised into one."""
    energy = energy_of(problem, StockOps())
    return Native(_eager(energy).value, torch.func.jacfwd(energy), asarray=asarray, borrow=borrow)
