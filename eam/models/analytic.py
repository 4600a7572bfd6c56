"""Potentials given by formulas, one element each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownNameError
from ..problem import Array


class Formulas(Protocol):
    """A module with the functions of a potential over an array namespace `xp`, or over scalars.

    `p` is the named tuple of the element's parameters. Distances beyond the cutoff give zeros.
    """

    def radial(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any]:
        """phi, V."""
        ...

    def radial_slopes(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any, Any, Any]:
        """phi, V, phi', V'."""
        ...

    def radial_curvatures(self, xp: Any, r: Any, p: Any) -> tuple[Any, Any]:
        """phi'', V''."""
        ...

    def embedding(self, xp: Any, rho: Any, p: Any) -> Any:
        """F."""
        ...

    def embedding_slope(self, xp: Any, rho: Any, p: Any) -> Any:
        """F'."""
        ...

    def embedding_curvature(self, xp: Any, rho: Any, p: Any) -> Any:
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
        """None: a formula holds for every density."""
        return math.inf

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """Nothing: formulas look nothing up."""
        return {}

    def radial(self, ops: Any, r: Any, kinds: Any, data: Any) -> tuple[Any, Any]:
        """phi, V."""
        return self.formulas.radial(ops.xp, r, self.parameters)

    def radial_slopes(self, r: Array, kinds: Any) -> tuple[Array, Array, Array, Array]:
        """phi, V, phi', V'."""
        return self.formulas.radial_slopes(np, r, self.parameters)

    def radial_curvatures(self, r: Array, kinds: Any) -> tuple[Array, Array]:
        """phi'', V''."""
        return self.formulas.radial_curvatures(np, r, self.parameters)

    def embedding(self, ops: Any, rho: Any, types: Any, data: Any) -> Any:
        """F."""
        return self.formulas.embedding(ops.xp, rho, self.parameters)

    def embedding_slope(self, rho: Array, types: Any) -> Array:
        """F'."""
        return self.formulas.embedding_slope(np, rho, self.parameters)

    def embedding_curvature(self, rho: Array, types: Any) -> Array:
        """F''."""
        return self.formulas.embedding_curvature(np, rho, self.parameters)


def parameters_of(element: str, table: Mapping[str, Any], form: str) -> Any:
    """The row of `element`; UnknownNameError lists the elements that the form was published for."""
    if element not in table:
        raise UnknownNameError(f"element of {form}", element, table)
    return table[element]


def guarded_root(xp: Any, rho: Any) -> Any:
    """sqrt(rho), and 0 with slope 0 where rho <= 0: an isolated atom has no infinite force.

    The inner `where` keeps the infinite slope out of an AD's chain rule, where it would give NaN.
    """
    inside = rho > 0.0
    return xp.where(inside, xp.sqrt(xp.where(inside, rho, 1.0)), 0.0)


def guarded_inverse_root(xp: Any, rho: Any) -> Any:
    """1 / sqrt(rho), and 0 where rho <= 0."""
    inside = rho > 0.0
    return xp.where(inside, 1.0 / xp.sqrt(xp.where(inside, rho, 1.0)), 0.0)


def power(u: Any, n: int) -> Any:
    """u to a whole power by squaring: a general power costs ten times as much."""
    result = u if n & 1 else 1.0
    n >>= 1
    while n:
        u = u * u
        if n & 1:
            result = u * result
        n >>= 1
    return result
