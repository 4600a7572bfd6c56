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


def relative_error(a, b, dimensions, seconds):
    return sum(((a + b * n) / t - 1.0) ** 2 for n, t in zip(dimensions, seconds, strict=True))


@pytest.mark.parametrize(
    "seconds",
    [
        [5e-6, 6e-6, 25e-6],
        [1e-9, 2e-8, 3e-7],  # grows faster than N: a is 0
        [3e-6, 2e-6, 1e-6],  # falls: b is 0
    ],
)
def test_no_other_cost_has_a_smaller_relative_error(seconds):
    dimensions = [1, 10, 100]
    a, b = fit_affine(dimensions, seconds)
    least = relative_error(a, b, dimensions, seconds)
    assert min(a, b) >= 0.0
    step_a, step_b = 1e-3 * seconds[0], 1e-3 * seconds[0] / dimensions[0]
    for other in [(a + step_a, b), (a - step_a, b), (a, b + step_b), (a, b - step_b)]:
        if min(other) >= 0.0:
            assert relative_error(*other, dimensions, seconds) > least


def test_neither_part_is_negative():
    assert fit_affine([1, 10, 100], [1e-9, 2e-8, 3e-7])[0] == 0.0
    assert fit_affine([1, 10, 100], [3e-6, 2e-6, 1e-6])[1] == 0.0


@pytest.mark.parametrize("missing", [math.nan, math.inf, 0.0, -1e-6])
def test_missing_points_are_left_out(missing):
    seconds = [1e-6 + 1e-9 * n for n in DIMENSIONS]
    seconds[1] = missing
    assert fit_affine(DIMENSIONS, seconds) == (pytest.approx(1e-6), pytest.approx(1e-9))
    if not math.isinf(missing):
        assert worst_misfit(DIMENSIONS, seconds)[1] == pytest.approx(1.0)


def test_two_dimensions_are_enough_and_one_is_refused():
    assert fit_affine([1, 101], [2e-6, 3e-6]) == (pytest.approx(1.99e-6), pytest.approx(1e-8))
    with pytest.raises(InputError, match=r"two dimensions or more, not at \[100\.0, 100\.0\]"):
        fit_affine([100, 100, 1], [1e-6, 2e-6, math.nan])


@pytest.mark.parametrize("step", [18e-6, 3e-6])
def test_a_step_up_or_down_is_seen(step):
    dimensions = [1, 2, 5, 10, 100, 200, 10_000]
    seconds = [5e-6, 5e-6, 5e-6, 5e-6, 6e-6, step, 40e-6]
    n, misfit = worst_misfit(dimensions, seconds)
    assert n == 200
    a, b = fit_affine(dimensions, seconds)
    assert misfit == pytest.approx(step / (a + b * 200))
    assert abs(math.log(misfit)) > math.log(1.5)


def test_crossover():
    cheap_call = [1e-6 + 4e-9 * n for n in DIMENSIONS]
    cheap_element = [6e-6 + 1e-9 * n for n in DIMENSIONS]
    assert crossover(DIMENSIONS, cheap_element, cheap_call) == pytest.approx(1667, rel=0.5)
    assert crossover(DIMENSIONS, cheap_call, cheap_element) is None
    assert crossover(DIMENSIONS, [1e-7] * 4, cheap_call) == pytest.approx(1)
    assert crossover([], [], []) is None


@pytest.mark.parametrize(
    ("seconds", "crossing"),
    [
        ([1, 3, 1, 1], 10 ** (1 + math.log(1.5) / math.log(3))),  # the last of two crossings
        ([3, 2, 1, 1], 10),  # as fast at 10: from there on
        ([1, 2, 1, 1], 10),
        ([1, 1, 1, 2], None),  # no faster at the last
        ([1, 1, 1, 3], None),
        ([math.nan, 1, 1, 1], 10),  # faster from the first that was measured
        ([0, 1, 1, 1], 10),
        ([3, math.nan, 1, 1], 10 ** (2 * math.log(1.5) / math.log(3))),
        ([3, 1, 1, math.nan], 10 ** (math.log(1.5) / math.log(3))),
        ([math.nan] * 4, None),
    ],
)
def test_crossover_is_interpolated_on_logarithms(seconds, crossing):
    expected = None if crossing is None else pytest.approx(crossing)
    dimensions, others = [1, 10, 100, 1000], [2, 2, 2, 2]
    assert crossover(dimensions, seconds, others) == expected


@pytest.mark.parametrize("missing", [math.nan, 0.0, -1.0])
def test_a_time_that_either_lacks_is_left_out(missing):
    assert crossover([1, 10, 100], [1, 1, 1], [missing, 2, 2]) == pytest.approx(10)
    assert crossover([1, 10, 100], [1, 1, missing], [1, 2, 2]) == pytest.approx(1)


def test_a_time_for_each_dimension():
    with pytest.raises(ValueError, match="shorter"):
        crossover([1, 10], [1, 1], [2])
