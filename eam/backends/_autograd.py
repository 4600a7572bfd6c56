"""autograd: reverse mode by tracing NumPy calls."""

from typing import Any

import autograd
from autograd.extend import defvjp, primitive

from ..ops import Ops
from ..problem import Problem
from ._autograd_ops import CustomOps, StockOps
from .protocol import Native

# autograd makes these names at run time, where a type checker does not see them
grad: Any = autograd.grad
make_hvp: Any = autograd.make_hvp


def _native(problem: Problem, ops: Ops) -> Native:
    def energy(x: Any) -> Any:
        return problem.energy(ops, x, problem.data)

    return Native(energy, grad(energy), hessian_vector=lambda x, v: make_hvp(energy)(x)[0](v))


def reverse(problem: Problem) -> Native:
    """Reverse mode on the energy as it is."""
    return _native(problem, StockOps())


def custom(problem: Problem) -> Native:
    """Reverse mode with a custom adjoint for the inner sum or gather of the energy."""
    return _native(problem, CustomOps())


def whole(problem: Problem) -> Native:
    """The whole function as one primitive with the hand-written gradient as its rule."""
    manual = problem.manual
    energy = primitive(manual.value)
    defvjp(energy, lambda result, x: lambda adjoint: adjoint * manual.gradient(x))
    return Native(energy, grad(energy))
