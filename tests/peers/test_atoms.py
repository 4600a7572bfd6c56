"""The peers of atoms: the command, its page, and the codes it drives."""

import re
import sys

import numpy as np
import pytest

pytest.importorskip("numba")

from eam.atoms import Configuration
from eam.atoms.setfl import read_setfl, write_setfl
from eam.commands.main import main
from eam.models import tabulated
from eam.models.atomic import atomic_problem
from eam.peers import memory
from eam.peers.atoms_page import BEGIN, END
from eam.peers.codes import Lammps, Sample, calculator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copper(tmp_path_factory):
    file = tmp_path_factory.mktemp("potential") / "copper.eam.alloy"
    write_setfl(file, tabulated.copper())
    edge = 3.615
    corners = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * edge
    rattle = np.random.default_rng(0).normal(0.0, 0.05, sites.shape)
    atoms = Configuration(sites + rattle, 4 * edge * np.eye(3))
    sample = Sample(file, read_setfl(file), atoms)
    problem = atomic_problem(sample.potential, atoms)
    return sample, problem.manual.gradient(atoms.positions)


@pytest.mark.parametrize("style", ["eam/alloy", "eam/alloy/opt"])
@pytest.mark.parametrize("lists", ["kept", "rebuilt"])
def test_lammps_computes_the_same_forces_again_and_again(copper, style, lists):
    pytest.importorskip("lammps", reason="needs LAMMPS: python -m pip install -e '.[peers]'")
    sample, expected = copper
    code = Lammps(sample, style, lists)
    code.call()
    np.testing.assert_allclose(code.gradient(), expected, atol=1e-12)


def test_a_calculator_agrees_within_its_other_interpolation(copper):
    # ASE's own takes minutes
    pytest.importorskip("matscipy", reason="needs matscipy: python -m pip install -e '.[peers]'")
    sample, expected = copper
    np.testing.assert_allclose(calculator(sample, "matscipy")(), expected, atol=1e-5)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read as Linux gives it")
def test_memory_counts_what_grows_with_the_atoms():
    n_atoms, half_pairs = 4000, 27
    # of each pair at least the index, and at most two dozen numbers at once
    by_hand = memory.measure(n_atoms, "numba-inplace").value
    assert 4 * half_pairs < by_hand < 1200
    assert by_hand < memory.measure(n_atoms, "numpy").value < 24 * 8 * half_pairs


def test_the_command_prints_and_writes_its_tables(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nobsolete\n{END}\nafter\n")
    arguments = "peers-atoms --sizes 108 --seconds 0.2 --backends numpy,casadi --write"
    assert main([*arguments.split(), str(page)]) == 0
    printed = capsys.readouterr().out
    written = page.read_text()
    assert printed.strip() in written
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "obsolete" not in written
    (ratio,) = re.findall(r"\| numpy +\| +\d\S* \| +(\S+) \|", printed)
    assert float(ratio) > 1.0
    assert "- casadi: " in printed
    assert re.search(r"\| numba-inplace +\| +\d+ \|\n", printed) or sys.platform != "linux"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--sizes many", "whole numbers"),
        ("--seconds 0", "positive"),
        ("--backends nothing", "valid names"),
        ("--write /nowhere/page.md", "no page"),
        ("--sizes 107 --seconds 0.1 --backends numpy", "no fcc block"),
    ],
)
def test_bad_arguments(arguments, message, capsys):
    assert main(["peers-atoms", *arguments.split()]) == 2
    assert message in capsys.readouterr().err
