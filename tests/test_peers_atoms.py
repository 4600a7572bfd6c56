"""The peers of atoms: the command, its page, and the codes it drives."""

import re

import numpy as np
import pytest

pytest.importorskip("numba")

from eam.atoms import Configuration
from eam.atoms.setfl import read_setfl, write_setfl
from eam.cli import main
from eam.models import tabulated
from eam.models._atomic import atomic_problem
from eam.peers_atoms.codes import Lammps, calculators
from eam.peers_atoms.page import BEGIN, END


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
    problem = atomic_problem(read_setfl(file), atoms)
    return file, atoms, problem.manual.gradient(atoms.positions)


@pytest.mark.parametrize("style", ["eam/alloy", "eam/alloy/opt"])
@pytest.mark.parametrize("lists", ["kept", "rebuilt"])
def test_lammps_computes_the_same_forces_again_and_again(copper, style, lists):
    pytest.importorskip("lammps", reason="needs LAMMPS: pip install 'eam[peers]'")
    file, atoms, expected = copper
    code = Lammps(file, "Cu", 63.546, atoms, style, lists)
    code.call()
    np.testing.assert_allclose(code.gradient(), expected, atol=1e-12)


def test_calculators_agree_within_their_other_interpolation(copper):
    pytest.importorskip("ase", reason="needs ASE: pip install 'eam[ase]'")
    file, atoms, expected = copper
    # ASE's own takes minutes
    calls = {name: call for name, call in calculators(file, "Cu", atoms).items() if name != "ASE"}
    for call in calls.values():
        np.testing.assert_allclose(call(), expected, atol=1e-5)


def test_the_command_prints_and_writes_its_tables(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    arguments = "peers-atoms --sizes 108 --seconds 0.2 --backends numpy,casadi --write"
    assert main([*arguments.split(), str(page)]) == 0
    printed = capsys.readouterr().out
    written = page.read_text()
    assert printed.strip() in written
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "old" not in written
    (ratio,) = re.findall(r"\| numpy +\| +\d\S* \| +(\S+) \|", printed)
    assert float(ratio) > 1.0
    assert "- casadi: " in printed


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
