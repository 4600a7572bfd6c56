"""What is still to be measured, and that saving loses nothing."""

import math
import subprocess
import sys

import pytest
from asv.results import Results
from asv.runner import BenchmarkResult

from eam.tracking.saving import load_data, replace_file, save_results
from eam.tracking.stored import Stored, Wanted, newest_beside

NAME = "gradients.Toy.time_gradient"
BACKENDS = ["'numpy'", "'jax'", "'torch'", "'jax-blocked'"]
BENCHMARKS = {
    NAME: {
        "name": NAME,
        "model": "toy",
        "param_names": ["dimension", "backend"],
        "params": [["100"], BACKENDS],
        "version": "1",
    }
}
COMMIT = "a" * 40
PARAMETERS = {"machine": "bench", "python": "3.11"}


def results(values):
    made = Results(PARAMETERS, {}, COMMIT, 0, "3.11", "env", {})
    empty = [None] * len(values)
    outcome = BenchmarkResult(values, empty, empty, 0, "", None)
    made.add_result(BENCHMARKS[NAME], outcome, record_samples=False)
    return made


@pytest.fixture
def result_file(tmp_path):
    path = tmp_path / "bench" / f"{COMMIT[:8]}-env.json"
    path.parent.mkdir()
    return path


def cases(stored):
    return [case.parameters[1].strip("'") for case in stored.missing("time_gradient")]


def test_all_offered_cases_are_missing_at_first(result_file):
    assert cases(Stored(result_file, BENCHMARKS)) == ["numpy", "jax", "torch"]


def test_a_pattern_selects_by_name_and_parameters(result_file):
    stored = Stored(result_file, BENCHMARKS)
    assert stored.missing(r"time_gradient\(100, 'jax'\)") == [Wanted(NAME, ("100", "'jax'"))]
    assert stored.missing("peakmem") == []


def test_a_number_is_not_measured_again_and_a_failure_is(result_file):
    save_results(results([1e-6, None, math.nan, math.nan]), result_file.parents[1])
    stored = Stored(result_file, BENCHMARKS)
    assert cases(stored) == ["jax", "torch"]
    assert list(stored.numbers()) == [Wanted(NAME, ("100", "'numpy'"))]


def test_a_case_that_was_run_and_is_n_a_is_not_run_again(result_file):
    save_results(results([1e-6, None, math.nan, math.nan]), result_file.parents[1])
    ran = [Wanted(NAME, ("100", backend)) for backend in BACKENDS[:3]]
    Stored(result_file, BENCHMARKS).note(
        ran,
        [
            ("gradients.Toy", "(100, 'jax')", "it crashed"),
            ("gradients.Toy", "(100, 'torch')", "torch is not installed"),
        ],
    )
    assert cases(Stored(result_file, BENCHMARKS)) == ["jax"]
    text = result_file.with_suffix(".reasons").read_text()
    assert "torch is not installed" in text
    assert "it crashed" in text
    # once it has a number, it has no reason
    save_results(results([1e-6, 2e-6, math.nan, math.nan]), result_file.parents[1])
    Stored(result_file, BENCHMARKS).note(ran, [])
    assert "it crashed" not in result_file.with_suffix(".reasons").read_text()


def test_the_newest_other_result_is_found(result_file):
    assert newest_beside(result_file) is None
    save_results(results([1e-6, 1e-6, 1e-6, 1e-6]), result_file.parents[1])
    assert newest_beside(result_file) is None
    assert newest_beside(result_file.with_name("other.json")) == result_file


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.tracking.test_stored import results
from eam.tracking.saving import replace_file, save_results
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
path = Path(sys.argv[1])
try:
    if path.suffix == ".json":
        save_results(results([2e-6] * 4), path.parents[1])
    else:
        replace_file(path, "new" * 1000)
except OSError as error:
    sys.exit(f"refused: {error.strerror}")
"""


@pytest.mark.slow
def test_a_full_disk_leaves_the_file_that_was_there(result_file):
    save_results(results([1e-6] * 4), result_file.parents[1])
    reasons = result_file.with_suffix(".reasons")
    replace_file(reasons, "{}")
    for path in (result_file, reasons):
        before = path.read_bytes()
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "refused" in done.stderr
        assert path.read_bytes() == before
    names = sorted(path.name for path in result_file.parent.iterdir())
    assert names == sorted([result_file.name, reasons.name])
    assert [path.name for path in result_file.parents[1].iterdir()] == ["bench"]


def test_a_file_that_cannot_be_read_is_set_aside_and_the_run_goes_on(result_file):
    save_results(results([1e-6] * 4), result_file.parents[1])
    result_file.write_bytes(result_file.read_bytes()[:100])
    fresh = results([2e-6] * 4)
    load_data(fresh, result_file.parents[1])
    save_results(fresh, result_file.parents[1])
    assert len(result_file.with_name(f"{result_file.name}.unreadable").read_bytes()) == 100
    result_file.write_text("[" * 100_000)
    result_file.with_suffix(".reasons").write_text("{")
    assert cases(Stored(result_file, BENCHMARKS)) == ["numpy", "jax", "torch"]
    assert not result_file.exists()
    save_results(fresh, result_file.parents[1])
    assert Stored(result_file, BENCHMARKS).numbers() != {}


@pytest.mark.slow
def test_asv_itself_saves_as_we_do_where_it_loads_our_plugin():
    code = "import eam.report as r, asv.results as a; r.setup(); print(a.Results.save.__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "eam.tracking.saving"
