"""What changed since a date, a commit or a release."""

from dataclasses import replace

import pytest

from eam.errors import InputError
from eam.report.history import Past, Series, steps
from eam.report.ratios import Ratio
from eam.report.since import Commit, a_look_ago, changes, runs_then

DAY = 86_400_000
TOY = Series("toy", 100, "jax")


def past(day, value, commit, release="1", machine="here", **others):
    overheads = {TOY: value} | {Series("toy", 100, name): v for name, v in others.items()}
    ratios = {s: Ratio(v, v * 0.99, v * 1.01, 0.05, True) for s, v in overheads.items() if v}
    return Past(commit, day * DAY, machine, "3.11", {"jax": release}, ratios, {"toy": "N"})


HISTORY = [
    past(10, 2.0, "aaaa1111", torch=20.0),
    past(100, 2.02, "bbbb2222", torch=20.0),
    past(200, 0.5, "cccc3333", release="2", torch=20.0),
    past(201, 0.5, "dddd4444", release="2", torch=20.0),
]


@pytest.mark.parametrize(
    ("when", "commit", "then"),
    [
        ("1970-04-12", None, 1),  # day 101
        ("1970-04-11", None, 1),  # day 100, the day itself included
        ("1970-04-10", None, 0),
        ("2026-05-01", None, 3),
        ("bbbb", None, 1),
        ("main~5", Commit("bbbb2222", 100 * DAY), 1),
        ("main~4", Commit("eeee5555", 150 * DAY), 1),  # not measured: the run before it
        ("jax==2", None, 2),
        ("jax-1", None, 0),
    ],
)
def test_a_date_a_commit_or_a_release_names_a_run(when, commit, then):
    assert runs_then(HISTORY, when, commit) == {"here": HISTORY[then]}


@pytest.mark.parametrize("when", ["1970-01-02", "nosuch", "jax==9", "torch==1"])
def test_where_there_is_no_run_it_says_what_there_is(when):
    with pytest.raises(InputError, match=r"the first is of aaaa1111, 11 Jan 1970.* jax==1$"):
        runs_then(HISTORY, when, None)


def test_a_machine_without_a_run_of_then_is_left_out():
    other = past(150, 1.0, "ffff6666", machine="other")
    history = [*HISTORY[:2], other, *HISTORY[2:]]
    assert set(runs_then(history, "1970-04-12", None)) == {"here"}
    assert set(runs_then(history, "1970-06-12", None)) == {"here", "other"}


def since(when, history=HISTORY):
    return changes(history, steps(history), runs_then(history, when, None))["here"]


def test_a_change_is_told_with_the_step_that_made_it():
    found = since("1970-01-11")
    assert found["sentence"] == (
        "Since 11 Jan 1970 (commit aaaa1111), 3 runs ago: 1 verdict and 1 overhead of 2 changed by "
        "more than their intervals."
    )
    assert [entry["sentence"] for entry in found["verdicts"]] == [
        "jax on toy at N = 100: was behind (2.00×), is ahead (0.50×); commit cccc3333, jax 2"
    ]
    assert [entry["sentence"] for entry in found["overheads"]] == [
        "jax on toy at N = 100: 4.0× faster, from 2.00× to 0.50×; commit cccc3333, jax 2"
    ]


def test_nothing_changed_is_an_answer():
    found = since("jax==2")
    assert (found["verdicts"], found["overheads"]) == ([], [])
    assert "1 run ago: no verdicts and no overheads of 2" in since("cccc3333")["sentence"]
    assert "No run is newer" in since("2026-01-01")["sentence"]


def test_a_slow_drift_is_a_change_without_a_step():
    drift = [past(i, 1.0 * 1.06**i, f"{i}" * 8) for i in range(4)]
    (entry,) = since("1970-01-01", drift)["overheads"]
    assert entry["sentence"].endswith("from 1.00× to 1.19×; in no single step")


def test_a_library_that_has_a_number_no_more_is_a_change_of_its_verdict():
    now = past(300, 0.5, "eeee5555", release="2")
    (entry,) = since("dddd4444", [*HISTORY, now])["verdicts"]
    assert entry["sentence"] == (
        "torch on toy at N = 100: was behind (20×), is without a number; in no single step"
    )


def test_a_verdict_between_separate_processes_is_no_change():
    unpaired = {TOY: Ratio(9.0, 8.9, 9.1, 0.05, False)}
    now = replace(HISTORY[-1], date=300 * DAY, commit="eeee5555", overheads=unpaired)
    found = since("aaaa1111", [HISTORY[0], now])
    assert found["overheads"] == []
    assert [entry["backend"] for entry in found["verdicts"]] == ["torch"]


def test_the_front_page_looks_three_months_back_or_to_the_first_run():
    assert a_look_ago(HISTORY) == {"here": HISTORY[1]}
    assert a_look_ago(HISTORY[2:]) == {"here": HISTORY[2]}
