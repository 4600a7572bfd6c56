"""Plug-ins: what a package adds by entry points, and that a broken one harms nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import eam
from eam import backends, models, plugins

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

MODULE = """
from eam import models
from eam.backends import MANUAL, Backend, Native

BACKEND = Backend("plain", "numpy", "eam_plain", "factory", MANUAL)
OTHER = 3


def factory(problem):
    return Native(problem.manual.value, problem.manual.gradient)
"""
ENTRIES = """[eam.backends]
plain = eam_plain:BACKEND
missing = eam_nosuch:BACKEND
number = eam_plain:OTHER
numpy = eam_plain:BACKEND
[eam.models]
nothing = eam_plain
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package with one plug-in that works, and four that do not."""
    (tmp_path / "eam_plain.py").write_text(MODULE)
    information = tmp_path / "eam_plain-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: eam-plain\nVersion: 1\n")
    (information / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.plugins.cache_clear()
    yield tmp_path
    plugins.plugins.cache_clear()


def test_a_plug_in_is_a_name_like_any_other_and_a_broken_one_a_warning(installed):
    with pytest.warns(UserWarning, match="of eam-plain is left out") as warned:
        assert eam.backend_names() == (*backends.built_in_names(), "plain")
        assert eam.model_names() == models.built_in_names()
    said = "\n".join(str(warning.message) for warning in warned)
    assert "'missing' of eam-plain is left out: ModuleNotFoundError" in said
    assert "'number' of eam-plain is left out: it is a int" in said
    assert "'numpy' of eam-plain is left out: there is another one of that name" in said
    assert "'nothing' of eam-plain is left out: it has to be a module with MODEL" in said
    problem = eam.problem("toy", 5)
    assert eam.prepare(problem, "plain").value(problem.x0) == problem.manual.value(problem.x0)


def test_it_passes_the_conformance_test_of_the_package(installed):
    # in a folder without this project's configuration, as the author of a plug-in has it
    command = [sys.executable, "-m", "pytest", "-v", "--pyargs", "eam.conformance", "-k", "toy-3"]
    path = os.pathsep.join([str(installed), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=installed, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_passes_the_check_before_timing[toy-3-plain] PASSED" in done.stdout
    assert "toy-3-autograd" not in done.stdout
