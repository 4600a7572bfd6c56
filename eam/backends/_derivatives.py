"""The quantities by AD, written once over what every library has: a gradient that can be repeated.

A library brings a :class:`Differentiation`. The functions here put the energy, its parameters and
its strain together, as a user of the library would.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..problem import Problem

Function = Callable[..., Any]


class Differentiation(Protocol):
    """How a library differentiates ``function(*arguments) -> scalar``."""

    def value_and_gradient(
        self, function: Function, arguments: tuple[int, ...], again: bool = False
    ) -> Function:
        """A function that returns the value and a tuple of the derivatives by some arguments.

        Args:
            function: of a scalar.
            arguments: by which to differentiate.
            again: whether the result is differentiated once more.
        """
        ...

    def hessian_vector(self, function: Function) -> Function:
        """``product(x, v, *others)``, the Hessian of ``function(x, *others)`` by x, times v."""
        ...


def functions(
    problem: Problem, ops: Any, library: Differentiation, undeformed: Any
) -> dict[str, Function]:
    """The quantities that the model has, each as ``function(*inputs, data)``.

    Args:
        problem: whose energy is differentiated.
        ops: the operations of the library.
        library: how it differentiates.
        undeformed: the identity, (3, 3), in an array of the library that can be differentiated by.
    """

    def energy(x: Any, data: Mapping[str, Any]) -> Any:
        return problem.energy(ops, x, data)

    def deformed(x: Any, deformation: Any, data: Mapping[str, Any]) -> Any:
        return energy(x @ deformation, {**data, "shift": data["shift"] @ deformation})

    def fitted(theta: Any, x: Any, data: Mapping[str, Any]) -> Any:
        return energy(x, {**data, "theta": theta})

    matched = library.value_and_gradient(fitted, (1,), again=True)

    def loss(
        theta: Any, x: Any, forces: Any, reference: Any, weight: Any, data: Mapping[str, Any]
    ) -> Any:
        value, (gradient,) = matched(theta, x, data)
        misfit = gradient + forces
        return ops.xp.sum(misfit * misfit) + weight * (value - reference) ** 2

    with_gradient = library.value_and_gradient(energy, (0,))
    by_both = library.value_and_gradient(deformed, (0, 1))
    by_theta = library.value_and_gradient(fitted, (0,))
    loss_by_theta = library.value_and_gradient(loss, (0,))

    def value_and_gradient(x: Any, data: Any) -> Any:
        value, (gradient,) = with_gradient(x, data)
        return value, gradient

    def force_matching(*arguments: Any) -> Any:
        value, (gradient,) = loss_by_theta(*arguments)
        return value, gradient

    made: dict[str, Function] = {
        "value_and_gradient": value_and_gradient,
        "virial": lambda x, data: by_both(x, undeformed, data)[1],
        "hessian_vector": library.hessian_vector(energy),
        "parameter_gradient": lambda theta, x, data: by_theta(theta, x, data)[1][0],
        "force_matching": force_matching,
    }
    return {name: made[name] for name in problem.model.quantities}


def with_data(function: Function, data: Mapping[str, Any]) -> Function:
    """``function(*inputs)``, with the constant arrays of the problem in its last argument."""
    return lambda *inputs: function(*inputs, data)
