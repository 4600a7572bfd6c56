"""autograd: reverse mode by tracing NumPy calls."""

from typing import Any

import autograd
import numpy as np
from autograd.extend import defvjp, primitive

from ..ops import Ops
from ..problem import Problem
from ..quantities import as_call
from ._autograd_ops import CustomOps, StockOps
from ._derivatives import functions, with_data
from .protocol import Native

# autograd makes these names at run time, where a type checker does not see them
grad: Any = autograd.grad
make_hvp: Any = autograd.make_hvp
value_and_grad: Any = autograd.value_and_grad


def _native(problem: Problem, ops: Ops) -> Native:
    def energy(x: Any) -> Any:
        return problem.energy(ops, x, problem.data)

    made = functions(problem, ops, _Differentiation(), np.eye(3))
    calls = {name: as_call(with_data(function, problem.data)) for name, function in made.items()}
    return Native(energy, grad(energy), calls=calls)


class _Differentiation:
    """autograd.value_and_grad, again and again."""

    def value_and_gradient(
        self, function: Any, arguments: tuple[int, ...], again: bool = False
    ) -> Any:
        return value_and_grad(function, arguments)

    def hessian_vector(self, function: Any) -> Any:
        return lambda x, v, *others: make_hvp(function)(x, *others)[0](v)


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
