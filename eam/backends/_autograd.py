"""autograd: reverse mode by tracing NumPy calls."""

from typing import Any

import autograd
import autograd.numpy
from autograd.extend import defvjp, primitive

from ..problem import Problem
from ._protocol import Native, Ops

# autograd makes these names at run time, out of sight of a type checker
anp: Any = autograd.numpy
grad: Any = autograd.grad
make_hvp: Any = autograd.make_hvp


@primitive
def _sum_of(x: Any, function: Any, derivative: Any) -> Any:
    return anp.sum(function(anp, x))


defvjp(
    _sum_of,
    lambda result, x, function, derivative: lambda adjoint: adjoint * derivative(anp, x),
)


class CustomOps(Ops):
    """The seed's hack: a hand-written adjoint for the inner sum."""

    def sum_of(self, function: Any, derivative: Any, x: Any) -> Any:
        """sum_i function(x_i), one node on the tape."""
        return _sum_of(x, function, derivative)


def _native(problem: Problem, ops: Ops) -> Native:
    def energy(x: Any) -> Any:
        return problem.energy(ops, x, problem.data)

    return Native(energy, grad(energy), hessian_vector=lambda x, v: make_hvp(energy)(x)[0](v))


def reverse(problem: Problem) -> Native:
    """The energy as it stands."""
    return _native(problem, Ops(anp))


def custom(problem: Problem) -> Native:
    """The energy with a custom adjoint for its inner sum."""
    return _native(problem, CustomOps(anp))


def whole(problem: Problem) -> Native:
    """The whole function as one primitive with the hand-written gradient as its rule."""
    manual = problem.manual
    energy = primitive(manual.value)
    defvjp(energy, lambda result, x: lambda adjoint: adjoint * manual.gradient(x))
    return Native(energy, grad(energy))
