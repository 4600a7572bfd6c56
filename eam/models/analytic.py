"""Potentials given by formulas, one element each.

:mod:`eam.atoms.potential` explains the notation.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownNameError
from ..problem import PerAtom, PerPair


class Formulas(Protocol):
    """A module with the functions of a potential over an array namespace `xp`, or over scalars.

    `p` is the named tuple of the element's parameters. The functions of r are zero from the cutoff
    on.
    """

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

    def radial(self, ops: Any, r: Any, types_ij: Any, data: Any) -> tuple[Any, Any]:
        """rho and phi."""
        return self.formulas.radial(ops.xp, r, self.parameters)

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
        return self.formulas.embedding(ops.xp, rho_i, self.parameters)

    def embedding_derivative(self, rho_i: PerAtom, types: Any) -> PerAtom:
        """F'."""
        return self.formulas.embedding_derivative(np, rho_i, self.parameters)

    def embedding_second_derivative(self, rho_i: PerAtom, types: Any) -> PerAtom:
        """F''."""
        return self.formulas.embedding_second_derivative(np, rho_i, self.parameters)


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
