"""The rule for skips: in CI only a refusal may skip a test."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import eam

pytestmark = pytest.mark.slow

TESTS = """
import pytest
import eam

def test_refusal(unless_refused):
    with unless_refused():
        raise eam.errors.NotOfferedError("not this one")

def test_missing(prepare, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "autograd", None)
    prepare(eam.problem("toy", 3), "autograd")

def test_call():
    pytest.skip("no tool")

@pytest.mark.skipif(True, reason="no platform")
def test_mark():
    pass

@pytest.fixture
def compiler():
    pytest.importorskip("no_such_library")

def test_fixture(compiler):
    pass

@pytest.mark.xfail(reason="known")
def test_known():
    raise AssertionError

@pytest.mark.parametrize("file", [])
def test_no_file(file):
    pass
"""


MODULE = """
import pytest
pytest.importorskip("no_such_module")
"""


@pytest.fixture
def run(tmp_path):
    """Run pytest on these tests under the rule; returns what it printed."""
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    (tmp_path / "test_one.py").write_text(TESTS)
    (tmp_path / "test_module.py").write_text(MODULE)

    def run(**variables):
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        environment["PYTHONPATH"] = str(Path(eam.__file__).parents[1])
        command = [sys.executable, "-m", "pytest", "--color=no", "--continue-on-collection-errors"]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_outside_ci_what_is_missing_is_skipped(run):
    done = run()
    assert "7 skipped, 1 xfailed" in done.stdout
    assert done.returncode == 0


def test_in_ci_only_a_refusal_is_skipped(run):
    done = run(CI="true")
    failed = re.findall(r"^(?:FAILED|ERROR) ([\w.:]+)", done.stdout, re.MULTILINE)
    assert set(failed) == {
        "test_module.py",
        "test_one.py::test_missing",
        "test_one.py::test_call",
        "test_one.py::test_mark",
        "test_one.py::test_fixture",
        "test_one.py::test_no_file",
    }
    assert "1 skipped, 1 xfailed" in done.stdout
    assert "skipped in CI without a refusal: no tool" in done.stdout
    assert done.returncode == 1
