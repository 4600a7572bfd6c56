"""Steps: changes from one run to a later one."""

import pytest

from eam.report.history import in_words
from eam.report.steps import steps


def measured(value, release="1", spread=0.01, floor=0.05, paired=True):
    """A run of the document in which jax has one overhead."""
    ends = {"low": value * (1 - spread), "high": value * (1 + spread)}
    ratio = {"value": value, **ends, "floor": floor, "paired": paired}
    cell = {"backend": "jax-sync", "dimension": 100, "overhead": {"numpy": ratio}}
    library = {"backend": "jax-sync", "library": "jax"}
    model = {"model": "toy", "backends": [library], "cells": [cell]}
    return {"machine": {"machine": "here"}, "versions": {"jax": release}, "models": [model]}


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (measured(1.5), 1.5),
        (measured(0.5), 0.5),
        (measured(1.05), None),
        (measured(1.5, spread=0.4), None),
        (measured(1.5, floor=0.6), None),
        (measured(1.5, paired=False), None),
    ],
)
def test_a_step_is_a_change_beyond_intervals_and_floors(now, change):
    found = steps([measured(1.0), now])
    assert [step["change"] for step in found] == ([] if change is None else [change])
    assert steps([now]) == []


@pytest.mark.parametrize(
    ("change", "release", "text"),
    [
        (1.5, None, "1.5× slower"),
        (0.5, None, "2.0× faster"),
        (0.5, "jax 2", "2.0× faster, jax 2"),
    ],
)
def test_a_step_is_told_with_the_release_that_made_it(change, release, text):
    assert in_words({"change": change, "release": release}) == text


def test_a_step_is_from_the_last_run_with_the_same_libraries():
    runs = [measured(1.0), measured(2.0, "2"), measured(1.0), measured(2.0, paired=False)]
    at = {"model": "toy", "dimension": 100, "backend": "jax-sync"}
    release = {"run": 1, "since": 0, **at, "change": 2.0, "release": "jax 2"}
    assert steps(runs) == [release]
    assert steps([*runs, measured(2.0)]) == [
        release,
        {"run": 4, "since": 2, **at, "change": 2.0, "release": None},
    ]


def between(low, high, floor):
    """A run in which jax's overhead has this interval."""
    run = measured(1.0, floor=floor)
    run["models"][0]["cells"][0]["overhead"]["numpy"] |= {"low": low, "high": high}
    return run


@pytest.mark.parametrize(
    ("old", "new", "is_step"),
    [
        # the larger floor of the two counts, and exactly at it is no step
        (between(1.0, 2.0, 0.5), between(3.0, 4.0, 0.1), False),
        (between(1.0, 2.0, 0.1), between(3.0, 4.0, 0.5), False),
        (between(1.0, 2.0, 0.5), between(3.01, 4.0, 0.1), True),
        (between(1.0, 2.0, 0.1), between(3.01, 4.0, 0.5), True),
        (between(3.0, 4.0, 0.5), between(1.0, 2.0, 0.1), False),
        (between(3.01, 4.0, 0.1), between(1.0, 2.0, 0.5), True),
    ],
)
def test_a_step_at_its_boundaries(old, new, is_step):
    assert len(steps([old, new])) == is_step


def test_series_of_other_machines_dimensions_and_backends_are_not_compared():
    elsewhere = measured(2.0) | {"machine": {"machine": "there"}}
    larger, other = measured(2.0), measured(2.0)
    larger["models"][0]["cells"][0]["dimension"] = 10
    other["models"][0]["cells"][0]["backend"] = "jax"
    other["models"][0]["backends"][0]["backend"] = "jax"
    named = measured(2.0)
    named["models"][0]["model"] = "tabulated"
    assert steps([measured(1.0), elsewhere, larger, other, named]) == []
    assert [(s["run"], s["since"]) for s in steps([measured(1.0), elsewhere, measured(3.0)])] == [
        (2, 0)
    ]


def test_a_library_without_a_recorded_release_is_named_alone():
    unknown = measured(2.0) | {"versions": {}}
    (step,) = steps([measured(1.0), unknown])
    assert step["release"] == "jax"


def test_a_case_without_an_overhead_is_left_out():
    missing = measured(1.0)
    missing["models"][0]["cells"][0]["overhead"]["numpy"] = None
    assert [step["since"] for step in steps([measured(1.0), missing, measured(2.0)])] == [0]
