"""Virials by AD: the energy of atoms as a function of a strain of cell and positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..atoms import Configuration
from ..atoms.potential import Potential
from ..model import Model
from ..problem import Array, Manual, Problem
from .atomic import atomic_problem
from .pairs import ByHand


def _three_by_three(dimension: int) -> tuple[int, ...]:
    return (3, 3)


MODEL = Model(
    "strain",
    "The energy of atoms as a function of a strain",
    shape=_three_by_three,
    has_pairs=True,
)


def strain_problem(potential: Potential, atoms: Configuration) -> Problem:
    """The energy of `atoms` under a strain e, (3, 3), of cell and positions: x -> x (1 + e).

    Its gradient at `x0`, where the strain is zero, is the virial in eV. Divided by the volume of
    the cell it is the stress in eV/angstrom^3.

    Raises:
        InputError: as :func:`eam.atomic_problem`.
    """
    unstrained = atomic_problem(potential, atoms)
    energy_at = unstrained.energy
    data: dict[str, NDArray[Any]] = dict(unstrained.data)
    data |= {"positions": np.array(atoms.positions), "identity": np.eye(3)}

    def energy(ops: Any, strain: Any, data: Mapping[str, Any]) -> Any:
        deformation = strain + data["identity"]
        strained = {**data, "shift": data["shift"] @ deformation}
        return energy_at(ops, data["positions"] @ deformation, strained)

    by_hand = _Strained(potential, data)
    return Problem(
        model=MODEL,
        dimension=len(atoms),
        x0=np.zeros((3, 3)),
        energy=energy,
        manual=Manual(by_hand.value, by_hand.gradient, by_hand.gradient_into),
        data=data,
        pairs=unstrained.pairs,
    )


@dataclass(frozen=True, eq=False)
class _Strained:
    potential: Potential
    data: Mapping[str, NDArray[Any]]

    def value(self, strain: Array) -> float:
        return self._at(strain).value(self.data["positions"] @ (np.eye(3) + strain))

    def gradient(self, strain: Array) -> Array:
        deformation = np.eye(3) + strain
        virial = self._at(strain).virial(self.data["positions"] @ deformation)
        gradient: Any = np.linalg.solve(deformation.T, virial)
        return gradient

    def gradient_into(self, out: Array, strain: Array) -> None:
        out[...] = self.gradient(strain)

    def _at(self, strain: Array) -> ByHand:
        shift = self.data["shift"] @ (np.eye(3) + strain)
        return ByHand(self.potential, {**self.data, "shift": shift}, len(self.data["positions"]))
