"""The ASE calculator, by ASE's own checks, and the examples that use it."""

import copy
import multiprocessing
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ase", reason="ASE is not installed: python -m pip install -e '.[ase]'")

from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.filters import FrechetCellFilter
from ase.mep import NEB
from ase.optimize import BFGS

from eam.ase import EAM
from eam.errors import InputError, install_command
from eam.models import cleri_rosato, finnis_sinclair, tabulated

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(params=["analytic", "table"])
def atoms(request):
    if request.param == "analytic":
        atoms = bulk("Fe", "bcc", a=2.8, cubic=True) * (2, 2, 3)
        atoms.calc = EAM(finnis_sinclair.potential("Fe"))
    else:
        atoms = bulk("Cu", "fcc", a=3.7) * (2, 3, 2)
        atoms.calc = EAM(tabulated.potential("c2"))
    atoms.rattle(0.08, seed=3)
    atoms.set_cell(atoms.cell.array @ [[1, 0.02, 0], [0, 1.01, 0.03], [0, 0, 0.98]], True)
    return atoms


def test_forces_by_finite_differences(atoms):
    numerical = calculate_numerical_forces(atoms, eps=1e-4, iatoms=range(3))
    np.testing.assert_allclose(atoms.get_forces()[:3], numerical, atol=2e-6)


def test_stress_by_finite_differences(atoms):
    numerical = calculate_numerical_stress(atoms, eps=1e-5)
    np.testing.assert_allclose(atoms.get_stress(), numerical, atol=1e-7)


def test_energies_add_up_and_forces_cancel(atoms):
    assert atoms.get_potential_energies().sum() == pytest.approx(atoms.get_potential_energy())
    np.testing.assert_allclose(atoms.get_forces().sum(axis=0), 0.0, atol=1e-11)


def test_the_list_is_built_again_only_when_it_must(atoms):
    calculator = atoms.calc
    first = atoms.get_potential_energy()
    atoms.positions[0] += 0.1 * calculator.skin
    atoms.get_potential_energy()
    assert calculator.lists_built == 1
    atoms.positions[0] += calculator.skin
    moved = atoms.get_potential_energy()
    assert calculator.lists_built == 2
    fresh = atoms.copy()
    fresh.calc = EAM(calculator.model, skin=0.0)
    assert moved == pytest.approx(fresh.get_potential_energy(), abs=1e-10)
    assert moved != pytest.approx(first, abs=1e-6)
    atoms.set_cell(1.01 * atoms.cell.array)
    atoms.get_potential_energy()
    atoms.pbc = (True, True, False)
    atoms.get_potential_energy()
    del atoms[-1]
    atoms.get_potential_energy()
    assert calculator.lists_built == 5


def test_results_belong_to_the_caller(atoms):
    forces, energies = atoms.get_forces(), atoms.get_potential_energies()
    before = forces.copy(), energies.copy()
    atoms.rattle(0.05, seed=1)
    atoms.get_forces()
    assert np.array_equal(forces, before[0])
    assert np.array_equal(energies, before[1])


def test_relaxing_the_cell_finds_the_lattice_constant():
    potential = cleri_rosato.potential("Au")
    # strained by less than half way to the sixth shell
    atoms = bulk("Au", "fcc", a=1.003 * potential.lattice_constant)
    atoms.calc = EAM(potential)
    BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=1e-5, steps=50)
    edge = (4.0 * atoms.get_volume()) ** (1 / 3)
    assert edge == pytest.approx(potential.lattice_constant, abs=2e-4)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda calc: pickle.loads(pickle.dumps(calc))])
@pytest.mark.parametrize("used", [True, False])
def test_a_copy_answers_the_same_and_shares_nothing(atoms, copied, used):
    other = atoms.copy()
    if used:
        atoms.get_potential_energy()
    other.calc = copied(atoms.calc)
    assert other.calc.lists_built == 0
    other.rattle(0.1, seed=7)
    other.get_forces()
    expected = atoms.get_forces()
    other.positions = atoms.positions
    np.testing.assert_allclose(other.get_forces(), expected, rtol=0, atol=1e-12)


def vacancy_hop(n_images):
    """A chain of images in which an atom of bcc tungsten moves into the vacancy beside it."""
    first = bulk("W", "bcc", a=3.1652, cubic=True) * (3, 3, 3)
    last = first.copy()
    last.positions[1] = last.positions[0]
    del first[0], last[0]
    images = [first, *(first.copy() for _ in range(n_images - 2)), last]
    calculator = EAM(finnis_sinclair.potential("W"))
    for image in images:
        image.calc = copy.deepcopy(calculator)
    return images


def test_a_nudged_elastic_band_finds_the_barrier_of_a_vacancy():
    images = vacancy_hop(3)
    for end in (images[0], images[-1]):
        BFGS(end, logfile=None).run(fmax=0.05, steps=30)
    band = NEB(images, method="improvedtangent")
    band.interpolate()
    BFGS(band, logfile=None).run(fmax=0.1, steps=30)
    start, top, end = (image.get_potential_energy() for image in images)
    assert end == pytest.approx(start, abs=1e-3)
    assert 1.2 < top - start < 1.7
    # the atom that moves is half way
    middle = (images[0].positions[0] + images[-1].positions[0]) / 2
    np.testing.assert_allclose(images[1].positions[0], middle, atol=1e-3)


def energy_of(atoms):
    return atoms.get_potential_energy()


@pytest.mark.slow
def test_a_pool_of_processes():
    images = vacancy_hop(3)
    here = [energy_of(image) for image in images]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(energy_of, images) == here


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_eam_ase_needs_no_import_of_its_own():
    done = run_python("import sys, eam; assert 'ase' not in sys.modules; print(eam.ase.EAM)")
    assert done.stdout.strip() == "<class 'eam.ase.EAM'>", done.stderr


def test_without_ase_the_error_names_the_install_command():
    failed = run_python("import sys, eam; sys.modules['ase'] = None; eam.ase.EAM")
    assert failed.stderr.rstrip().endswith(
        "eam.ase needs ase, which is not installed; install it with: " + install_command("ase")
    )


def test_a_free_cluster_has_no_stress():
    atoms = Atoms("W2", positions=[[0, 0, 0], [0, 0, 2.7]])
    atoms.calc = EAM(finnis_sinclair.potential("W"))
    assert atoms.get_forces()[0, 2] == pytest.approx(-atoms.get_forces()[1, 2])
    with pytest.raises(PropertyNotImplementedError):
        atoms.get_stress()


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (Atoms("WFe", positions=[[0, 0, 0], [0, 0, 3]]), "no Fe; its elements are W"),
        (Atoms("W2", positions=[[0, 0, 0], [0, 0, np.nan]]), "not finite"),
        (Atoms("W2", positions=[[0, 0, 1], [0, 0, 1]]), "atoms 0 and 1 are 0 angstrom apart"),
        (Atoms("W2", positions=[[0, 0, 0], [0, 0, 0.09]]), "are the positions not in angstrom"),
        (Atoms("W", pbc=True), "no volume"),
    ],
)
def test_bad_input(atoms, message):
    atoms.calc = EAM(finnis_sinclair.potential("W"))
    with pytest.raises(InputError, match=message):
        atoms.get_potential_energy()


def test_a_negative_skin_is_refused():
    with pytest.raises(InputError, match="skin"):
        EAM(finnis_sinclair.potential("W"), skin=-0.1)


def test_vacancy_example():
    example = runpy.run_path(str(EXAMPLES / "vacancy.py"))
    rigid, relaxed = example["formation_energies"](repeats=4)
    assert rigid == pytest.approx(3.712, abs=0.01)
    assert 3.5 < relaxed < rigid - 0.02


def test_nve_example():
    energy_rms = runpy.run_path(str(EXAMPLES / "nve.py"))["energy_rms"]
    fine, coarse = (energy_rms(step, picoseconds=0.5) for step in (2.0, 4.0))
    assert fine < 10.0
    assert coarse / fine == pytest.approx(4.0, abs=0.5)
