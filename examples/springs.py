"""A chain of springs between neighbouring beads.

    eam compare examples/springs.py

Each spring holds half the square of its stretch. The inner sum is handed to `sum_of`, so libraries
that take a custom adjoint have one; the loops give numba and Enzyme a row.
"""

import numpy as np

DIMENSIONS = (10, 100, 10_000)
UNIT = "beads"


def stored(stretch, xp):
    """The energy of a spring."""
    return 0.5 * stretch * stretch


def tension(stretch, xp):
    """The derivative of `stored`."""
    return stretch


def energy(x, xp, sum_of):
    """The energy of the chain at positions x, (N,)."""
    return sum_of(stored, tension, x[1:] - x[:-1] - 1.0)


def gradient(x):
    """Its gradient by hand."""
    out = np.empty_like(x)
    gradient_into(out, x)
    return out


def gradient_into(out, x):
    """The same, written into `out`."""
    stretch = x[1:] - x[:-1] - 1.0
    out[0] = 0.0
    out[1:] = stretch
    out[:-1] -= stretch


def energy_loop(x):
    """The energy as a loop."""
    total = 0.0
    for i in range(1, len(x)):
        stretch = x[i] - x[i - 1] - 1.0
        total += 0.5 * stretch * stretch
    return total


def gradient_loop(out, x):
    """The gradient as a loop."""
    out[0] = 0.0
    for i in range(1, len(x)):
        stretch = x[i] - x[i - 1] - 1.0
        out[i] = stretch
        out[i - 1] -= stretch


def x0(dimension):
    """Beads at a distance of 1.1, and each a little off."""
    beads = np.arange(dimension)
    return 1.1 * beads + 0.1 * np.sin(beads)
