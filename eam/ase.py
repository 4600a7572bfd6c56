"""Potentials as a calculator of the Atomic Simulation Environment (ASE).

::

    from ase.build import bulk
    from eam.ase import EAM
    from eam.models import finnis_sinclair

    atoms = bulk("W") * (4, 4, 4)
    atoms.calc = EAM(finnis_sinclair.potential("W"))
"""

from collections.abc import Callable, Sequence
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

# changes of these leave the neighbour list valid, or _is_valid_for checks them itself
_IRRELEVANT = {"positions", "initial_charges", "initial_magmoms"}


def _nothing() -> None:
    """The call before there is a kernel; it has a name, so it can be pickled."""


class EAM(Calculator):
    """An embedded-atom potential for ASE: energy, energies, forces and stress.

    The neighbour list has all pairs within the cutoff plus `skin`. The calculator builds a new list
    only when an atom has moved by half of the skin, or when the cell, the periodicity or the atoms
    have changed.

    Copies (`copy.deepcopy`, `pickle`) share nothing with the original: each image of a nudged
    elastic band, and each process of a pool, has a calculator of its own.

    Args:
        model: the potential, as :func:`eam.read_setfl` or the ``potential`` function of a model
            returns it.
        skin: angstrom; a longer skin means fewer lists with more pairs.

    Raises:
        InputError: a negative skin.
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
        # the calculator's own memory, and the call that takes the gradient in it
        self._x, self._gradient = np.empty((2, 0, 3))
        self._take_gradient: Callable[[], object] = _nothing
        self._listed: Atoms | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For copies and other processes, which build lists of their own."""
        of_this_one = {"_kernel": None, "_listed": None, "_take_gradient": _nothing}
        return vars(self) | of_this_one | {"lists_built": 0}

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Fill `results`; ASE calls this when `atoms` has changed.

        `results` has a stress if the cell has a volume.

        Raises:
            InputError: an element that the potential does not have, positions that are not finite,
                a cell without volume, or atoms closer than 0.1 angstrom.
        """
        super().calculate(atoms, properties, system_changes)
        present: Any = self.atoms
        kernel = self._kernel_for(present)
        self._x[...] = present.positions
        self._take_gradient()
        gradient = self._gradient
        energies, virial = kernel.of_last_gradient()
        energy = float(energies.sum())
        if not (np.isfinite(energy) and np.isfinite(gradient).all()):
            raise InputError("energy or forces are not finite; check how far atoms move in a step")
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
        """The kernel, with a neighbour list that is valid for `atoms`."""
        if self._kernel is None or not self._is_valid_for(atoms):
            self._kernel = self._rebuilt(self._configuration(atoms))
            self._listed = atoms.copy()
            self.lists_built += 1
        return self._kernel

    def _rebuilt(self, atoms: Configuration) -> Evaluator:
        """The kernel, with a new neighbour list in the memory of the old one."""
        kernel = self._kernel
        if kernel is None:
            kernel = Evaluator(self.model, atoms, self.skin)
        else:
            kernel.rebuild(atoms)
        refuse_if_too_close(*closest(kernel.list))
        self._x, self._gradient = np.empty((2, len(atoms), 3))
        self._take_gradient = kernel.bind(self._gradient, self._x)
        return kernel

    def _is_valid_for(self, atoms: Atoms) -> bool:
        listed: Any = self._listed
        if compare_atoms(listed, atoms, excluded_properties=_IRRELEVANT):
            return False
        moved = atoms.positions - listed.positions
        # False for NaN too; building the list then raises an error that says so
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
