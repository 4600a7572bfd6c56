"""The interface of an embedded-atom potential, and the notation of this package.

    E = sum_i F(rho_i) + sum_(pairs ij) phi(r_ij),    rho_i = sum_(j of i) rho(r_ij)

This is the notation of Daw and Baskes (Phys. Rev. B 29, 6443 (1984)), of setfl files and of ASE:

- r_ij is the distance between atom i and its neighbour j, in angstrom;
- phi(r) is the pair potential, in eV; each pair counts once;
- rho(r) is the density function: the density that a neighbour at distance r contributes;
- rho_i is the density at atom i;
- F(rho_i) is the embedding function, in eV.

Densities have a unit of the potential's own. In an alloy, phi_ij and rho_ij depend on the types of
both atoms. rho_ij is the density at i that comes from j, which may differ from rho_ji, the density
at j that comes from i. `types_ij` numbers the two types of a pair:
``types_ij = types[i] * n_elements + types[j]``.

In the code, ``rho_prime`` and ``rho_second`` are the derivatives rho'(r) and rho''(r), and
``d_rho`` is rho'(r) / r, the factor of the pair's vector in a gradient; likewise for phi.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from ..problem import PerAtom, PerPair

Types = Any  # integers, one for each atom or pair, or None for a potential of one element


class Potential(Protocol):
    """An embedded-atom potential of one or more elements.

    `radial` and `embedding` are written over the operations of any library
    (:class:`eam.ops.Ops`), so AD can differentiate them; their `data` holds `constants` as
    arrays of that library. The derivatives are for gradients written by hand, on NumPy arrays. The
    functions of r are zero from the cutoff on.
    """

    @property
    def elements(self) -> tuple[str, ...]:
        """The symbols; an atom's type is an index into them."""
        ...

    @property
    def cutoff(self) -> float:
        """The distance from which on two atoms do not interact, angstrom."""
        ...

    @property
    def density_limit(self) -> float:
        """The largest density that F is defined for; beyond it F is an extrapolation."""
        ...

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """The arrays, by name, in which `radial` and `embedding` look values up."""
        ...

    def radial(self, ops: Any, r: Any, types_ij: Types, data: Mapping[str, Any]) -> tuple[Any, Any]:
        """rho(r) and phi(r), both (n_pairs,)."""
        ...

    def radial_derivatives(
        self, r: PerPair, types_ij: Types
    ) -> tuple[PerPair, PerPair, PerPair, PerPair]:
        """rho, phi, rho' and phi'."""
        ...

    def radial_second_derivatives(self, r: PerPair, types_ij: Types) -> tuple[PerPair, PerPair]:
        """rho'' and phi''."""
        ...

    def embedding(self, ops: Any, rho_i: Any, types: Types, data: Mapping[str, Any]) -> Any:
        """F(rho_i), (n_atoms,)."""
        ...

    def embedding_derivative(self, rho_i: PerAtom, types: Types) -> PerAtom:
        """F'(rho_i); 0 at rho_i = 0 if the derivative is infinite there."""
        ...

    def embedding_second_derivative(self, rho_i: PerAtom, types: Types) -> PerAtom:
        """F''(rho_i); 0 at rho_i = 0 if the derivative is infinite there."""
        ...
