"""The log-likelihood of a Gaussian mixture, as ADBench's gmm: 1000 points of two dimensions.

    eam compare examples/gaussian_mixture.py

The dimension counts the components. Six numbers describe one: the logarithm of its weight a, its
mean m, and its inverse Cholesky factor [[exp(p), 0], [l, exp(q)]], over which lies ADBench's prior.
x holds all a, then all m[0], m[1], p, q and l. Constant terms are left out.
"""

import numpy as np

DIMENSIONS = (2, 5, 20)
UNIT = "components"
POINTS = np.random.default_rng(0).standard_normal((1000, 2))


def log_sum_exp(values, xp):
    """log sum_k exp(values[k]) of a list of arrays of one shape, or of numbers of the library."""
    largest = values[0]
    for value in values[1:]:
        largest = xp.maximum(largest, value)
    return largest + xp.log(sum(xp.exp(value - largest) for value in values))


def energy(x, xp):
    """The log-likelihood with its prior."""
    n = x.shape[0] // 6
    a, m0, m1, p, q, l = (x[k * n : (k + 1) * n] for k in range(6))  # noqa: E741
    first, second = (xp.asarray(POINTS[:, k]) for k in (0, 1))
    terms = []
    for k in range(n):
        c0, c1 = first - m0[k], second - m1[k]
        y0, y1 = xp.exp(p[k]) * c0, l[k] * c0 + xp.exp(q[k]) * c1
        terms.append(a[k] + p[k] + q[k] - 0.5 * (y0 * y0 + y1 * y1))
    weights = log_sum_exp([a[k] for k in range(n)], xp)
    prior = 0.5 * xp.sum(xp.exp(2.0 * p) + xp.exp(2.0 * q) + l * l)
    return xp.sum(log_sum_exp(terms, xp)) - len(POINTS) * weights + prior


def gradient(x):
    """Its gradient by hand, by the share that each component has in each point."""
    a, m0, m1, p, q, l = x.reshape(6, -1)[:, :, None]  # noqa: E741
    c0, c1 = POINTS[:, 0] - m0, POINTS[:, 1] - m1
    d0, d1 = np.exp(p), np.exp(q)
    y0, y1 = d0 * c0, l * c0 + d1 * c1
    terms = a + p + q - 0.5 * (y0 * y0 + y1 * y1)
    share = np.exp(terms - terms.max(axis=0))
    share /= share.sum(axis=0)
    weight = np.exp(a[:, 0] - a.max())
    weight /= weight.sum()
    rows = [
        share.sum(axis=1) - len(POINTS) * weight,
        (share * (y0 * d0 + y1 * l)).sum(axis=1),
        (share * y1 * d1).sum(axis=1),
        (share * (1.0 - y0 * y0)).sum(axis=1) + d0[:, 0] ** 2,
        (share * (1.0 - y1 * d1 * c1)).sum(axis=1) + d1[:, 0] ** 2,
        -(share * y1 * c0).sum(axis=1) + l[:, 0],
    ]
    return np.concatenate(rows)


def x0(dimension):
    """Normally distributed, the same in each process."""
    return 0.5 * np.random.default_rng(1).standard_normal(6 * dimension)
