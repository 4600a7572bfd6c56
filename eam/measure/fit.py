"""How a cost grows with the dimension: t = a + b N, and the N from which one way beats another."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..errors import InputError


def fit_affine(dimensions: Sequence[float], seconds: Sequence[float]) -> tuple[float, float]:
    """The cost of a call and of an element: t = a + b N with the least relative error.

    The residuals are relative, since dimensions and times span many decades: with absolute ones
    the largest N alone would decide, and `a` would be noise. Neither a nor b can be negative.

    Args:
        dimensions: N of each measurement, at least two different ones.
        seconds: time of each measurement; points that are NaN are left out.

    Returns:
        a in seconds per call, b in seconds per element.

    Raises:
        InputError: fewer than two different dimensions with a positive time.
    """
    n, t = np.asarray(dimensions, float), np.asarray(seconds, float)
    measured = np.isfinite(t) & (t > 0.0)
    n, t = n[measured], t[measured]
    if np.unique(n).size < 2:
        raise InputError(f"a fit needs times at two dimensions or more, not at {n.tolist()}")
    call, element = 1.0 / t, n / t
    matrix = np.array([[call @ call, call @ element], [call @ element, element @ element]])
    a, b = np.linalg.solve(matrix, [call.sum(), element.sum()])
    if a < 0.0:
        return 0.0, float(element.sum() / (element @ element))
    if b < 0.0:
        return float(call.sum() / (call @ call)), 0.0
    return float(a), float(b)


def worst_misfit(dimensions: Sequence[float], seconds: Sequence[float]) -> tuple[float, float]:
    """Where and how far the times leave their fit: (N, measured / fitted), the worst point.

    A cost is affine if the second number is near 1; a step (a library that changes its algorithm
    between two N) shows as 1.5 or more, or 0.7 or less.
    """
    a, b = fit_affine(dimensions, seconds)
    pairs = [(n, t / (a + b * n)) for n, t in zip(dimensions, seconds, strict=True) if t > 0.0]
    return max(pairs, key=lambda pair: abs(math.log(pair[1])))


def crossover(
    dimensions: Sequence[float], seconds: Sequence[float], others: Sequence[float]
) -> float | None:
    """The N from which `seconds` stays below `others`, or None if it is not below at the last N.

    Found on the measured times, not on their fits, because a library's cost need not be affine.
    Between the two dimensions around the crossing the logarithm of the ratio is taken as linear
    in log N. Returns the first dimension if `seconds` is below throughout.

    Args:
        dimensions: N, rising.
        seconds: times of the way in question; a dimension with a NaN in either is left out.
        others: times of the way it is compared with.
    """
    points = [
        (math.log(n), math.log(t / other))
        for n, t, other in zip(dimensions, seconds, others, strict=True)
        if t > 0.0 and other > 0.0
    ]
    if not points or points[-1][1] >= 0.0:
        return None
    for before, after in reversed([*pairwise(points)]):
        if before[1] >= 0.0:
            share = before[1] / (before[1] - after[1])
            return math.exp(before[0] + share * (after[0] - before[0]))
    return math.exp(points[0][0])
