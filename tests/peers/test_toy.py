"""The c2 interpolation against ASE's and matscipy's calculators, on files written here."""

import warnings

import numpy as np
import pytest

import eam
from eam.atoms.setfl import write_setfl
from eam.atoms.tables import Tabulated
from eam.models import tabulated

ase = pytest.importorskip("ase", reason="needs ASE: python -m pip install -e '.[ase]'")


def ase_atoms(atoms, elements):
    symbols = [elements[k] for k in atoms.types]
    return ase.Atoms(symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def by_eam(potential, atoms):
    problem = eam.atomic_problem(potential, atoms)
    manual, x = problem.manual, problem.x0
    return manual.value(x), -manual.gradient(x), manual.virial(x) / atoms.volume


@pytest.fixture
def copper(tmp_path):
    path = tmp_path / "Cu.eam.alloy"
    write_setfl(path, tabulated.copper())
    return path


def test_ase(copper):
    from ase.calculators.eam import EAM

    atoms = eam.crystal("fcc", 3.615, 32, rattle=0.05)
    energy, forces, _ = by_eam(eam.read_setfl(copper, "c2"), atoms)
    theirs = ase_atoms(atoms, ("Cu",))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.calc = EAM(potential=str(copper))
        # ASE splines V where we, LAMMPS and matscipy spline r V: equal but for the fourth order
        assert theirs.get_potential_energy() == pytest.approx(energy, abs=1e-8)
        np.testing.assert_allclose(theirs.get_forces(), forces, atol=1e-8)


@pytest.mark.parametrize("kind", ["alloy", "fs"])
def test_matscipy(tmp_path, kind):
    module = pytest.importorskip(
        "matscipy.calculators.eam", reason="python -m pip install -e '.[peers]'"
    )
    one = tabulated.copper()
    scale = np.array([1.0, 0.8])[:, None]
    pairs = np.array([[1.0, 0.9], [0.9, 0.7]])[..., None]
    found = np.array([[1.0, 0.8], [1.3, 0.6]] if kind == "fs" else [[1.0, 0.8]] * 2)[..., None]
    both = {name: getattr(one, name) * 2 for name in ("masses", "lattice_constants", "structures")}
    tables = eam.atoms.Tables(
        elements=("Cu", "Ag"),
        atomic_numbers=(29, 47),
        **both,
        drho=one.drho,
        dr=one.dr,
        cutoff=one.cutoff,
        embedding=one.embedding * scale,
        density=one.density * found,
        r_pair=one.r_pair * pairs,
    )
    path = tmp_path / f"CuAg.eam.{kind}"
    write_setfl(path, tables, kind)
    block = eam.crystal("fcc", 3.7, 108, rattle=0.05)
    types = np.random.default_rng(0).integers(2, size=108)
    atoms = eam.Configuration(block.positions, block.cell, types=types)
    energy, forces, stress = by_eam(Tabulated(tables, "c2"), atoms)
    theirs = ase_atoms(atoms, tables.elements)
    theirs.calc = module.EAM(str(path), kind=f"eam/{kind}")
    assert theirs.get_potential_energy() == pytest.approx(energy, abs=1e-9)
    np.testing.assert_allclose(theirs.get_forces(), forces, atol=1e-9)
    np.testing.assert_allclose(theirs.get_stress(voigt=False), stress, atol=1e-9)
