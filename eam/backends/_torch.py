"""PyTorch on the CPU in float64: eager reverse mode, custom Functions, torch.compile.

These are the backends that a user would write first. :mod:`eam.backends._torch_aot` lists the
other variants that were tried, and has the fastest.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ..compiler import find_compiler
from ..errors import CompilerError, NotOfferedError
from ..ops import Ops
from ..private import private
from ..problem import Array, Call, Problem
from ..quantities import as_call
from ._derivatives import functions, with_data
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


def _eager(energy: Any, calls: Mapping[str, Call] | None = None) -> Native:
    @torch.inference_mode()
    def value(x: Any) -> Any:
        return energy(x)

    def gradient(x: Any) -> Any:
        return torch.autograd.grad(energy(x), x)[0]

    return Native(value, gradient, asarray=_leaf, borrow=_borrowed_leaf, calls=calls or {})


class _Differentiation:
    """torch.autograd.grad, which records what it does if that is differentiated again."""

    def value_and_gradient(
        self, function: Any, arguments: tuple[int, ...], again: bool = False
    ) -> Any:
        def both(*given: Any) -> Any:
            value = function(*given)
            wanted = [given[k] for k in arguments]
            gradients = torch.autograd.grad(value, wanted, create_graph=again)
            return value if again else value.detach(), gradients

        return both

    def hessian_vector(self, function: Any) -> Any:
        def product(x: Any, v: Any, *others: Any) -> Any:
            (first,) = torch.autograd.grad(function(x, *others), x, create_graph=True)
            return torch.autograd.grad(first, x, v.detach())[0]

        return product


def _calls(problem: Problem, ops: Ops) -> dict[str, Call]:
    data = constants(problem, torch.from_numpy)
    made = functions(problem, ops, _Differentiation(), _leaf(np.eye(3)))
    return {name: as_call(with_data(function, data)) for name, function in made.items()}


def reverse(problem: Problem) -> Native:
    """torch.autograd.grad of the energy as it is."""
    return _eager(energy_of(problem, StockOps()), _calls(problem, StockOps()))


def custom(problem: Problem) -> Native:
    """torch.autograd.grad with a custom adjoint for the inner sum or gather."""
    return _eager(energy_of(problem, CustomOps()), _calls(problem, CustomOps()))


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

    return _eager(Energy.apply)


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
    data = constants(problem, torch.from_numpy)
    made = functions(problem, StockOps(), _Functional(), torch.eye(3, dtype=torch.float64))
    calls = {name: _compiled(with_data(function, data), options) for name, function in made.items()}
    return Native(value, gradient, asarray=asarray, borrow=borrow, calls=calls)


def _compiled(function: Any, options: dict[str, Any]) -> Call:
    return as_call(torch.compile(function, **options))


class _Functional:
    """torch.func.grad_and_value, and reverse over reverse mode for the Hessian."""

    def value_and_gradient(
        self, function: Any, arguments: tuple[int, ...], again: bool = False
    ) -> Any:
        both = torch.func.grad_and_value(function, arguments)

        def swapped(*given: Any) -> Any:
            gradients, value = both(*given)
            return value, gradients

        return swapped

    def hessian_vector(self, function: Any) -> Any:
        def along(x: Any, v: Any, *others: Any) -> Any:
            return torch.sum(torch.func.grad(function)(x, *others) * v)

        return torch.func.grad(along)


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
