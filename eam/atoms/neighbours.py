"""Half pair lists: every pair of atoms closer than a distance, once."""

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, PrivateNameError
from ..problem import Array
from .configuration import Configuration

# angstrom; nearer than this no embedded-atom potential means anything, also not one that was made
# for collisions
TOO_CLOSE = 0.1


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


@cache
def _vesin() -> Any:
    """vesin for NumPy arrays alone: where torch is installed it imports that, 0.9 s and 185 MB.

    It is not left in `sys.modules`, so that who imports vesin gets one that takes tensors too.
    """
    if "vesin" in sys.modules:
        return sys.modules["vesin"]
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in ("torch", "cupy") if name not in modules]
    modules |= dict.fromkeys(hidden)  # None makes an import fail
    try:
        return import_module("vesin")
    except ImportError as error:
        if error.name in hidden:
            raise PrivateNameError("vesin", f"import without {error.name}") from error
        raise
    finally:
        for name in [*hidden, *(name for name in modules if name.split(".")[0] == "vesin")]:
            del modules[name]


def half_list(configuration: Configuration, cutoff: float) -> Pairs:
    """All pairs within `cutoff` angstrom, each once, by vesin; any cell, any mix of periodicity.

    Cells may be triclinic and smaller than twice the cutoff. Time and memory are linear in the
    number of atoms.

    Raises:
        InputError: two atoms are closer than `TOO_CLOSE`.
    """
    # one thread, as everything that is timed; i and j come as uint64
    search = _vesin().NeighborList(cutoff=cutoff, full_list=False, n_threads=1)
    i, j, images, distances = search.compute(
        configuration.positions, configuration.cell, configuration.pbc, quantities="ijSd"
    )
    i, j = i.astype(np.intp), j.astype(np.intp)
    if len(distances):
        closest = int(np.argmin(distances))
        refuse_if_too_close(float(distances[closest]), int(i[closest]), int(j[closest]))
    order = np.lexsort((j, i))
    images = np.ascontiguousarray(images[order], dtype=np.int32)
    return Pairs(i[order], j[order], images, images @ configuration.cell)


def refuse_if_too_close(distance: float, i: int, j: int) -> None:
    """Raise InputError if atoms i and j are at a distance that is none of two atoms, angstrom."""
    if distance < TOO_CLOSE:
        raise InputError(
            f"atoms {i} and {j} are {distance:.2g} angstrom apart, less than {TOO_CLOSE:g}: "
            "is an atom there twice, or are the positions not in angstrom?"
        )
