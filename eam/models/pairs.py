"""The energy of atoms over a half pair list, and its derivatives written by hand in NumPy.

With d the vector from i to j and r its length, the gradient of the energy by d is

    dE/dd = s d,    s = (phi' + F'_i rho'_ij + F'_j rho'_ji) / r

which adds to the gradient at atom j and is subtracted from that at atom i.
:mod:`eam.atoms.potential` explains the notation.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..atoms import Configuration
from ..atoms.neighbours import Pairs
from ..atoms.potential import Potential
from ..ops import Ops
from ..problem import Array, PairVectors, PerAtom, PerPair, Positions

# those of `constants` that have a row for each pair, and what fills a row of no pair: a distance
# beyond every cutoff
PAIR_ARRAYS = {"i": 0.0, "j": 0.0, "shift": 1e3, "types_ij": 0.0, "types_ji": 0.0}

Energy = Callable[[Any, Any, Mapping[str, Any]], Any]


def constants(potential: Potential, atoms: Configuration, pairs: Pairs) -> dict[str, NDArray[Any]]:
    """The arrays that :func:`energy_of` reads besides x, by name.

    `i`, `j` and `shift` are those of `pairs`. `types` (n_atoms,), `types_ij` and `types_ji`
    (n_pairs,) are there only for a potential of several elements.
    """
    data: dict[str, NDArray[Any]] = {"i": pairs.i, "j": pairs.j, "shift": pairs.shift}
    n_elements = len(potential.elements)
    if n_elements > 1:
        type_i, type_j = atoms.types[pairs.i], atoms.types[pairs.j]
        data |= {"types_ij": type_i * n_elements + type_j, "types_ji": type_j * n_elements + type_i}
        data["types"] = np.array(atoms.types)
    return data | dict(potential.constants)


def energy_of(potential: Potential) -> Energy:
    """``energy(ops, x, data)`` in eV, the one function that AD differentiates."""

    def energy(ops: Any, x: Any, data: Mapping[str, Any]) -> Any:
        def terms(x: Any, pairs: Mapping[str, Any]) -> tuple[Any, Any, Any]:
            d = ops.gather(x, pairs["j"]) - ops.gather(x, pairs["i"]) + pairs["shift"]
            r = ops.xp.sqrt(ops.xp.sum(d * d, axis=1))
            rho_ij, phi = potential.radial(ops, r, pairs.get("types_ij"), data)
            if "types_ji" not in pairs:
                return rho_ij, rho_ij, phi
            return rho_ij, potential.radial(ops, r, pairs["types_ji"], data)[0], phi

        pairs = {name: data[name] for name in PAIR_ARRAYS if name in data}
        rho_i, pair_energy = ops.sum_pairs(terms, x, pairs)
        return pair_energy + ops.xp.sum(potential.embedding(ops, rho_i, data.get("types"), data))

    return energy


# Pairs at a time. The intermediate results of a block stay in the cache: at 4000 atoms that is 3x
# faster than one expression over all pairs.
BLOCK = 8192


@dataclass(frozen=True, eq=False)
class ByHand:
    """The energy and its derivatives over one pair list, by hand; energies are in eV.

    Attributes:
        potential: the potential.
        data: as :func:`constants` returns it.
        n_atoms: the number of atoms.
    """

    potential: Potential
    data: Mapping[str, NDArray[Any]]
    n_atoms: int

    def value(self, x: Positions) -> float:
        """The energy."""
        rho_i, phi = self._sums(x)
        return float(np.sum(self._embedding(rho_i)) + np.sum(phi))

    def energies(self, x: Positions) -> PerAtom:
        """The energy of each atom: F(rho_i) and half of the energy of its pairs."""
        rho_i, phi = self._sums(x)
        return self._embedding(rho_i) + 0.5 * (self._sum_at_i(phi) + self._sum_at_j(phi))

    def densities(self, x: Positions) -> PerAtom:
        """The density rho_i at each atom."""
        return self._sums(x)[0]

    def gradient(self, x: Positions) -> Positions:
        """dE/dx in eV/angstrom: minus the forces."""
        out = np.empty_like(x)
        self.gradient_into(out, x)
        return out

    def gradient_into(self, out: Positions, x: Positions) -> None:
        """Write the gradient into `out`."""
        self._scatter(out, self._pair_gradient(x)[0])

    def value_and_gradient(self, x: Positions) -> tuple[float, Positions]:
        """The energy and its gradient, of one pass."""
        out = np.empty_like(x)
        pair_gradient, rho_i, pair_energy = self._pair_gradient(x)
        self._scatter(out, pair_gradient)
        return pair_energy + float(np.sum(self._embedding(rho_i))), out

    def gradient_and_virial(self, x: Positions) -> tuple[Positions, Array]:
        """The gradient and the virial, of one pass."""
        out = np.empty_like(x)
        d, _ = self._geometry(np.ascontiguousarray(x.T), slice(None))
        pair_gradient = self._pair_gradient(x)[0]
        self._scatter(out, pair_gradient)
        return out, pair_gradient @ d.T

    def virial(self, x: Positions) -> Array:
        """dE/d(strain), (3, 3), eV: the sum of (dE/dd) outer d over the pairs.

        Divided by the volume of the cell it is the stress.
        """
        return self.gradient_and_virial(x)[1]

    def hessian_vector(self, x: Positions, v: Positions) -> Positions:
        """The Hessian at `x` times `v`: the derivative of the gradient along v.

        `_along` in a name means the derivative along v.
        """
        d, r = self._geometry(np.ascontiguousarray(x.T), slice(None))
        d_along = v.T[:, self._j] - v.T[:, self._i]
        r_along = np.einsum("ck,ck->k", d, d_along) / r
        rho_ij, _, prime_ij, phi_prime = self.potential.radial_derivatives(r, self._types_ij)
        second_ij, phi_second = self.potential.radial_second_derivatives(r, self._types_ij)
        rho_ji, prime_ji, second_ji = rho_ij, prime_ij, second_ij
        if self._types_ji is not None:
            rho_ji, _, prime_ji, _ = self.potential.radial_derivatives(r, self._types_ji)
            second_ji, _ = self.potential.radial_second_derivatives(r, self._types_ji)
        rho_i = self._sum_at_i(rho_ij) + self._sum_at_j(rho_ji)
        rho_along = self._sum_at_i(prime_ij * r_along) + self._sum_at_j(prime_ji * r_along)
        f_prime = self.potential.embedding_derivative(rho_i, self._types)
        f_along = self.potential.embedding_second_derivative(rho_i, self._types) * rho_along
        f_i, f_j = f_prime[self._i], f_prime[self._j]
        e_prime = phi_prime + f_i * prime_ij + f_j * prime_ji
        e_along = (phi_second + f_i * second_ij + f_j * second_ji) * r_along
        e_along += f_along[self._i] * prime_ij + f_along[self._j] * prime_ji
        out = np.empty_like(x)
        self._scatter(out, ((e_along - e_prime * r_along / r) * d + e_prime * d_along) / r)
        return out

    def _sums(self, x: Positions) -> tuple[PerAtom, PerPair]:
        """rho_i of each atom, and phi of each pair."""
        columns = np.ascontiguousarray(x.T)
        rho_ij, phi = np.empty((2, len(self._i)))
        rho_ji = rho_ij if self._types_ji is None else np.empty_like(rho_ij)
        for block in self._blocks():
            _, r = self._geometry(columns, block)
            rho_ij[block], phi[block], _, _ = self._radial(r, self._types_ij, block)
            if self._types_ji is not None:
                rho_ji[block], _, _, _ = self._radial(r, self._types_ji, block)
        return self._sum_at_i(rho_ij) + self._sum_at_j(rho_ji), phi

    def _pair_gradient(self, x: Positions) -> tuple[PairVectors, PerAtom, float]:
        """dE/dd of each pair, rho_i of each atom, and the sum of phi over all pairs."""
        pair_energy = 0.0
        columns = np.ascontiguousarray(x.T)
        gradient = np.empty((3, len(self._i)))
        rho_ij, d_rho_ij, d_phi = np.empty((3, len(self._i)))
        rho_ji, d_rho_ji = (
            (rho_ij, d_rho_ij) if self._types_ji is None else np.empty((2, len(self._i)))
        )
        for block in self._blocks():
            gradient[:, block], r = self._geometry(columns, block)
            rho_ij[block], phi, rho_prime, phi_prime = self._radial(r, self._types_ij, block)
            pair_energy += float(np.add.reduce(phi))
            np.divide(rho_prime, r, d_rho_ij[block])
            np.divide(phi_prime, r, d_phi[block])
            if self._types_ji is not None:
                rho_ji[block], _, rho_prime, _ = self._radial(r, self._types_ji, block)
                np.divide(rho_prime, r, d_rho_ji[block])
        rho_i = self._sum_at_i(rho_ij) + self._sum_at_j(rho_ji)
        f_prime = self.potential.embedding_derivative(rho_i, self._types)
        for block in self._blocks():
            s = f_prime.take(self._i[block]) * d_rho_ij[block]
            s += f_prime.take(self._j[block]) * d_rho_ji[block]
            s += d_phi[block]
            gradient[:, block] *= s
        return gradient, rho_i, pair_energy

    def _blocks(self) -> Iterator[slice]:
        return (slice(k, k + BLOCK) for k in range(0, len(self._i), BLOCK))

    def _geometry(self, columns: Array, block: slice) -> tuple[PairVectors, PerPair]:
        """The vectors d and lengths r of a block of pairs; `columns` is x transposed, (3, n)."""
        i, j = self._i[block], self._j[block]
        d = columns.take(j, axis=1)  # take: a quarter of the time of columns[:, j]
        d -= columns.take(i, axis=1)
        d += self._shift[:, block]
        return d, np.sqrt(np.einsum("ck,ck->k", d, d))

    def _radial(
        self, r: PerPair, types: NDArray[Any] | None, block: slice
    ) -> tuple[PerPair, PerPair, PerPair, PerPair]:
        return self.potential.radial_derivatives(r, None if types is None else types[block])

    def _embedding(self, rho_i: PerAtom) -> PerAtom:
        return self.potential.embedding(self._ops, rho_i, self._types, self.data)

    def _sum_at_i(self, values: PerPair) -> PerAtom:
        return _segment_sum(self._i, values, self.n_atoms)

    def _sum_at_j(self, values: PerPair) -> PerAtom:
        return _segment_sum(self._j, values, self.n_atoms)

    def _scatter(self, out: Positions, gradient: PairVectors) -> None:
        for c in range(3):
            out[:, c] = self._sum_at_j(gradient[c]) - self._sum_at_i(gradient[c])

    @cached_property
    def _ops(self) -> Ops:
        return Ops(np)

    @cached_property
    def _shift(self) -> PairVectors:
        return np.ascontiguousarray(self.data["shift"].T)

    @property
    def _i(self) -> NDArray[Any]:
        return self.data["i"]

    @property
    def _j(self) -> NDArray[Any]:
        return self.data["j"]

    @property
    def _types_ij(self) -> NDArray[Any] | None:
        return self.data.get("types_ij")

    @property
    def _types_ji(self) -> NDArray[Any] | None:
        return self.data.get("types_ji")

    @property
    def _types(self) -> NDArray[Any] | None:
        return self.data.get("types")


def _segment_sum(index: NDArray[Any], values: PerPair, size: int) -> PerAtom:
    sums: Any = np.bincount(index, values, size)
    return sums
