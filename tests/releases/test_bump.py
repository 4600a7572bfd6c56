"""Newer releases of pinned libraries, proposed as commits in a real repository."""

import json
import subprocess
from pathlib import Path

import pytest

from eam.releases import bump

PINS = """# what is measured
autograd==1.5; python_version < '3.12'
autograd==1.6; python_version >= '3.12'
jax==0.4.37
llvmlite==0.44.0  # held: it is slow
ruff==0.1
"""
MATRIX = {"req": {"autograd": ["1.5", "1.6"], "jax": ["0.4.37"], "llvmlite": ["0.44.0"]}}
EXCLUDED = [
    {"python": "3\\.11", "req": {"autograd": "1\\.6"}},
    {"python": "(?!3\\.11$).*", "req": {"autograd": "1\\.5"}},
]
MAKEFILE = """lock:
\t@if grep -q '^jax==0.4.38' constraints.txt; then echo 'jax does not fit' >&2; exit 1; fi
\t@cp constraints.txt requirements-ci.txt
"""


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path, monkeypatch, served):
    monkeypatch.chdir(tmp_path)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b.invalid")
    Path("constraints.txt").write_text(PINS)
    Path("requirements-ci.txt").write_text(PINS)
    Path("Makefile").write_text(MAKEFILE)
    configuration = {"version": 1, "repo": ".", "matrix": MATRIX, "exclude": EXCLUDED}
    Path("asv.conf.json").write_text(json.dumps(configuration, indent=1))
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "first")


def test_each_bump_that_fits_is_a_commit(repository, capsys):
    assert bump.main() == 1
    said = capsys.readouterr().out
    assert "autograd 1.6 -> 1.8.0: committed" in said
    assert "jax 0.4.37 -> 0.4.38: not bumped. jax does not fit" in said
    subjects = ["Pins: autograd 1.5 -> 1.6", "Pins: autograd 1.6 -> 1.8.0", "first"]
    assert git("log", "--format=%s").splitlines() == subjects
    assert git("status", "--porcelain") == ""
    constraints = Path("constraints.txt").read_text()
    assert constraints == PINS.replace("==1.6", "==1.8.0").replace("==1.5", "==1.6")
    assert Path("requirements-ci.txt").read_text() == constraints
    written = json.loads(Path("asv.conf.json").read_text())
    assert written["matrix"]["req"] == MATRIX["req"] | {"autograd": ["1.6", "1.8.0"]}
    excluded = [rule["req"]["autograd"] for rule in written["exclude"]]
    assert excluded == ["1\\.8\\.0", "1\\.6"]


def test_changes_that_are_not_committed_are_left_alone(repository, capsys):
    Path("constraints.txt").write_text(PINS + "\n")
    assert bump.main() == 2
    assert "commit the changes" in capsys.readouterr().err
    assert Path("constraints.txt").read_text() == PINS + "\n"
