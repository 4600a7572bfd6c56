"""The gate's arithmetic on given ratios, and its verdict on given faults."""

import pytest

from eam.commands.gate_table import exit_status
from eam.gate.comparison import (
    BROKEN,
    BROKEN_IN_BOTH,
    FAILED,
    FASTER,
    NOT_COMPARED,
    NOT_OFFERED,
    SAME,
    SLOWER,
    UNCLEAR,
    Comparison,
    judge,
    limit,
)
from eam.gate.side_by_side import MISSING, NEW, OLD, RAISES, REFUSED, WRONG


def row(*ratios, problem=None, bound=1.025):
    return Comparison("numpy", 100, bound, list(ratios), problem)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ((1.0, 1.0, 1.0), SAME),
        ((1.049, 1.051, 1.05, 1.052, 1.048), SLOWER),
        ((1.04, 1.05, 1.05, 1.06, 0.99), UNCLEAR),
        ((0.95, 0.949, 0.951, 0.95, 0.952), FASTER),
        ((1.02, 1.024, 1.5, 1.01, 1.0), SAME),  # one process out of line decides nothing
        ((1.0, 1.01, 1.2, 1.3, 1.4), UNCLEAR),
    ],
)
def test_verdict(ratios, verdict):
    assert row(*ratios).verdict == verdict


def test_the_median_is_of_logarithms():
    assert row(1.0, 1.21).ratio == pytest.approx(1.1)


def test_the_limit_is_wider_for_large_problems():
    assert (limit(100), limit(10_000), limit(1_000_000)) == (1.025, 1.025, 1.05)
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
    ],
)
def test_only_what_is_in_doubt_is_measured_again(ratios, settled):
    assert row(*ratios).is_settled is settled


def test_a_failure_is_not_measured_again():
    assert row(problem=BROKEN).is_settled


def test_of_ten_and_more_the_outermost_decide_nothing():
    ten = row(0.8, 1.03, 1.04, 1.04, 1.05, 1.05, 1.06, 1.06, 1.07, 1.5)
    assert ten.interval == (1.03, 1.07)
    assert ten.verdict == SLOWER
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
