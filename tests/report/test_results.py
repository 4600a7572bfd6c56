"""Which results a run has of which model, and which run is the latest."""

from pathlib import Path

import pytest

from eam.report.ratios import Estimate
from eam.report.results import (
    OVERHEAD,
    PAIRED,
    TIME,
    VALUE_TIME,
    Key,
    Latest,
    ModelResults,
    Run,
)


def results_of(model, *keys, missing=()):
    numbers = {Key(*key): Estimate(1.0 + k) for k, key in enumerate(keys)}
    return ModelResults(model, "c" * 40, {"jax": "1"}, numbers, dict(missing))


def run_of(*results, date=1, machine="here"):
    by_model = {found.model: found for found in results}
    return Run(
        Path("x.json"), "c" * 40, date, {"machine": machine}, "3.11", {"jax": "1"}, {}, by_model
    )


TIMED = (TIME, 100, "numpy")


def test_real_potentials_come_first_then_the_toys_then_models_of_others():
    models = ("toy", "mine", "tabulated", "log-sum-exp", "yours", "sutton-chen")
    run = run_of(
        *(results_of(model, TIMED) for model in models),
        results_of("finnis-sinclair", ("track_allocations", 100, "numpy")),
    )
    found = [results.model for results in run.models()]
    assert found[0] == "tabulated"
    assert found[-3:] == ["toy", "mine", "yours"]
    assert set(found) == set(models)


def test_a_model_that_was_not_measured_has_no_results():
    run = run_of(results_of("toy", TIMED))
    assert run.model("toy").numbers
    unknown = run.model("tabulated")
    assert (unknown.model, unknown.commit, unknown.versions) == (
        "tabulated",
        "c" * 40,
        {"jax": "1"},
    )
    assert not unknown.numbers
    assert unknown.unit == "atoms"


def test_the_size_of_a_run_is_the_number_of_its_numbers():
    run = run_of(results_of("toy", TIMED, (TIME, 1, "jax")), results_of("tabulated", TIMED), date=7)
    assert (run.size, run.age) == (3, (7, 3))


def test_the_latest_of_each_machine():
    latest = Latest()
    assert latest.runs() == []
    small, large = results_of("toy", TIMED), results_of("toy", TIMED, (TIME, 1, "jax"))
    first = run_of(small, date=2)
    for run in (
        first,
        run_of(small, date=2),  # of the same age: the first stays
        run_of(large, date=1),  # of an older commit
        run_of(date=9),  # without a number
    ):
        latest.add(run)
    assert latest.runs() == [first]
    assert latest.runs()[0] is first
    larger, other = run_of(large, date=2), run_of(small, date=3, machine="there")
    latest.add(larger)
    latest.add(other)
    assert latest.runs() == [other, larger]


@pytest.mark.parametrize(
    ("metric", "dimensions", "reference"),
    [
        (OVERHEAD, (10_000, 100, 1), 100),  # of the toy
        (TIME, (10_000, 100, 1), 100),
        (OVERHEAD, (10_000, 1000), 1000),
        (OVERHEAD, (), None),
    ],
)
def test_the_reference_is_the_models_or_the_smallest_that_was_measured(
    metric, dimensions, reference
):
    results = results_of("toy", *((metric, n, "numpy") for n in dimensions))
    assert results.reference_dimension == reference


def test_overheads_go_before_times_in_the_choice_of_a_reference():
    results = results_of("toy", (OVERHEAD, 1000, "numpy"), (TIME, 100, "numpy"))
    assert results.reference_dimension == 1000


def test_dimensions_rise_and_backends_keep_the_order_of_the_suite():
    results = results_of(
        "toy",
        (TIME, 1000, "torch"),
        (OVERHEAD, 10, "jax"),
        (OVERHEAD, 10, "torch"),
        ("track_allocations", 5, "casadi"),
        (VALUE_TIME, 7, "autograd"),
    )
    assert results.timed_dimensions == (10, 1000)
    assert results.timed_backends == ("torch", "jax")
    assert results.dimensions("track_allocations") == (5,)
    assert results.backends(VALUE_TIME, "track_allocations") == ("casadi", "autograd")


def test_a_missing_number_has_its_reason():
    missing = {Key(TIME, 1, "jax"): ("failed", "it crashed")}
    results = results_of("toy", TIMED, missing=missing)
    assert results.why(TIME, 1, "jax") == ("failed", "it crashed")
    assert results.why(TIME, 2, "jax") == ("not run", "")
    assert results.get(*TIMED) == Estimate(1.0)
    assert results.get(TIME, 1, "jax") is None


def test_each_denominator_has_its_own_benchmark():
    results = results_of("toy", *((metric, 100, "jax") for metric in PAIRED.values()))
    values = {name: results.overhead(100, "jax", name).value for name in PAIRED}
    assert values == {"numpy": 1.0, "best": 2.0, "value": 3.0}
