"""Reading stored results: which model a benchmark measures, and what a run holds."""

import json
import math
from pathlib import Path

import pytest

from eam.report.reading import load_runs, load_suite
from eam.report.results import Latest
from eam.report.suite import Suite as StoredSuite
from tests.report.stored_results import Suite, around, read, store

OVERHEAD = "gradients.ToyOverhead.track_overhead"


def test_the_model_is_the_attribute_that_the_suite_gives_a_benchmark():
    over = {"param_names": ["dimension", "backend"], "params": [["1"], ["'jax'"]]}
    suite = StoredSuite(
        {
            "gradients.Anything.time_gradient": {**over, "model": "toy"},
            "atoms.Forgotten.time_gradient": over,
            "module.function": over,
            "startup.Import.timeraw_import": {"param_names": ["library"], "params": [["'jax'"]]},
        }
    )
    assert suite.pairs == {
        ("toy", "time_gradient"): "gradients.Anything.time_gradient",
        ("Forgotten", "time_gradient"): "atoms.Forgotten.time_gradient",
        ("module", "function"): "module.function",
    }


def test_a_model_that_this_version_does_not_have_is_shown_under_its_stored_name(tmp_path):
    run = read(tmp_path, Suite({"atoms.Forgotten.track_overhead": {(7, "jax"): around(1.0)}}))
    (results,) = run.models()
    assert (results.model, results.unit, results.reference_dimension) == ("Forgotten", "N", 7)


def change_suite(conf, change):
    """Let `change` edit asv's list of the benchmarks."""
    path = Path(conf.results_dir, "benchmarks.json")
    known = json.loads(path.read_text())
    change(known)
    path.write_text(json.dumps(known))


def test_what_the_suite_no_longer_has_is_shown_under_its_stored_name(tmp_path):
    gone = "atoms.Gone.time_gradient"
    conf = store(
        tmp_path,
        Suite({gone: {(7, "old"): 1.0}, OVERHEAD: {(100, "jax"): 1.0, (100, "old"): around(2.0)}}),
    )

    def change(known):
        del known[gone]
        known[OVERHEAD]["params"] = [["100"], ["'jax'"]]

    change_suite(conf, change)
    (run,) = load_runs(conf.results_dir, load_suite(conf.results_dir), [])
    assert [results.model for results in run.models()] == ["toy", "Gone"]
    assert run.model("toy").overhead(100, "old").value == 2.0
    assert run.model("Gone").backends("time_gradient") == ("old",)


def test_a_benchmark_of_another_version_is_left_out(tmp_path):
    conf = store(tmp_path, Suite({OVERHEAD: {(100, "jax"): around(1.0)}}))
    change_suite(conf, lambda known: known[OVERHEAD].update(version="2"))
    (run,) = load_runs(conf.results_dir, load_suite(conf.results_dir), [])
    assert run.size == 0


def test_a_case_without_a_number_has_the_reason_stored_beside_it(tmp_path):
    values = {"jax": around(1.0), "torch": None, "casadi": math.nan, "enzyme": math.inf}
    conf = store(tmp_path, Suite({OVERHEAD: {(100, name): v for name, v in values.items()}}))
    (path,) = tmp_path.glob("results/bench/*-env.json")
    reasons = {f"{OVERHEAD}(100, 'torch')": "it crashed", f"{OVERHEAD}(100, 'casadi')": "no gather"}
    path.with_suffix(".reasons").write_text(json.dumps(reasons))
    (run,) = load_runs(conf.results_dir, load_suite(conf.results_dir), [])
    whys = {name: run.model("toy").why("track_overhead", 100, name) for name in (*values, "nosuch")}
    assert whys == {
        "jax": ("not run", ""),
        "torch": ("failed", "it crashed"),
        "casadi": ("n/a", "no gather"),
        "enzyme": ("failed", ""),
        "nosuch": ("not run", ""),
    }


def test_what_entered_the_suite_after_a_run_has_not_failed_in_it(tmp_path):
    run = read(tmp_path, Suite({OVERHEAD: {(100, "jax"): around(1.0), (100, "torch"): None}}))
    reasons = [run.model("toy").why("track_overhead", *case)[0] for case in
               [(100, "torch"), (1, "jax"), (100, "casadi")]]  # fmt: skip
    assert reasons == ["failed", "not run", "not run"]


def test_the_spread_of_samples_is_kept(run_of):
    run = run_of(time={(100, "jax"): [1.0, 2.0, 3.0, 4.0, 5.0], (100, "numpy"): 1.0})
    spread = run.get("time_gradient", 100, "jax").spread
    assert (spread.first_quartile, spread.third_quartile, spread.number) == (2.0, 4.0, 5)
    assert run.get("time_gradient", 100, "numpy").spread is None


def test_the_latest_run_of_each_machine(tmp_path):
    def suite(date, machine="bench", n=1):
        cases = {(10**i, "jax"): around(1.0) for i in range(n)}
        return Suite({OVERHEAD: cases}, commit=f"{date}" * 40, date=date, machine=machine)

    conf = store(tmp_path, suite(1), suite(3), suite(2), suite(2, "other"))
    latest = Latest()
    for run in load_runs(conf.results_dir, load_suite(conf.results_dir), []):
        latest.add(run)
    assert [(run.machine["machine"], run.date) for run in latest.runs()] == [
        ("bench", 3),
        ("other", 2),
    ]


def test_an_interval_of_wild_samples_stays_positive(run_of):
    run = run_of(time={(100, "jax"): [1e-6, 9e-6, 2e-6, 30e-6], (100, "numpy"): around(1e-6)})
    value, low, high, _ = run.get("time_gradient", 100, "jax")
    assert 0.0 < low < value < high
    assert low * high == pytest.approx(value**2)


def test_the_journal_of_an_interrupted_run_is_no_result(tmp_path):
    conf = store(tmp_path, Suite({"gradients.Toy.time_gradient": {(100, "jax"): 1e-6}}))
    journal = tmp_path / "results" / "bench" / "aaaaaaaa-env.journal"
    journal.mkdir()
    journal.joinpath("case.json").write_text("[]")
    faults = []
    assert len([*load_runs(conf.results_dir, load_suite(conf.results_dir), faults)]) == 1
    assert faults == []
