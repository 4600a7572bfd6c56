"""The command on a repository of its own: asv measures in a job, and the client stores it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracking import tiny

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path, short_path, monkeypatch):
    # where asv keeps its list of machines, eam the lock of the machine and its environments
    for variable in ("HOME", "TMPDIR", "EAM_ENVIRONMENTS"):
        (short_path / variable).mkdir()
        monkeypatch.setenv(variable, str(short_path / variable))
    monkeypatch.delenv("EAM_MACHINE", raising=False)
    return tiny.make(tmp_path / "repository")


def run(top, *arguments):
    command = [sys.executable, "-m", "eam", "sweep", *arguments]
    done = subprocess.run(
        command,
        cwd=top,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_sweep_of_one_machine(repository):
    said = run(repository, "--even-if-busy")
    assert "Dask's dashboard: http" in said
    assert "[1 done, 0 running, 0 failed, 0 left" in said
    (folder,) = (path.parent for path in repository.glob("results/*/machine.json"))
    (result,) = (path for path in folder.glob("*.json") if path.name != "machine.json")
    results = json.loads(result.read_text())["results"]
    assert results["mine.track_two"][0] == [2]
    assert 0.0 < results["mine.time_sum"][0][0] < 1.0
    facts = json.loads(result.with_suffix(".facts").read_text())
    assert set(facts["seconds_by_part"]) == {"mine gradient"}
    assert set(json.loads((repository / "results" / "benchmarks.json").read_text())) >= {
        "mine.time_sum",
        "mine.track_two",
    }
    assert "0 jobs for " in run(repository, "--plan")
