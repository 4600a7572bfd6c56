"""A chain of springs. Put your own function in its place: these three are all that eam needs."""

import numpy as np

DIMENSIONS = (10, 1_000)
UNIT = "beads"


def energy(x, xp):
    """The energy at x, over the namespace `xp` of a library: numpy, jax.numpy, torch, ..."""
    stretch = x[1:] - x[:-1] - 1.0
    return 0.5 * xp.sum(stretch * stretch)


def gradient(x):
    """The gradient of `energy` by hand, in NumPy: a new array of the shape of x."""
    stretch = x[1:] - x[:-1] - 1.0
    out = np.zeros_like(x)
    out[1:] += stretch
    out[:-1] -= stretch
    return out


def x0(dimension):
    """The input at a dimension."""
    return 1.1 * np.arange(dimension) + 0.1 * np.sin(np.arange(dimension))
