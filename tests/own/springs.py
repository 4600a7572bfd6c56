"""A chain of springs, with everything that a file may define."""

import numpy as np

DIMENSIONS = (5, 40)
UNIT = "beads"


def stretch(x, xp):
    """The energy of one spring."""
    return 0.5 * x * x


def force(x, xp):
    """Its derivative."""
    return x


def energy(x, xp, sum_of):
    """The energy of all."""
    return sum_of(stretch, force, x[1:] - x[:-1] - 1.0)


def gradient(x):
    """The gradient by hand."""
    out = np.empty_like(x)
    gradient_into(out, x)
    return out


def gradient_into(out, x):
    """The same into an array."""
    d = x[1:] - x[:-1] - 1.0
    out[:] = 0.0
    out[1:] += d
    out[:-1] -= d


def energy_loop(x):
    """The energy as numba compiles it."""
    total = 0.0
    for i in range(1, len(x)):
        d = x[i] - x[i - 1] - 1.0
        total += 0.5 * d * d
    return total


def gradient_loop(out, x):
    """The gradient as numba compiles it."""
    out[0] = 0.0
    for i in range(1, len(x)):
        d = x[i] - x[i - 1] - 1.0
        out[i] = d
        out[i - 1] -= d


def x0(dimension):
    """A chain that is stretched unevenly."""
    return 1.1 * np.arange(dimension) + 0.1 * np.sin(np.arange(dimension))
