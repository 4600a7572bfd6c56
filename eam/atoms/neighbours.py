"""Half pair lists: each pair of atoms closer than a distance, once."""

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

# angstrom; at shorter distances no embedded-atom potential is meaningful, not even one that was
# made for collisions
TOO_CLOSE = 0.1
# of one atom, or images of a cell; a metal has 100 within the cutoff of its potential, and the 80
# angstrom over which Sutton-Chen's lattice sums are checked reach over some 300 000 images
MOST_NEIGHBOURS = 1_000_000
_VESIN_BINS = 1e5


@dataclass(frozen=True, eq=False)
class Pairs:
    """A half list: pair k is atom i[k] and the image of atom j[k] that is displaced by shift[k].

    The vector of pair k is ``x[j] - x[i] + shift``. Pairs are sorted by i, then j. An atom and its
    own periodic image are a pair with i == j; of two opposite images the list has one.

    Attributes:
        i, j: (n_pairs,) intp.
        images: (n_pairs, 3) int32, the displacement of the image of j in whole cell vectors.
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
    """vesin for NumPy arrays only, without torch, whose import takes 0.9 s and 185 MB.

    vesin imports torch and cupy where they are installed, and does without where their import
    fails. The module does not stay in `sys.modules`: a later import of vesin by somebody else gets
    one that accepts tensors.

    Raises:
        PrivateNameError: this release of vesin needs torch or cupy.
    """
    if "vesin" in sys.modules:
        return sys.modules["vesin"]
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in ("torch", "cupy") if name not in modules]
    modules |= dict.fromkeys(hidden)  # None makes their import fail
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
    """All pairs within `cutoff` angstrom, each once, found by vesin.

    The cell may be triclinic and smaller than twice the cutoff, and periodic along any of its
    vectors. Time and memory are linear in the number of atoms.

    Raises:
        InputError: two atoms are closer than `TOO_CLOSE`, or atoms have too many neighbours, or the
            space is too long for vesin.
    """
    refuse_if_too_many(configuration, cutoff)
    _refuse_if_vesin_fails(configuration, cutoff)
    # one thread, like everything that is timed
    search = _vesin().NeighborList(cutoff=cutoff, full_list=False, n_threads=1)
    i, j, images, distances = search.compute(
        configuration.positions, configuration.cell, configuration.pbc, quantities="ijSd"
    )
    i, j = i.astype(np.intp), j.astype(np.intp)  # from uint64
    if len(distances):
        closest = int(np.argmin(distances))
        refuse_if_too_close(float(distances[closest]), int(i[closest]), int(j[closest]))
    order = np.lexsort((j, i))
    images = np.ascontiguousarray(images[order], dtype=np.int32)
    return Pairs(i[order], j[order], images, images @ configuration.cell)


def refuse_if_too_many(configuration: Configuration, cutoff: float) -> None:
    """Raise InputError if the cutoff reaches over so many atoms that no machine lists them.

    A potential in other units than angstrom, or a cell in others, does that. Asked before any list
    is built, since the list would take all memory first.
    """
    periodic, heights, lengths = _dimensions(configuration)
    volume = float(np.where(periodic, heights, np.maximum(lengths, cutoff)).prod())
    neighbours = 4.2 * cutoff**3 * len(configuration) / volume
    images = float(np.where(periodic, 2.0 * cutoff / heights + 1.0, 1.0).prod())
    if max(neighbours, images) > MOST_NEIGHBOURS:
        raise InputError(
            f"a cutoff of {cutoff:g} angstrom reaches over {max(neighbours, images):.0e} atoms or "
            f"images of them: are the potential and the cell, {configuration.cell.tolist()}, "
            "both in angstrom?"
        )


def _refuse_if_vesin_fails(configuration: Configuration, cutoff: float) -> None:
    """Raise InputError for a space whose shape ends the process in vesin 0.6.

    vesin has at most 10^5 bins. To stay below, it shortens their numbers along all three axes by
    one factor, and divides by a number that became 0.
    """
    bins = np.maximum(1.0, np.floor(_dimensions(configuration)[2] / cutoff))
    if bins.min() * np.cbrt(_VESIN_BINS / bins.prod()) < 1.0:
        raise InputError(
            f"vesin cannot search a space of {bins.astype(int).tolist()} cutoffs: it is too long "
            "for its width. Are the positions in angstrom? Else take eam.ase.EAM, which searches "
            "by itself"
        )


def _dimensions(configuration: Configuration) -> tuple[NDArray[np.bool_], Array, Array]:
    """Which axes are periodic, the heights of the cell, and the lengths of the atoms' space."""
    inverse = np.linalg.inv(configuration.cell)
    heights = 1.0 / np.linalg.norm(inverse, axis=0)
    extents = np.ptp(configuration.positions @ inverse, axis=0) * heights
    return (
        configuration.pbc,
        heights,
        np.where(configuration.pbc, heights, np.maximum(heights, extents)),
    )


def refuse_if_too_close(distance: float, i: int, j: int) -> None:
    """Raise InputError if the distance of atoms i and j, angstrom, is below `TOO_CLOSE`."""
    if distance < TOO_CLOSE:
        raise InputError(
            f"atoms {i} and {j} are {distance:.2g} angstrom apart, less than {TOO_CLOSE:g}: "
            "are two atoms at the same place, or are the positions not in angstrom?"
        )
