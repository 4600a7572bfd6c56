"""A cluster of Lennard-Jones atoms: the sum over all pairs of 4 (r^-12 - r^-6).

    eam compare examples/lennard_jones.py

x is (n_atoms, 3), in units of sigma, and the energy in units of epsilon. The time of every gradient
grows with the square of the number of atoms.
"""

from functools import lru_cache

import numpy as np

DIMENSIONS = (13, 55, 147)
UNIT = "atoms"


@lru_cache
def pairs(n_atoms):
    """The indices i < j of all pairs."""
    return np.triu_indices(n_atoms, 1)


def energy(x, xp):
    """The energy of the cluster."""
    i, j = pairs(x.shape[0])
    d = x[j] - x[i]
    inverse = 1.0 / xp.sum(d * d, axis=1) ** 3
    return 4.0 * xp.sum(inverse * inverse - inverse)


def gradient(x):
    """Its gradient by hand: minus the forces."""
    i, j = pairs(len(x))
    d = x[j] - x[i]
    r2 = np.sum(d * d, axis=1)
    inverse = 1.0 / r2**3
    along = (24.0 * (inverse - 2.0 * inverse * inverse) / r2)[:, None] * d
    out = np.zeros_like(x)
    for axis in range(3):
        out[:, axis] = np.bincount(j, along[:, axis], len(x))
        out[:, axis] -= np.bincount(i, along[:, axis], len(x))
    return out


def x0(dimension):
    """The nearest sites of an fcc lattice to the origin, each a little off."""
    n = 1 + round(dimension ** (1 / 3))
    sites = np.stack(np.meshgrid(*[np.arange(-n, n + 1)] * 3), -1).reshape(-1, 3)
    sites = sites[sites.sum(axis=1) % 2 == 0] * 2.0 ** (1 / 6) / np.sqrt(2.0)
    nearest = sites[np.argsort(np.sum(sites**2, axis=1), kind="stable")[:dimension]]
    return nearest + 0.02 * np.random.default_rng(0).standard_normal(nearest.shape)
