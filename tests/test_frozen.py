"""What must not move: today's benchmarks run on older commits, and the gate loads two versions.

asv takes the benchmarks from the working tree and `eam` from the commit that it measures, so the
names that benchmarks use hold for every commit since the one below. The gate asks two versions for
the same names.
"""

import inspect
import io
import json
import os
import subprocess
import sys
import tarfile
from importlib import import_module
from pathlib import Path

import pytest

import eam
from eam.backends.protocol import Prepared

ROOT = Path(__file__).parents[1]
OLD = "1245d19145f3baa55afc0bfdd3a95ea1f905916e"

FUNCTIONS = [
    ("eam", "problem", ["model", "dimension", "seed"]),
    ("eam", "prepare", ["problem", "name"]),
    ("eam", "backend_names", []),
    ("eam", "model_names", []),
    ("eam", "is_available", ["name"]),
    ("eam.measure.check", "check", ["prepared"]),
    ("eam.measure.environment", "settle", []),
    ("eam.measure.overhead", "measure", ["model", "dimensions", "backends"]),
    ("eam.measure.allocations", "measure", ["model", "dimensions", "backends"]),
    ("eam.measure.startup", "measure", ["model", "dimensions", "backends"]),
]
BENCHMARKS = [
    ("gradients", "Toy", "time_value"),
    ("gradients", "Toy", "time_gradient"),
    ("gradients", "ToyOverhead", "track_overhead"),
    ("gradients", "ToyOverhead", "track_overhead_best"),
    ("gradients", "ToyOverhead", "track_omega"),
    ("memory", "Toy", "peakmem_gradient"),
    ("memory", "Toy", "track_allocations"),
]

# Runs where `eam` is the old commit's and `benchmarks` are today's; one backend, to be quick.
RUN_ONE_CASE = """
import json
import eam
from benchmarks import gradients

timed = gradients.Toy()
timed.setup(100, "numpy")
timed.time_gradient(100, "numpy")

tracked = gradients.ToyOverhead()
tracked.backends = ["numpy"]
cases = tracked.setup_cache()
tracked.setup(cases, 100, "numpy")
print(json.dumps([eam.__file__, tracked.track_overhead(cases, 100, "numpy")]))
"""


@pytest.mark.parametrize(("module", "name", "arguments"), FUNCTIONS)
def test_functions(module, name, arguments):
    function = getattr(import_module(module), name)
    assert list(inspect.signature(function).parameters)[: len(arguments)] == arguments


@pytest.mark.parametrize("name", ["value", "gradient", "gradient_into", "hot_gradient"])
def test_prepared(name):
    assert callable(getattr(Prepared, name))


def test_native_asarray():
    problem = eam.problem("toy", 3)
    assert eam.prepare(problem, "numpy").native.asarray(problem.x0).shape == (3,)


@pytest.mark.parametrize(("module", "name", "benchmark"), BENCHMARKS)
def test_benchmarks(module, name, benchmark, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    owner = getattr(import_module(f"benchmarks.{module}"), name)
    assert callable(getattr(owner, benchmark))
    assert owner.param_names == ["dimension", "backend"]


def test_plugin_path():
    assert '"plugins": [".eam.report"]' in (ROOT / "asv.conf.json").read_text()
    assert callable(import_module("eam.report").setup)


@pytest.fixture
def old(tmp_path):
    """A folder with the old commit's eam."""
    shallow = subprocess.check_output(
        ["git", "-C", ROOT, "rev-parse", "--is-shallow-repository"], text=True
    )
    if shallow.strip() == "true":
        pytest.skip(f"commit {OLD[:7]} is not in a shallow clone; run: git fetch --unshallow")
    archive = subprocess.check_output(["git", "-C", ROOT, "archive", "--format=tar", OLD, "eam"])
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(tmp_path, filter="data")
    return tmp_path


@pytest.mark.slow
def test_todays_benchmarks_run_on_an_old_commit(old):
    done = subprocess.run(
        [sys.executable, "-c", RUN_ONE_CASE],
        cwd=old,
        # The suite stays beside today's eam, whose registries it reads; `import eam` finds the old.
        env=os.environ | {"PYTHONPATH": f"{old}{os.pathsep}{ROOT}", "EAM_DIMENSIONS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    imported, overhead = json.loads(done.stdout.splitlines()[-1])
    assert Path(imported).is_relative_to(old)
    assert len(overhead["samples"]) == 12  # 3 processes, 4 quarters of the time of each
    assert all(sample > 0 for sample in overhead["samples"])
