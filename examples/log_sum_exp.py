"""The logarithm of a sum of exponentials, as GradBench's lse: f(x) = log sum_i exp(x_i).

    eam compare examples/log_sum_exp.py

The largest x_i is taken out of the sum, so no exponential overflows; its derivative cancels.
"""

import numpy as np

DIMENSIONS = (10, 1_000, 100_000)


def energy(x, xp):
    """f at x, (N,)."""
    largest = xp.max(x)
    return largest + xp.log(xp.sum(xp.exp(x - largest)))


def gradient(x):
    """Its gradient by hand, which is softmax(x)."""
    out = np.exp(x - np.max(x))
    return out / np.sum(out)


def gradient_into(out, x):
    """The same, written into `out`."""
    np.subtract(x, np.max(x), out)
    np.exp(out, out)
    np.divide(out, np.sum(out), out)


def x0(dimension):
    """Normally distributed, the same in each process."""
    return np.random.default_rng(0).standard_normal(dimension)
