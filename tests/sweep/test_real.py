"""The command on a repository of its own: asv measures in a job, and the client stores it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
SUITE = """
def time_sum():
    sum(range(100))


time_sum.model, time_sum.quantity = "mine", "gradient"
time_sum.repeat, time_sum.number = 3, 100


def track_two():
    return 2


track_two.model, track_two.quantity = "mine", "gradient"
"""


@pytest.fixture
def repository(tmp_path, short_path, monkeypatch):
    top = tmp_path / "repository"
    (top / "benchmarks").mkdir(parents=True)
    (top / "benchmarks" / "__init__.py").write_text(SUITE)
    config = {
        "version": 1,
        "project": "mine",
        "repo": ".",
        "branches": ["HEAD"],
        "environment_type": "existing",
        "benchmark_dir": "benchmarks",
        "results_dir": "results",
        "html_dir": "html",
        "env_dir": "env",
    }
    (top / "asv.conf.json").write_text(json.dumps(config))
    git = ["git", "-C", str(top), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    # where asv keeps its list of machines, eam the lock of the machine and its environments
    for variable in ("HOME", "TMPDIR", "EAM_ENVIRONMENTS"):
        (short_path / variable).mkdir()
        monkeypatch.setenv(variable, str(short_path / variable))
    monkeypatch.delenv("EAM_MACHINE", raising=False)
    return top


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
    assert results["track_two"][0] == [2]
    assert 0.0 < results["time_sum"][0][0] < 1.0
    facts = json.loads(result.with_suffix(".facts").read_text())
    assert set(facts["seconds_by_part"]) == {"mine gradient"}
    assert set(json.loads((repository / "results" / "benchmarks.json").read_text())) >= {
        "time_sum",
        "track_two",
    }
    assert "0 jobs for " in run(repository, "--plan")
