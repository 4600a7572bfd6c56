"""Potentials given by formulas, one element each.

:mod:`eam.atoms.potential` explains the notation.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownNameError
from ..parameters import Parameters
from ..problem import PerAtom, PerPair


class Formulas(Protocol):
    """A module with the functions of a potential over an array namespace `xp`, or over scalars.

    `p` is the named tuple of the element's parameters. The functions of r are zero from the cutoff
    on. numba compiles them as they are (:mod:`eam.kernels.formulas`).

    Attributes:
        FITTED: the names of the parameters theta that a fit may change.
        POSITIVE: those of them that have to be positive.
    """

    FITTED: tuple[str, ...]
    POSITIVE: frozenset[str]

    def radial(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any]:
        """rho and phi."""
        ...

    def radial_derivatives(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any, Any, Any]:
        """rho, phi, rho' and phi'."""
        ...

    def radial_second_derivatives(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any]:
        """rho'' and phi''."""
        ...

    def embedding(self, xp: Any, rho_i: Any, p: Any) -> Any:
        """F."""
        ...

    def embedding_derivative(self, xp: Any, rho_i: Any, p: Any) -> Any:
        """F'."""
        ...

    def embedding_second_derivative(self, xp: Any, rho_i: Any, p: Any) -> Any:
        """F''."""
        ...

    def radial_by_parameters(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any, Any, Any]:
        """The derivatives of rho, phi, rho' and phi' by theta, each a tuple."""
        ...

    def embedding_by_parameters(self, xp: Any, rho_i: Any, p: Any) -> tuple[Any, Any]:
        """The derivatives of F and F' by theta, each a tuple."""
        ...


@dataclass(frozen=True, eq=False)
class Analytic:
    """A :class:`eam.atoms.potential.Potential` of one element, given by formulas.

    Attributes:
        element: its symbol.
        structure: "fcc" or "bcc", the crystal that the parameters were fitted to.
        lattice_constant: of that crystal, angstrom.
        cutoff: angstrom.
        parameters: named tuple of the element's parameters.
        formulas: the module with the functions.
    """

    element: str
    structure: str
    lattice_constant: float
    cutoff: float
    parameters: Any
    formulas: Formulas

    def __getstate__(self) -> dict[str, Any]:
        """For copies and other processes: a module cannot be pickled, so its name is."""
        formulas: Any = self.formulas
        return vars(self) | {"formulas": formulas.__name__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, formulas=import_module(state["formulas"]))

    @property
    def elements(self) -> tuple[str, ...]:
        """The one symbol."""
        return (self.element,)

    @property
    def density_limit(self) -> float:
        """Infinite: a formula holds for every density."""
        return math.inf

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """Empty: formulas look nothing up."""
        return {}

    @property
    def fitted(self) -> Parameters:
        """The parameters that a fit may change."""
        names, positive = self.formulas.FITTED, self.formulas.POSITIVE
        return Parameters(names, tuple(getattr(self.parameters, n) for n in names), positive)

    def with_theta(self, theta: Any) -> "Analytic":
        """The potential with other parameters, in the order of `fitted`."""
        return replace(self, parameters=self._given({"theta": theta}))

    def _given(self, data: Mapping[str, Any]) -> Any:
        """The parameters, with those of ``data["theta"]`` in their place if they are there."""
        if "theta" not in data:
            return self.parameters
        theta = data["theta"]
        given = {name: theta[k] for k, name in enumerate(self.formulas.FITTED)}
        return self.parameters._replace(**given)

    def radial(self, ops: Any, r: Any, types_ij: Any, data: Any) -> tuple[Any, Any]:
        """rho and phi."""
        return self.formulas.radial(ops.xp, r, self._given(data))

    def radial_derivatives(
        self, r: PerPair, types_ij: Any
    ) -> tuple[PerPair, PerPair, PerPair, PerPair]:
        """rho, phi, rho' and phi'."""
        return self.formulas.radial_derivatives(np, r, self.parameters)

    def radial_second_derivatives(self, r: PerPair, types_ij: Any) -> tuple[PerPair, PerPair]:
        """rho'' and phi''."""
        return self.formulas.radial_second_derivatives(np, r, self.parameters)

    def embedding(self, ops: Any, rho_i: Any, types: Any, data: Any) -> Any:
        """F."""
        return self.formulas.embedding(ops.xp, rho_i, self._given(data))

    def embedding_derivative(self, rho_i: PerAtom, types: Any) -> PerAtom:
        """F'."""
        return self.formulas.embedding_derivative(np, rho_i, self.parameters)

    def embedding_second_derivative(self, rho_i: PerAtom, types: Any) -> PerAtom:
        """F''."""
        return self.formulas.embedding_second_derivative(np, rho_i, self.parameters)

    def radial_by_parameters(self, r: PerPair) -> tuple[Any, Any, Any, Any]:
        """The derivatives of rho, phi, rho' and phi' by theta, a tuple of (n_pairs,) each."""
        return self.formulas.radial_by_parameters(np, r, self.parameters)

    def embedding_by_parameters(self, rho_i: PerAtom) -> tuple[Any, Any]:
        """The derivatives of F and F' by theta, a tuple of (n_atoms,) each."""
        return self.formulas.embedding_by_parameters(np, rho_i, self.parameters)


def parameters_of(element: str, table: Mapping[str, Any], form: str) -> Any:
    """The row of `element`; UnknownNameError lists the elements that the form was published for."""
    if element not in table:
        raise UnknownNameError(f"element of {form}", element, table)
    return table[element]


def guarded_root(xp: Any, rho_i: Any) -> Any:
    """sqrt(rho_i), and 0 with derivative 0 where rho_i <= 0: no infinite force on a lone atom.

    The inner `where` keeps the infinite derivative out of AD's chain rule, where it would give NaN.
    """
    inside = rho_i > 0.0
    return xp.where(inside, xp.sqrt(xp.where(inside, rho_i, 1.0)), 0.0)


def guarded_inverse_root(xp: Any, rho_i: Any) -> Any:
    """1 / sqrt(rho_i), and 0 where rho_i <= 0."""
    inside = rho_i > 0.0
    return xp.where(inside, 1.0 / xp.sqrt(xp.where(inside, rho_i, 1.0)), 0.0)


def power(u: Any, n: int) -> Any:
    """u to the power of a whole number by squaring: a general power costs ten times as much."""
    result = u if n & 1 else 1.0
    n >>= 1
    while n:
        u = u * u
        if n & 1:
            result = u * result
        n >>= 1
    return result
