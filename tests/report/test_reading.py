"""Reading stored results: which model a benchmark measures, and what a run holds."""

import pytest

from eam.report.reading import load_runs, load_suite
from eam.report.suite import Suite as StoredSuite
from tests.report.stored_results import Suite, around, read, store

OVERHEAD = "gradients.ToyOverhead.track_overhead"


def test_the_model_is_the_attribute_that_the_suite_gives_a_benchmark():
    over = {"param_names": ["dimension", "backend"]}
    suite = StoredSuite(
        {
            "gradients.Anything.time_gradient": {**over, "model": "toy"},
            "atoms.Forgotten.time_gradient": over,
            "module.function": over,
            "startup.Import.timeraw_import": {"param_names": ["library"], "model": "toy"},
        }
    )
    assert suite.tracked == {
        "gradients.Anything.time_gradient": ("toy", "time_gradient"),
        "atoms.Forgotten.time_gradient": ("Forgotten", "time_gradient"),
        "module.function": ("module", "function"),
    }


def test_a_model_that_this_version_does_not_have_is_shown_under_its_stored_name(tmp_path):
    run = read(tmp_path, Suite({"atoms.Forgotten.track_overhead": {(7, "jax"): around(1.0)}}))
    (results,) = run.models()
    assert (results.model, results.unit, results.reference_dimension) == ("Forgotten", "N", 7)


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
