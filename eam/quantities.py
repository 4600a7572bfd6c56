"""Quantities: what a simulation, an optimiser or a fit asks of an energy.

A quantity is a function of a few arrays, such as positions and parameters. It is written by hand
in NumPy, which is the reference of every check, and in the backends by AD or by hand. The records
here say how a quantity is checked and timed; which backend offers it for which model is the
question that :meth:`eam.backends.Backend.refusal` answers. docs/explanation/quantities.md derives
the formulas by hand.

A fit changes the parameters theta of an energy. E(theta, x) is then the energy, and F its forces,
minus the gradient by x.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import numpy as np

from .errors import UnknownNameError
from .problem import Array, Call, Problem

GRADIENT = "gradient"
FIRST_ORDER = ("value_and_gradient", "virial")
PARAMETRIC = ("parameter_gradient", "force_matching")  # they need a model with parameters
WEIGHT = 0.1  # of the energy in the force matching that is checked and timed


@dataclass(frozen=True)
class Quantity:
    """A quantity that one call computes.

    Attributes:
        name: as :func:`quantity_names` lists it.
        summary: a phrase with the arguments and the results.
        inputs: ``inputs(problem, x)``, the arguments with which it is checked and timed, NumPy
            arrays, at the input x of the problem.
        tolerance: by which a result may differ from the reference, relative to its largest element.
    """

    name: str
    summary: str
    inputs: Callable[[Problem, Array], tuple[Array, ...]]
    tolerance: float = 1e-10

    def reference(self, problem: Problem) -> Callable[..., Any]:
        """The quantity by hand in NumPy, as a function of its arguments."""
        if self.name == GRADIENT:
            return problem.manual.gradient
        call = problem.manual.calls[self.name]
        return lambda *inputs: call(*inputs)()


def as_call(function: Callable[..., Any]) -> Call:
    """A function as :class:`eam.problem.Manual` lists it: bound to its arguments, then called."""
    return partial(partial, function)


def results_of(returned: Any) -> Sequence[Any]:
    """The results of a quantity: a call returns one, or several in a tuple or list."""
    return returned if isinstance(returned, tuple | list) else (returned,)


def with_parameters(plain: Callable[..., Any], fitted: Callable[..., Any]) -> Callable[..., Any]:
    """``energy(ops, x, data)``: `fitted` with ``data["theta"]`` where it is there, else `plain`."""

    @wraps(plain)
    def energy(ops: Any, x: Any, data: Mapping[str, Any]) -> Any:
        return fitted(ops, x, data["theta"]) if "theta" in data else plain(ops, x, data)

    return energy


def _x(problem: Problem, x: Array) -> tuple[Array, ...]:
    return (x,)


def _x_and_direction(problem: Problem, x: Array) -> tuple[Array, ...]:
    return x, np.random.default_rng(1).standard_normal(x.shape)


def _parameters(problem: Problem, x: Array) -> tuple[Array, ...]:
    assert problem.parameters is not None  # or the registry would have refused
    return problem.parameters.theta, x


def _targets(problem: Problem, x: Array) -> tuple[Array, ...]:
    """Parameters, positions, and the forces and energy that a fit is to reproduce.

    The forces are off by some tenth of theirs, and the energy by a hundredth, as in a fit.
    """
    theta, x = _parameters(problem, x)
    gradient = problem.manual.gradient(x)
    noise = np.random.default_rng(2).standard_normal(x.shape) * np.abs(gradient).max()
    energy = 1.01 * problem.manual.value(x)
    return theta, x, 0.1 * noise - gradient, np.array(energy), np.array(WEIGHT)


_ALL = (
    Quantity(GRADIENT, "gradient(x): dE/dx", _x),
    Quantity("value_and_gradient", "value_and_gradient(x): E and dE/dx, of one call", _x),
    Quantity("virial", "virial(x): dE/dx and dE/d(strain), (3, 3), of one call", _x),
    Quantity("hessian_vector", "hessian_vector(x, v): the Hessian times v", _x_and_direction, 1e-8),
    Quantity("parameter_gradient", "parameter_gradient(theta, x): dE/dtheta", _parameters),
    Quantity(
        "force_matching",
        "force_matching(theta, x, forces, energy, weight): the loss "
        "sum |F - forces|^2 + weight (E - energy)^2, and its derivative by theta",
        _targets,
        1e-8,
    ),
)
QUANTITIES = {quantity.name: quantity for quantity in _ALL}


def quantity_names() -> tuple[str, ...]:
    """Names of all quantities, in a fixed order; the gradient is the first."""
    return tuple(QUANTITIES)


def quantity(name: str) -> Quantity:
    """The record of a quantity; UnknownNameError lists the valid names."""
    if name not in QUANTITIES:
        raise UnknownNameError("quantity", name, QUANTITIES)
    return QUANTITIES[name]
