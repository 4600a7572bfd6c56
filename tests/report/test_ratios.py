"""What may be claimed of a ratio, on stored results whose answers are known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eam.report.ratios import (
    Estimate,
    Ratio,
    Score,
    Standing,
    divide,
    floor,
    ratio,
    repeatability,
    score,
)
from eam.report.results import PAIRED
from eam.report.sentences import headline
from eam.report.verdicts import verdicts
from tests.report.stored_results import around


def test_a_ratio_is_claimed_only_beyond_the_floor(run_of):
    run = run_of(
        overhead={
            (100, "numpy"): around(1.0),
            (100, "jax"): around(1.04),
            (100, "torch"): around(1.2),
            (100, "numba"): around(0.5),
        }
    )
    standings = {
        name: run.overhead(100, name).standing for name in ("numpy", "jax", "torch", "numba")
    }
    assert standings == {"numpy": "level", "jax": "level", "torch": "behind", "numba": "ahead"}


def test_a_wide_floor_forbids_the_same_claim(run_of):
    run = run_of(overhead={(100, "numpy"): around(1.0, 0.4), (100, "torch"): around(1.2)})
    assert run.floor(100) > 0.2
    assert run.overhead(100, "torch").standing == "level"


def test_an_interval_too_wide_to_tell_is_no_yes(run_of):
    run = run_of(overhead={(100, "jax"): around(1.1, 0.9), (100, "torch"): around(1.6, 0.9)})
    assert [line.word for line in verdicts(run)] == ["not clear", "not clear"]
    assert headline(run)[0]["answer"] == "Not clear."


def test_times_of_separate_processes_support_no_claim(run_of):
    run = run_of(time={(100, "numpy"): around(6e-6), (100, "torch"): around(120e-6)})
    ratio = run.overhead(100, "torch")
    assert ratio.value == pytest.approx(20.0)
    assert ratio.standing == "unpaired"
    (line,) = verdicts(run)
    assert line.word == "not comparable"
    assert "about 20× the NumPy gradient" in line.sentence


def test_the_denominators(run_of):
    run = run_of(
        overhead={(100, "numpy"): around(1.0), (100, "numba"): around(0.05)},
        best={(100, "jax"): around(20.0), (100, "numba"): around(1.0)},
        time={
            (100, "jax"): around(6e-6),
            (100, "numpy"): around(4e-6),
            (100, "numba"): around(0.5e-6),
            (100, "torch"): around(100e-6),
        },
        value={(100, "jax"): around(3e-6)},
    )
    jax = {d: run.overhead(100, "jax", d) for d in PAIRED}
    assert {d: (r.value, r.standing) for d, r in jax.items()} == {
        "numpy": (pytest.approx(1.5), "unpaired"),
        "best": (pytest.approx(20.0), "behind"),
        "value": (pytest.approx(2.0), "unpaired"),
    }
    assert run.best_manual(100) == "numba"
    torch = run.overhead(100, "torch", "best")
    assert (torch.value, torch.standing) == (pytest.approx(200.0), "unpaired")


def test_a_missing_number_gives_no_ratio_and_says_why(run_of):
    run = run_of(
        overhead={(100, "jax"): 2.0, (100, "torch"): None, (100, "numba"): math.inf},
        time={(1, "jax"): around(1e-6)},
    )
    assert run.overhead(100, "torch") is None
    assert run.overhead(1, "jax") is None
    reasons = [run.why("track_overhead", 100, name) for name in ("torch", "numba", "nosuch")]
    assert reasons == [("failed", ""), ("failed", ""), ("not run", "")]


@given(
    *2 * [st.tuples(st.floats(1e-9, 1.0), st.floats(0.5, 1.0), st.floats(1.0, 2.0))],
)
def test_a_quotient_keeps_its_interval_around_it(above, below):
    a, b = (Estimate(v, v * low, v * high) for v, low, high in (above, below))
    quotient = divide(a, b)
    assert quotient.low <= quotient.value <= quotient.high
    inverse = divide(b, a)
    assert inverse.low == pytest.approx(1.0 / quotient.high)


def test_hand_written_backends_are_ranked(run_of):
    run = run_of(overhead={(100, "numpy"): 1.0, (100, "numba-inplace"): 0.05, (100, "jax"): 1.0})
    assert list(run.hand_written(100)) == ["numba-inplace", "numpy"]


def ratio_of(low, high, floor=0.05, paired=True):
    return Ratio((low * high) ** 0.5, low, high, floor, paired)


@pytest.mark.parametrize(
    ("low", "high", "standing"),
    [
        (0.5, 0.999 / 1.05, Standing.AHEAD),
        (0.9, 1.0 / 1.05, Standing.LEVEL),  # a lead of exactly the floor is none
        (0.9, 1.0, Standing.LEVEL),
        (1.05, 1.2, Standing.LEVEL),  # a lag of exactly the floor is none
        (1.051, 1.2, Standing.BEHIND),
        (1.051, 99.0, Standing.BEHIND),
        (0.8, 1.25, Standing.LEVEL),  # the whole interval within 25 % of 1
        (0.799, 1.25, Standing.UNCLEAR),
        (0.8, 1.251, Standing.UNCLEAR),
        (0.5, 2.0, Standing.UNCLEAR),
    ],
)
def test_the_standing_at_its_boundaries(low, high, standing):
    assert ratio_of(low, high).standing == standing
    assert ratio_of(low, high, paired=False).standing == Standing.UNPAIRED


def test_the_inverse_swaps_the_ends():
    inverse = Ratio(4.0, 2.0, 8.0, 0.07, True).inverse()
    assert inverse == Ratio(0.25, 0.125, 0.5, 0.07, True)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, Score.MISSING),
        (ratio_of(0.5, 0.6), Score.AHEAD),
        (ratio_of(0.9, 1.1), Score.CLOSE),
        (ratio_of(1.249, 1.2501), Score.CLOSE),  # slower, and within 1.25
        (Ratio(1.25, 1.2, 9.0, 0.05, True), Score.CLOSE),
        (Ratio(1.251, 1.2, 9.0, 0.05, True), Score.BEHIND),
        (ratio_of(0.5, 2.0), Score.UNCLEAR),
        (ratio_of(0.5, 0.6, paired=False), Score.UNCLEAR),
    ],
)
def test_how_a_library_counts(found, expected):
    assert score(found) == expected


def test_a_ratio_without_an_interval_is_its_value():
    assert ratio(Estimate(3.0), 0.1, paired=False) == Ratio(3.0, 3.0, 3.0, 0.1, False)
    assert ratio(Estimate(3.0, 2.0, 4.0), 0.1, paired=True) == Ratio(3.0, 2.0, 4.0, 0.1, True)


@pytest.mark.parametrize(("paired", "margin"), [(True, 1.05), (False, 1.7)])
def test_clearly_below_is_beyond_the_floor_or_beyond_what_processes_differ_by(paired, margin):
    below = ratio_of(0.5, 1.0)
    assert below.clearly_below(ratio_of(margin * 1.001, 9.0, paired=paired))
    assert not below.clearly_below(ratio_of(margin, 9.0, paired=paired))
    assert not ratio_of(2.0, 3.0).clearly_below(below)


def test_repeatability_is_worse_above_10_000():
    assert [repeatability(n) for n in (1, 10_000, 10_001)] == [0.05, 0.05, 0.15]


@pytest.mark.parametrize(
    ("itself", "expected"),
    [
        (None, 0.05),
        (Estimate(1.0), 0.05),
        (Estimate(1.0, 0.99, 1.02), 0.05),
        (Estimate(1.0, 0.8, 1.1), 0.25),  # 1 / 0.8
        (Estimate(1.0, 0.9, 1.3), 0.3),
        (Estimate(1.4, 1.0, 1.0), 0.4),
        (Estimate(1.0, 0.0, 1.1), 0.1),  # an end that no ratio has
    ],
)
def test_the_floor_is_the_furthest_that_identical_code_gets(itself, expected):
    assert floor(100, itself) == pytest.approx(expected)


def test_relative_errors_add_in_quadrature():
    above = Estimate(6.0, 6.0 / math.exp(0.3), 6.0 * math.exp(0.6))
    below = Estimate(2.0, 2.0 / math.exp(0.8), 2.0 * math.exp(0.4))
    value, low, high, _ = divide(above, below)
    assert value == 3.0
    assert math.log(high / 3.0) == pytest.approx(math.hypot(0.6, 0.8))
    assert math.log(3.0 / low) == pytest.approx(math.hypot(0.3, 0.4))
    assert divide(Estimate(6.0), Estimate(2.0)) == Estimate(3.0, 3.0, 3.0)
    for low in (-1.0, 0.0):
        assert divide(Estimate(6.0, low, 6.6), Estimate(2.0))[:3] == pytest.approx((3.0, 3.0, 3.3))
    small = divide(Estimate(6e-6, 3e-6, 6e-6), Estimate(2e-6))
    assert small[:3] == pytest.approx((3.0, 1.5, 3.0))


@pytest.mark.parametrize(("above", "below"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, -1.0)])
def test_what_is_not_positive_has_no_ratio(above, below):
    assert divide(Estimate(above), Estimate(below)) is None


def test_a_paired_ratio_goes_before_one_of_separate_times(run_of):
    run = run_of(
        overhead={(100, "jax"): around(2.0), (100, "torch"): 0.0},
        time={(n, name): around(1.0) for n in (100, 1) for name in ("jax", "torch", "numpy")},
    )
    assert run.overhead(100, "jax").value == 2.0
    # an overhead of zero is no ratio, so the times speak
    assert (run.overhead(100, "torch").value, run.overhead(100, "torch").paired) == (1.0, False)
    assert {n: r.value for n, r in run.overheads("jax").items()} == {100: 2.0}
    assert {n: r.value for n, r in run.overheads("torch").items()} == {100: 1.0, 1: 1.0}
    assert run.overhead(7, "jax") is None


def test_the_floor_comes_from_numpy_over_itself(run_of):
    run = run_of(overhead={(100, "numpy"): around(1.2, 0.0), (100, "jax"): around(9.0, 0.5)})
    assert run.floor(100) == pytest.approx(0.2)
    assert run.floor(10) == 0.05
    assert run.overhead(100, "jax").floor == pytest.approx(0.2)


def test_the_best_by_hand_is_paired_where_any_is_and_of_one_core(run_of):
    run = run_of(
        overhead={(100, "numpy"): around(1.0), (100, "numba"): around(0.5)},
        time={
            (n, name): around(seconds)
            for n in (1, 100)
            for name, seconds in {
                "numpy": 1.0,
                "numba": 0.9,
                "numba-inplace": 0.1,
                "numba-parallel": 0.01,
                "jax": 0.001,
            }.items()
        },
    )
    assert [run.best_manual(n) for n in (1, 100, 7)] == ["numba-inplace", "numba", None]
    assert run.overhead(1, "jax", "best").value == pytest.approx(0.01)
