"""The arithmetic of cost growth, on times whose answer is known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eam.errors import InputError
from eam.measure.fit import crossover, fit_affine, worst_misfit

DIMENSIONS = [1, 100, 10_000, 1_000_000]


@given(st.floats(1e-9, 1e-3), st.floats(1e-12, 1e-6))
def test_an_affine_cost_is_found(a, b):
    seconds = [a + b * n for n in DIMENSIONS]
    assert fit_affine(DIMENSIONS, seconds) == (
        pytest.approx(a, rel=1e-6, abs=b * 1e-6),
        pytest.approx(b, rel=1e-6, abs=a * 1e-9),
    )
    assert worst_misfit(DIMENSIONS, seconds)[1] == pytest.approx(1.0)


def test_the_largest_dimension_does_not_decide_alone():
    seconds = [5e-6, 5.2e-6, 25e-6, 2.2e-3]
    a, b = fit_affine(DIMENSIONS, seconds)
    assert a == pytest.approx(5e-6, rel=0.05)
    assert b == pytest.approx(2.1e-9, rel=0.1)


def test_neither_part_is_negative():
    assert fit_affine([1, 10, 100], [1e-9, 2e-8, 3e-7])[0] == 0.0
    assert fit_affine([1, 10, 100], [3e-6, 2e-6, 1e-6])[1] == 0.0


def test_missing_points_are_left_out():
    seconds = [1e-6 + 1e-9 * n for n in DIMENSIONS]
    seconds[1] = math.nan
    assert fit_affine(DIMENSIONS, seconds) == (pytest.approx(1e-6), pytest.approx(1e-9))
    assert worst_misfit(DIMENSIONS, seconds)[1] == pytest.approx(1.0)


def test_one_dimension_is_refused():
    with pytest.raises(InputError, match="two dimensions"):
        fit_affine([100, 100], [1e-6, 2e-6])


def test_a_step_is_seen():
    n, misfit = worst_misfit([1, 100, 200, 10_000], [5e-6, 6e-6, 18e-6, 40e-6])
    assert n == 200
    assert misfit > 1.5


def test_crossover():
    cheap_call = [1e-6 + 4e-9 * n for n in DIMENSIONS]
    cheap_element = [6e-6 + 1e-9 * n for n in DIMENSIONS]
    assert crossover(DIMENSIONS, cheap_element, cheap_call) == pytest.approx(1667, rel=0.5)
    assert crossover(DIMENSIONS, cheap_call, cheap_element) is None
    assert crossover(DIMENSIONS, [1e-7] * 4, cheap_call) == pytest.approx(1)
    assert crossover([], [], []) is None


def test_crossover_is_the_last_one():
    assert crossover([1, 10, 100, 1000], [1, 3, 1, 1], [2, 2, 2, 2]) == pytest.approx(
        10 ** (1 + math.log(1.5) / math.log(3))
    )
