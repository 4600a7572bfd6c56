"""The gate's arithmetic on given ratios, and its verdict on given faults."""

import numpy as np
import pytest

from eam.commands.gate_table import exit_status
from eam.gate import comparison
from eam.gate.comparison import (
    BROKEN,
    BROKEN_IN_BOTH,
    FAILED,
    FASTER,
    NOT_COMPARED,
    NOT_OFFERED,
    SAME,
    SAME_ANSWER,
    SLOWER,
    TOO_BUSY,
    UNCLEAR,
    Comparison,
    compare,
    judge,
    limit,
    plan,
)
from eam.gate.side_by_side import MISSING, NEW, OLD, RAISES, REFUSED, VALUE, WRONG, _floor
from eam.measure.outcome import Outcome
from eam.quantities import quantity_names


def row(*ratios, problem=None, bound=1.025):
    return Comparison("numpy", 100, bound, list(ratios), problem)


def busy(*ratios):
    """Where a version differs from itself by 4 % in most processes."""
    return Comparison("numpy", 100, 1.025, list(ratios), floors=[1.04] * len(ratios))


@pytest.mark.parametrize(
    ("ratios", "verdict", "is_settled"),
    [
        ((1.0, 1.0), TOO_BUSY, False),  # the load may pass
        ((1.0,) * 6, TOO_BUSY, True),
        ((1.1,) * 5 + (0.9,), TOO_BUSY, True),
        ((1.1,) * 6, SLOWER, True),
        ((0.9,) * 6, FASTER, True),
    ],
)
def test_on_a_busy_machine_nothing_is_the_same(ratios, verdict, is_settled):
    assert busy(*ratios).verdict == verdict
    assert busy(*ratios).is_settled is is_settled


def test_the_floor_is_that_of_most_processes():
    assert Comparison("numpy", 100, 1.025, [1.0] * 3, floors=[1.04, 1.001, 1.02]).verdict == SAME
    # exactly at the limit the machine is not too busy
    assert Comparison("numpy", 100, 1.025, [1.0] * 3, floors=[1.025] * 3).verdict == SAME


def test_a_version_that_drifts_differs_from_itself():
    steady = np.full((100, 2), 1e-6)
    assert _floor(steady) == 1.0
    steady[1::2, 1] *= 1.3
    assert _floor(steady) == pytest.approx(1.3)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ((1.0, 1.0, 1.0), SAME),
        ((1.049, 1.051, 1.05, 1.052, 1.048), SLOWER),
        ((1.04, 1.05, 1.05, 1.06, 0.99), UNCLEAR),
        ((0.95, 0.949, 0.951, 0.95, 0.952), FASTER),
        ((1.02, 1.024, 1.5, 1.01, 1.0), SAME),  # one process out of line decides nothing
        ((1.0, 1.01, 1.2, 1.3, 1.4), UNCLEAR),
        ((1.025, 1.025), SAME),  # the limit itself is no difference, either way
        ((1 / 1.025, 1 / 1.025), SAME),
        ((1.05, 1.05, 1.0), UNCLEAR),  # 1 itself lies within
        ((0.95, 0.95, 1.0), UNCLEAR),
    ],
)
def test_verdict(ratios, verdict):
    assert row(*ratios).verdict == verdict


def test_the_median_is_of_logarithms():
    assert row(1.0, 1.21).ratio == pytest.approx(1.1)


def test_the_limit_is_wider_for_large_problems():
    assert (limit(100), limit(10_000), limit(1_000_000)) == (1.01, 1.01, 1.03)
    assert row(1.04, 1.04, 1.04, bound=1.05).verdict == SAME


@pytest.mark.parametrize(
    ("ratios", "settled"),
    [
        ((1.0,), False),
        ((1.009, 0.995), True),
        ((1.009, 1.012), False),
        ((1.009, 1.1, 0.995), True),  # two of three are near
        ((1.009, 1.1, 1.1, 0.995), False),
        ((1.05, 1.05, 1.05, 1.05, 1.05), False),
        ((1.05, 1.05, 1.05, 1.05, 1.05, 1.03), True),
        ((1.05, 1.05, 1.05, 1.05, 1.05, 1.02), False),  # slower so far, but one is not beyond
        ((1.02, 1.02, 1.02, 1.02, 1.1, 1.02), True),  # the same, if only just
        ((1.05,) * 6 + (1.02,) * 4, True),
        ((1.05,) * 8 + (0.99,) * 2, False),  # unclear after ten
        ((1.05,) * 8 + (0.99,) * 2 + (1.05,) * 4, True),
        ((1.05,) * 8 + (0.99,) * 6, True),  # unclear, but that is enough
        ((1.05,) * 8 + (0.99,) * 5, False),
        ((1.05,) * 8 + (1.02,), False),
        ((1.05,) * 5 + (1.025,), False),  # exactly at the limit is not beyond it
    ],
)
def test_only_what_is_in_doubt_is_measured_again(ratios, settled):
    assert row(*ratios).is_settled is settled


def test_a_row_is_timed_unless_it_is_said_otherwise():
    assert Comparison("numpy", 100, 1.025).case == (100, "numpy", "gradient", True)


def test_a_failure_is_not_measured_again():
    assert row(problem=BROKEN).is_settled


def test_of_ten_and_more_the_outermost_decide_nothing():
    ten = row(0.8, 1.03, 1.04, 1.04, 1.05, 1.05, 1.06, 1.06, 1.07, 1.5)
    assert ten.interval == (1.03, 1.07)
    assert ten.verdict == SLOWER
    assert row(0.8, 1.03, 1.5).interval == (0.8, 1.5)
    assert row(*ten.ratios, 0.8, 1.04, 1.05, 1.5).interval == (1.03, 1.07)


def test_a_bias_that_alternates_cancels():
    assert row(*(0.975, 1.026) * 3).ratio == pytest.approx(1.0, abs=1e-3)
    assert row(*(0.975, 1.026) * 3).verdict == SAME


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([row(1.0, 1.0, 1.0)], 0),
        ([row(1.0, 1.0, 1.0), row(0.9, 0.9, 0.9)], 0),
        ([row(1.0, 1.0, 1.0), row(1.1, 1.1, 1.1)], 1),
        ([row(1.0, 1.0, 1.0), row(problem=BROKEN)], 1),
        ([row(1.0, 1.0, 1.0), row(problem=NOT_COMPARED)], 0),
        ([row(1.0, 1.0, 1.0), row(problem=FAILED)], 2),
        ([row(1.1, 1.1, 1.1), row(problem=FAILED)], 1),
        ([row(problem=NOT_COMPARED)], 2),
        ([row(problem=BROKEN_IN_BOTH), row(problem=NOT_OFFERED)], 2),
        ([row(1.0, 1.0, 1.0), row(problem=BROKEN_IN_BOTH), row(problem=NOT_OFFERED)], 0),
        ([row(problem=SAME_ANSWER)], 0),
        ([row(1.0, 1.0), busy(1.0, 1.0)], 2),
        ([row(*[1.1] * 6), busy(1.0, 1.0)], 1),
        ([], 2),
    ],
)
def test_exit_status(rows, status):
    assert exit_status(rows) == status


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (None, RAISES, BROKEN),
        (None, WRONG, BROKEN),
        (None, REFUSED, BROKEN),
        (None, MISSING, NOT_COMPARED),
        (MISSING, MISSING, NOT_COMPARED),
        (MISSING, RAISES, NOT_COMPARED),
        (RAISES, None, NOT_COMPARED),
        (REFUSED, None, NOT_COMPARED),
        (REFUSED, REFUSED, NOT_OFFERED),
        (REFUSED, RAISES, NOT_COMPARED),
        (WRONG, REFUSED, NOT_COMPARED),
        (RAISES, WRONG, BROKEN_IN_BOTH),
    ],
)
def test_what_a_fault_means(old, new, verdict):
    faults = {OLD: (old, "reason a"), NEW: (new, "reason b")}
    found, reason = judge({which: fault for which, fault in faults.items() if fault[0]})
    assert found == verdict
    if MISSING not in (old, new) and verdict != NOT_OFFERED:
        assert ("the old version: reason a" in reason) == (old is not None)
        assert ("the new version: reason b" in reason) == (new is not None)


def same(ratio):
    return Outcome({"ratio": ratio, "floor": 1.001})


def raising(version):
    return Outcome({"faults": {version: (RAISES, "ZeroDivisionError")}})


ANSWERS = {
    "numpy": [same(1.0)] * 2,
    "numpy-inplace": [same(1.1)] * 6,
    "numba": [Outcome(failed="the process ended with signal SIGSEGV")],
    "jax": [Outcome({"changed": "the value changed"})],
    "torch": [same(1.0), raising(NEW)],
    "only-in-the-old-version": [raising(NEW)],
    "autograd": [Outcome({"ratio": None})],
}


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """What `compare` asks of the measuring processes, and what it makes of their answers."""
    asked, left, fractions = [], {name: list(ANSWERS[name]) for name in ANSWERS}, []

    def run_cases(measure, groups, question, *, variables, is_doubtful):
        (group,) = groups
        asked.append(([name for _, name, *_ in group], question, variables, is_doubtful))
        return {case: left[case[1]].pop(0) for case in group}

    monkeypatch.setattr(comparison, "run_cases", run_cases)
    rows = [Comparison(name, 100, limit(100), is_timed=name != "autograd") for name in ANSWERS]
    compare(tmp_path / "base", tmp_path / "head", "toy", rows, progress=fractions.append)
    assert not any(left.values())
    return asked, {row.backend: row for row in rows}, fractions


def test_what_the_processes_answer(measured):
    _, rows, _ = measured
    assert {name: row.verdict for name, row in rows.items()} == {
        "numpy": SAME,
        "numpy-inplace": SLOWER,
        "numba": FAILED,
        "jax": BROKEN,
        "torch": BROKEN,
        "only-in-the-old-version": BROKEN,
        "autograd": SAME_ANSWER,
    }
    assert rows["numba"].reason == "the process ended with signal SIGSEGV"
    assert rows["jax"].reason == "the value changed"


def test_a_library_has_a_process_and_what_is_settled_is_left_out(measured, tmp_path):
    asked, _, _ = measured
    assert [names for names, *_ in asked] == [
        ["numpy", "numpy-inplace"],
        ["numba"],
        ["jax"],
        ["torch"],
        ["only-in-the-old-version"],
        ["autograd"],
        ["numpy", "numpy-inplace"],
        ["torch"],
        *[["numpy-inplace"]] * 4,
    ]
    assert [question["seed"] for _, question, *_ in asked] == [0] * 6 + [1] * 2 + [2, 3, 4, 5]
    assert {variables["NUMBA_CACHE_DIR"] for *_, variables, _ in asked} == {str(tmp_path / "numba")}


def test_the_progress_ends_at_one(measured):
    *_, fractions = measured
    # two of twelve, and the others have two to come or, once they failed, none
    assert fractions[0] == 2 / (2 + 1 + 1 + 4 * 2 + 1)
    assert fractions[4] == 3 / (3 + 3 + 1)
    assert fractions[-2:] == [8 / 9, 1.0]


def test_a_fault_is_tried_again_alone_where_another_backend_may_have_caused_it(measured):
    asked, _, _ = measured
    is_doubtful = asked[0][-1]
    assert is_doubtful(Outcome(failed="hung"))
    assert is_doubtful(raising(OLD))
    assert is_doubtful(Outcome({"changed": "the value changed"}))
    assert not is_doubtful(same(1.0))
    assert not is_doubtful(Outcome({"faults": {NEW: (REFUSED, "")}}))


def test_a_refusal_of_both_says_why():
    assert judge({OLD: (REFUSED, "too large"), NEW: (REFUSED, "too slow")}) == (
        NOT_OFFERED,
        "too slow",
    )


def planned(*arguments):
    rows = plan(["jax"], *arguments)
    return [(row.dimension, row.quantity, row.is_timed) for row in rows]


def test_values_are_timed_where_that_is_cheap_and_of_the_rest_the_answers_are_compared():
    rows = planned({1000: 1000, 10: 10, 100_000: 100_000})
    assert {(d, q) for d, q, is_timed in rows if is_timed} == {
        (1000, "gradient"),
        (1000, VALUE),
        (10, "gradient"),
        (10, VALUE),
        (100_000, "gradient"),
    }
    others = {(d, q) for d, q, is_timed in rows if not is_timed}
    assert others == {(10, q) for q in quantity_names() if q != "gradient"}
    assert len(rows) == 5 + len(others)


def test_values_are_timed_up_to_the_bound_of_small_problems():
    assert (10_000, VALUE, True) in planned({10_000: 10_000})
    assert (10_001, VALUE, True) not in planned({10_001: 10_001})


def test_the_quantities_asked_for_are_timed_everywhere_and_nothing_else_is():
    assert planned({10: 10, 10**6: 10**6}, ["virial", VALUE]) == [
        (10, "virial", True),
        (10, VALUE, True),
        (10**6, "virial", True),
        (10**6, VALUE, True),
    ]
