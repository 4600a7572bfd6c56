"""Reading stored results: which model a benchmark measures, and what a run holds."""

import pytest

from eam.report.reading import load_runs, load_suite
from tests.report.stored_results import Suite, around, store

OVERHEAD = "gradients.ToyOverhead.track_overhead"


def test_the_model_is_what_the_class_of_the_benchmark_says(tmp_path):
    names = {
        "gradients.Toy.time_gradient": "toy",
        "gradients.ToyOverhead.track_overhead": "toy",
        "startup.FirstCall.track_first_call": "toy",
        "atoms.FinnisSinclair.time_gradient": "finnis-sinclair",
        "memory.Tabulated.track_allocations": "tabulated",
        "atoms.Forgotten.time_gradient": "Forgotten",
        "nosuch.Forgotten.time_gradient": "Forgotten",
    }
    cases = {name: {(100, "numpy"): 1.0} for name in names}
    suite = load_suite(store(tmp_path, Suite(cases)))
    assert {name: model for name, (model, _) in suite.tracked.items()} == names
    assert suite.faults == []


def test_a_suite_that_cannot_be_imported_is_named_and_its_results_are_shown(tmp_path):
    folder = tmp_path / "broken_suite"
    folder.mkdir()
    (folder / "gradients.py").write_text("import nosuch_library")
    conf = store(tmp_path, Suite({OVERHEAD: {(100, "jax"): around(1.0)}}))
    conf.benchmark_dir = str(folder)
    suite = load_suite(conf)
    ((run,), _) = load_runs(conf.results_dir, suite)
    assert [results.model for results in run.models()] == ["ToyOverhead"]
    (fault,) = suite.faults
    assert "broken_suite.gradients" in fault
    assert "nosuch_library" in fault


def test_what_entered_the_suite_after_a_run_has_not_failed_in_it(tmp_path):
    conf = store(tmp_path, Suite({OVERHEAD: {(100, "jax"): around(1.0), (100, "torch"): None}}))
    suite = load_suite(conf)
    suite.benchmarks[OVERHEAD]["params"] = [["1", "100"], ["'jax'", "'torch'", "'casadi'"]]
    ((run,), _) = load_runs(conf.results_dir, suite)
    cases = [(100, "torch"), (1, "jax"), (100, "casadi")]
    reasons = [run.model("toy").why("track_overhead", *case) for case in cases]
    assert reasons == ["failed", "not run", "not run"]


def test_an_interval_of_wild_samples_stays_positive(run_of):
    run = run_of(time={(100, "jax"): [1e-6, 9e-6, 2e-6, 30e-6], (100, "numpy"): around(1e-6)})
    value, low, high = run.get("time_gradient", 100, "jax")
    assert 0.0 < low < value < high
    assert low * high == pytest.approx(value**2)
