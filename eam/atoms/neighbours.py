"""Half pair lists: every pair of atoms closer than a distance, once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem import Array
from .configuration import Configuration

TOO_CLOSE = 1e-6  # angstrom; nearer than this, two atoms are one atom given twice


@dataclass(frozen=True, eq=False)
class Pairs:
    """A half list: pair k joins atom i[k] to the image of atom j[k] displaced by shift[k].

    The vector of pair k is ``x[j] - x[i] + shift``. Pairs are sorted by i, then j. An atom's own
    periodic images are pairs with i == j, one for the two of opposite sign.

    Attributes:
        i, j: (n_pairs,) intp.
        images: (n_pairs, 3) int32, the cells that j is displaced by.
        shift: (n_pairs, 3) float64, angstrom: ``images @ cell``.
    """

    i: NDArray[np.intp]
    j: NDArray[np.intp]
    images: NDArray[np.int32]
    shift: Array

    def __len__(self) -> int:
        return len(self.i)


def half_list(configuration: Configuration, cutoff: float) -> Pairs:
    """All pairs within `cutoff` angstrom, each once, by vesin; any cell, any mix of periodicity.

    Cells may be triclinic and smaller than twice the cutoff. Time and memory are linear in the
    number of atoms.

    Raises:
        InputError: two atoms coincide.
    """
    import vesin

    # one thread, as everything that is timed; i and j come as uint64
    search: Any = vesin.NeighborList(cutoff=cutoff, full_list=False, n_threads=1)
    i, j, images, distances = search.compute(
        configuration.positions, configuration.cell, configuration.pbc, quantities="ijSd"
    )
    i, j = i.astype(np.intp), j.astype(np.intp)
    if len(distances) and distances.min() < TOO_CLOSE:
        closest = int(np.argmin(distances))
        raise InputError(
            f"atoms {i[closest]} and {j[closest]} coincide "
            f"({distances[closest]:.1e} angstrom apart): remove one of them"
        )
    order = np.lexsort((j, i))
    images = np.ascontiguousarray(images[order], dtype=np.int32)
    return Pairs(i[order], j[order], images, images @ configuration.cell)
