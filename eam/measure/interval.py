"""The median of a few samples and an interval that holds the median of all with 99 % confidence."""

from collections.abc import Sequence
from math import comb
from typing import NamedTuple


class Interval(NamedTuple):
    """A median and its interval."""

    median: float
    low: float
    high: float


def median_interval(samples: Sequence[float]) -> Interval:
    """From the order of the samples alone, whatever they are distributed like.

    The k-th lowest and k-th highest of n samples hold the median between them unless fewer than k
    fall on one side of it; k is the largest for which that has a probability below 1 %. Of fewer
    than eight samples, which cannot be that sure, it is the lowest and the highest.
    """
    ordered, n = sorted(samples), len(samples)
    outside, k = 0.0, 0
    while outside + comb(n, k) / 2**n < 0.005:
        outside += comb(n, k) / 2**n
        k += 1
    k = max(k, 1)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2.0
    return Interval(middle, ordered[k - 1], ordered[n - k])
