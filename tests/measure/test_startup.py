"""Cold costs, environment facts, and the control that must not touch eam."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

import eam
from eam.commands.main import main
from eam.measure.startup import Startup, measure

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("first", "steady", "manual", "gradients"),
    [
        (10.0, 1.0, 2.0, 9),  # 10 + 8 x 1 = 9 x 2
        (10.5, 1.0, 2.0, 10),
        (0.5, 1.0, 2.0, 1),
        (1.5, 1.0, 2.0, 1),
    ],
)
def test_break_even(first, steady, manual, gradients):
    assert Startup(first, steady, manual).break_even == gradients


@pytest.mark.parametrize("steady", [1.95, 2.0, 3.0, math.nan])
def test_what_is_no_faster_never_breaks_even(steady):
    assert math.isnan(Startup(1.0, steady, 2.0).break_even)


def test_numpy_and_what_is_not_offered():
    cells = measure("toy", [1000], ["numpy", "jax-forward"])
    numpy = cells[1000, "numpy"]
    assert numpy.failed is None
    assert 0.0 < numpy.first < math.inf
    assert numpy.steady > 0.0
    assert cells[1000, "jax-forward"].failed is None
    assert cells[1000, "jax-forward"].missing
    assert math.isnan(cells[1000, "jax-forward"].break_even)


def test_facts_name_every_library():
    # in a process of its own: it settles on one core
    done = subprocess.run(
        [sys.executable, "-m", "eam", "facts"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    facts = json.loads(done.stdout)
    assert set(facts["versions"]) >= {
        eam.backends.describe(name).library for name in eam.backend_names()
    }
    assert facts["python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert facts["threads"]["OMP_NUM_THREADS"]


def test_the_control_runs_without_eam():
    code = (
        "import sys; sys.modules['eam'] = None; sys.path.insert(0, 'benchmarks'); import control; "
        "c = control.Control(); c.setup(100); c.time_exp(100); c.time_sum(100); c.time_python(100)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_an_import_that_fails_is_a_failure(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.startup import IMPORTS, Import

    assert IMPORTS["jax"] == "jax"
    assert IMPORTS["enzyme_ad"] == "enzyme_ad, numba"
    statement = Import().timeraw_import("no_such_library")
    done = subprocess.run([sys.executable, "-c", statement], capture_output=True, check=False)
    assert done.returncode != 0
    with pytest.raises(NotImplementedError, match="not installed"):
        Import().setup("no_such_library")


def test_the_commands_are_listed(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = capsys.readouterr().out
    assert all(command in listed for command in ("gate", "calibrate", "facts"))
