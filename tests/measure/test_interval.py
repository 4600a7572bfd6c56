"""The interval of a median."""

from math import comb

import numpy as np
import pytest

from eam.measure.interval import median_interval


@pytest.mark.parametrize("n", [1, 2, 7, 8, 12, 36])
def test_ends_are_samples_that_leave_out_less_than_one_percent(n):
    median, low, high = median_interval([float(k) for k in range(n)][::-1])
    assert median == pytest.approx((n - 1) / 2)
    assert low + high == n - 1

    def outside(k):
        return 2 * sum(comb(n, i) for i in range(int(k) + 1)) / 2**n

    assert low == 0 or outside(low) < 0.01
    assert n < 8 or outside(low + 1) >= 0.01


def test_it_holds_the_median_as_often_as_it_says():
    random = np.random.default_rng(0)
    held = [
        low <= 1.0 <= high  # the median of an exponential distribution of that scale
        for _, low, high in (
            median_interval(random.exponential(1.0 / np.log(2.0), 12)) for _ in range(2000)
        )
    ]
    assert np.mean(held) >= 0.985
