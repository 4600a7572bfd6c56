"""Potentials as a calculator of the Atomic Simulation Environment (ASE).

from ase.build import bulk
from eam.ase import EAM
from eam.models import finnis_sinclair

atoms = bulk("W") * (4, 4, 4)
atoms.calc = EAM(finnis_sinclair.potential("W"))
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import InputError, MissingToolError

try:
    from ase import Atoms
    from ase.calculators.calculator import Calculator, all_changes, compare_atoms
except ModuleNotFoundError as error:
    raise MissingToolError("eam.ase", str(error.name), "ase") from error

from .atoms import Configuration
from .atoms.neighbours import refuse_if_too_close
from .atoms.potential import Potential
from .kernels.cell_list import closest
from .kernels.evaluator import Evaluator

_NOT_OF_THE_LIST = {"positions", "initial_charges", "initial_magmoms"}


class EAM(Calculator):
    """An embedded-atom potential for ASE: energy, energies, forces and stress.

    Neighbours are found within the cutoff plus `skin`, and again only once an atom has moved by
    half of that, or if the cell, the periodicity or the atoms changed.

    Args:
        model: the potential, as :func:`eam.read_setfl` or a model's ``potential`` function gives.
        skin: angstrom; a longer one means fewer lists of more pairs.
    """

    implemented_properties = ["energy", "free_energy", "energies", "forces", "stress"]  # noqa: RUF012

    def __init__(self, model: Potential, skin: float = 0.6, **arguments: Any) -> None:
        if not skin >= 0.0:
            raise InputError(f"skin must be at least 0 angstrom, not {skin}")
        super().__init__(**arguments)
        self.model = model
        self.skin = float(skin)
        self.lists_built = 0
        self._kernel: Evaluator | None = None
        self._listed: Atoms | None = None

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Fill `results`; ASE calls this when `atoms` changed. Stress needs a cell with volume.

        Raises:
            InputError: an element that the potential does not have, positions that are not finite,
                a cell without volume, or atoms closer than 0.1 angstrom.
        """
        super().calculate(atoms, properties, system_changes)
        present: Any = self.atoms
        kernel = self._kernel_for(present)
        x = np.ascontiguousarray(present.positions, dtype=np.float64)
        energies, gradient, virial = kernel.evaluate(x)
        energy = float(energies.sum())
        if not (np.isfinite(energy) and np.isfinite(gradient).all()):
            raise InputError("energy or forces are not finite: how far did atoms move in a step?")
        self.results = {
            "energy": energy,
            "free_energy": energy,
            "energies": energies,
            "forces": -gradient,
        }
        if present.cell.rank == 3:
            stress = virial / present.get_volume()
            self.results["stress"] = stress.ravel()[[0, 4, 8, 5, 2, 1]]

    def _kernel_for(self, atoms: Atoms) -> Evaluator:
        """The kernel with a list that holds for `atoms`."""
        if self._kernel is None or not self._holds(atoms):
            self._kernel = self._rebuilt(self._configuration(atoms))
            self._listed = atoms.copy()
            self.lists_built += 1
        return self._kernel

    def _rebuilt(self, atoms: Configuration) -> Evaluator:
        """The kernel with a new list, in the memory of the old one."""
        kernel = self._kernel
        if kernel is None:
            kernel = Evaluator(self.model, atoms, self.skin)
        else:
            kernel.rebuild(atoms)
        refuse_if_too_close(*closest(kernel.list))
        return kernel

    def _holds(self, atoms: Atoms) -> bool:
        listed: Any = self._listed
        if compare_atoms(listed, atoms, excluded_properties=_NOT_OF_THE_LIST):
            return False
        moved = atoms.positions - listed.positions
        # false for NaN too, and building the list says what is wrong
        return bool((moved * moved).sum(axis=1).max() <= (0.5 * self.skin) ** 2)

    def _configuration(self, atoms: Atoms) -> Configuration:
        symbols = np.array(atoms.get_chemical_symbols())
        unknown = sorted(set(symbols) - set(self.model.elements))
        if unknown:
            raise InputError(
                f"the potential has no {', '.join(unknown)}; "
                f"its elements are {', '.join(self.model.elements)}"
            )
        types = np.zeros(len(atoms), np.intp)
        for type_, element in enumerate(self.model.elements):
            types[symbols == element] = type_
        return Configuration(atoms.positions, atoms.cell.array, atoms.pbc, types)
