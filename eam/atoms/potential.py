"""What a potential is to everything else: its functions of distance and of density.

    E = sum_(pairs) V(r) + sum_i F(rho_i),    rho_i = sum_(j of i) phi(r_ij)

V counts a pair once, phi is the density that one atom of a pair finds at its place. In an alloy
both depend on the kind of the pair, ``types[here] * n_elements + types[there]``, and phi need not
be the same from here to there as back.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from ..problem import Array

Kinds = Any  # (n,) integers, or None where there is one element


class Potential(Protocol):
    """An embedded-atom potential. Distances in angstrom, energies in eV, densities in its own unit.

    `radial` and `embedding` are written over the operations of any library
    (:class:`eam.backends.Ops`), so that AD can differentiate them; `data` holds `constants` as
    that library's arrays. The others are for gradients by hand, on NumPy arrays. All functions of
    distance are zero from the cutoff on.
    """

    @property
    def elements(self) -> tuple[str, ...]:
        """Symbols, in the order that types count them."""
        ...

    @property
    def cutoff(self) -> float:
        """Pairs farther apart than this, in angstrom, do not interact."""
        ...

    @property
    def density_limit(self) -> float:
        """The largest density that F was given for; beyond it F is an extrapolation."""
        ...

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """The arrays that `radial` and `embedding` look up, by name."""
        ...

    def radial(self, ops: Any, r: Any, kinds: Kinds, data: Mapping[str, Any]) -> tuple[Any, Any]:
        """phi and V at distances r, both of the shape of r."""
        ...

    def radial_slopes(self, r: Array, kinds: Kinds) -> tuple[Array, Array, Array, Array]:
        """phi, V, phi', V'."""
        ...

    def radial_curvatures(self, r: Array, kinds: Kinds) -> tuple[Array, Array]:
        """phi'', V''."""
        ...

    def embedding(self, ops: Any, rho: Any, types: Any, data: Mapping[str, Any]) -> Any:
        """F at densities rho, one for each atom."""
        ...

    def embedding_slope(self, rho: Array, types: Any) -> Array:
        """F'; zero at rho = 0 where the true slope is infinite."""
        ...

    def embedding_curvature(self, rho: Array, types: Any) -> Array:
        """F''; zero at rho = 0 where the true curvature is infinite."""
        ...
