"""autograd: reverse mode by tracing NumPy calls."""

from typing import Any

import autograd
from autograd.extend import defvjp, primitive

from ..ops import Ops
from ..problem import Problem
from ._autograd_ops import CustomOps, StockOps
from .protocol import Native

# autograd makes these names at run time, out of sight of a type checker
grad: Any = autograd.grad
make_hvp: Any = autograd.make_hvp


def _native(problem: Problem, ops: Ops) -> Native:
    def energy(x: Any) -> Any:
        return problem.energy(ops, x, problem.data)

    return Native(energy, grad(energy), hessian_vector=lambda x, v: make_hvp(energy)(x)[0](v))


def reverse(problem: Problem) -> Native:
    """The energy as it stands."""
    return _native(problem, StockOps())


def custom(problem: Problem) -> Native:
    """The energy with a custom adjoint for its inner sum or gather."""
    return _native(problem, CustomOps())


def whole(problem: Problem) -> Native:
    """The whole function as one primitive with the hand-written gradient as its rule."""
    manual = problem.manual
    energy = primitive(manual.value)
    defvjp(energy, lambda result, x: lambda adjoint: adjoint * manual.gradient(x))
    return Native(energy, grad(energy))
