"""Steps: changes from one run to a later one."""

from dataclasses import replace

import pytest

from eam.report.history import Past, Series, differ, in_order, largest, reduced, steps
from eam.report.history_page import in_words
from eam.report.ratios import Ratio
from tests.report.stored_results import Suite, around, read

TOY = Series("toy", 100, "jax-sync")


def past(ratio, release="1", series=TOY, machine="here", commit="c"):
    """A run in which one series has an overhead."""
    versions = {"jax": release} if release else {}
    return Past(commit, 5, machine, "3.11", versions, {series: ratio}, {series.model: "N"})


def measured(value, release="1", spread=0.01, floor=0.05, paired=True, **other):
    ratio = Ratio(value, value * (1 - spread), value * (1 + spread), floor, paired)
    return past(ratio, release, **other)


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (measured(3.0), 1.5),
        (measured(1.0), 0.5),
        (measured(2.1), None),
        (measured(3.0, spread=0.4), None),
        (measured(3.0, floor=0.6), None),
        (measured(3.0, paired=False), None),
    ],
)
def test_a_step_is_a_change_beyond_intervals_and_floors(now, change):
    found = steps([measured(2.0), now])
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
    runs = [
        measured(1.0, commit="a"),
        measured(2.0, "2", commit="b"),
        measured(1.0, commit="c"),
        measured(2.0, paired=False, commit="d"),
    ]
    at = {"machine": "here", "date": 5, "model": "toy", "dimension": 100}
    at |= {"unit": "N", "backend": "jax-sync"}
    release = {"commit": "b", "since": "a", **at, "change": 2.0, "release": "jax 2"}
    assert steps(runs) == [release]
    assert steps([*runs, measured(2.0, commit="e")]) == [
        release,
        {"commit": "e", "since": "c", **at, "change": 2.0, "release": None},
    ]


def between(low, high, floor):
    """A run in which the overhead has this interval."""
    return past(Ratio(1.0, low, high, floor, True))


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


@pytest.mark.parametrize(
    ("old_is_paired", "new_is_paired"), [(True, False), (False, True), (False, False)]
)
def test_times_of_separate_processes_never_differ(old_is_paired, new_is_paired):
    old, new = Ratio(1.0, 1.0, 1.0, 0.05, True), Ratio(9.0, 9.0, 9.0, 0.05, True)
    assert differ(old, new)
    assert not differ(replace(old, paired=old_is_paired), replace(new, paired=new_is_paired))


def test_series_of_other_machines_models_dimensions_and_backends_are_not_compared():
    others = [
        measured(2.0, machine="there"),
        measured(2.0, series=Series("toy", 10, "jax-sync")),
        measured(2.0, series=Series("toy", 100, "jax")),
        measured(2.0, series=Series("tabulated", 100, "jax-sync")),
    ]
    assert steps([measured(1.0), *others]) == []
    found = steps([measured(1.0, commit="a"), *others, measured(3.0, commit="b")])
    assert [(step["commit"], step["since"]) for step in found] == [("b", "a")]


def test_a_library_without_a_recorded_release_is_named_alone():
    (step,) = steps([measured(1.0), measured(2.0, release="")])
    assert step["release"] == "jax"


def test_the_largest_change_comes_first_whatever_its_direction():
    found = [{"change": change} for change in (1.5, 0.4, 2.0, 0.9)]
    assert [step["change"] for step in largest(found)] == [0.4, 2.0, 1.5, 0.9]


def test_runs_are_in_the_order_of_their_commits():
    given = [(2, "a"), (1, "z"), (1, "b")]
    runs = [replace(past(None, commit=commit), date=date) for date, commit in given]
    assert [(one.date, one.commit) for one in in_order(runs)] == [(1, "b"), (1, "z"), (2, "a")]


def test_of_a_run_the_overheads_stay(tmp_path):
    cells = {
        "gradients.ToyOverhead.track_overhead": {
            (100, "numpy"): around(1.0),
            (100, "jax"): around(2.0),
        },
        # of a model with paired overheads, times of separate processes are left out
        "gradients.Toy.time_gradient": {(10, "jax"): 2.0, (10, "numpy"): 1.0, (10, "torch"): None},
        "atoms.Tabulated.time_gradient": {(4000, "numpy"): 1.0, (4000, "torch"): 3.0},
    }
    run = read(tmp_path, Suite(cells))
    kept = reduced(run)
    assert (kept.commit, kept.date, kept.machine, kept.python) == (
        run.commit,
        run.date,
        "bench",
        "3.11",
    )
    assert kept.versions == run.versions
    assert kept.units == {"toy": "N", "tabulated": "atoms"}
    assert {series: (ratio.value, ratio.paired) for series, ratio in kept.overheads.items()} == {
        Series("toy", 100, "numpy"): (pytest.approx(1.0), True),
        Series("toy", 100, "jax"): (pytest.approx(2.0), True),
        Series("tabulated", 4000, "numpy"): (1.0, False),
        Series("tabulated", 4000, "torch"): (3.0, False),
    }
    assert {ratio.spread for ratio in kept.overheads.values()} == {None}
