"""Neighbours by cell list: half lists over sorted atoms and their periodic images, compiled.

Every atom, and every image that a neighbour of an atom can be, is a *slot*. Slots are sorted by the
bin they lie in, in lexicographic order, so that the bins along the third axis are one contiguous
stretch of slots and the search reads memory forwards. Of the two copies of a pair (i with an image
of j, j with the opposite image of i) the list keeps the one whose second bin is the later: since
the bin of an image is that of its atom plus whole cells, in integers, that choice is exact in any
cell, however small. Images below the cell along the first axis are then never needed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem import Array
from .lowlevel import njit

_WIDTHS = np.array([0.5, 0.5, 0.25])  # of a bin along each axis, in units of the reach
_BINS_PER_ATOM = 8  # bounds the memory of a few atoms in a large empty cell


@dataclass(frozen=True, eq=False)
class CellList:
    """Who is whose neighbour, valid while no atom has moved by more than half the skin.

    Attributes:
        owner: the atom that each slot is a copy of, (n_slots,) uint32.
        shift: what to add to that atom's position, (n_slots, 3) float64, angstrom.
        centres: the slots that are no images, ascending, (n_atoms,) uint32.
        slots_of: the slots of atom a are ``slots_of[slots_start[a]:slots_start[a + 1]]``.
        slots_start: see `slots_of`; (n_atoms + 1,) int64.
        neighbours: the slots next to ``centres[m]`` are ``neighbours[start[m]:start[m + 1]]``,
            uint32; every pair stands once, under the earlier of its two slots.
        start: see `neighbours`; (n_atoms + 1,) int64.
        layers: the centres of layer k along the first axis are ``layers[k]`` to
            ``layers[k + 1] - 1``, (n_layers + 1,) int64.
        layers_ahead: how many layers a neighbour can be ahead of its centre.
        slabs: the layers of slab k are ``slabs[k]`` to ``slabs[k + 1] - 1``; no two slabs have
            slots in common. (n_slabs + 1,) int64.
        reach: the largest distance in the list, cutoff and skin, angstrom.
        built_at: the positions that the list was built for, (n_atoms, 3).
    """

    owner: NDArray[np.uint32]
    shift: Array
    centres: NDArray[np.uint32]
    slots_of: NDArray[np.uint32]
    slots_start: NDArray[np.int64]
    neighbours: NDArray[np.uint32]
    start: NDArray[np.int64]
    layers: NDArray[np.int64]
    layers_ahead: int
    slabs: NDArray[np.int64]
    reach: float
    built_at: Array


def _new_room(size: int) -> NDArray[np.uint32]:
    return np.empty(size, np.uint32)


def build(
    positions: Array,
    cell: Array,
    periodic: NDArray[np.bool_],
    reach: float,
    n_slabs: int = 1,
    room: Callable[[int], NDArray[np.uint32]] = _new_room,
) -> CellList:
    """The half list of all pairs closer than `reach`, in time proportional to their number.

    Args:
        positions: (n_atoms, 3) float64, angstrom; anywhere, also outside the cell.
        cell: (3, 3), its rows the cell vectors, angstrom; any shape, also smaller than the reach.
        periodic: (3,) bool. The vector of an axis that is not periodic may be zero.
        reach: angstrom, more than 0.
        n_slabs: into how many slabs the layers are divided, for threads to work on at once; there
            may be fewer, since each has at least one layer.
        room: gives an array of at least a size, in which `neighbours` are kept.

    Raises:
        InputError: positions that are not finite, or a cell without volume.
    """
    positions = np.ascontiguousarray(positions, dtype=np.float64)
    if not np.isfinite(positions).all():
        raise InputError("positions hold NaN or infinity; look at what moved the atoms there")
    frame = _frame(np.asarray(cell, dtype=np.float64), periodic)
    inverse = np.linalg.inv(frame)
    fractions = positions @ inverse
    wraps = np.floor(fractions) * periodic
    fractions -= wraps
    low, extent = np.zeros(3), np.ones(3)
    for axis in np.flatnonzero(~np.asarray(periodic)):
        low[axis] = fractions[:, axis].min()
        extent[axis] = max(float(np.ptp(fractions[:, axis])), 1e-9)
    lengths = extent / np.linalg.norm(inverse, axis=0)

    counts = _bin_counts(lengths, reach, len(positions))
    margins = np.floor(reach / (lengths / counts) + 1e-9).astype(np.int64) + 1
    images = np.where(periodic, margins, 0)
    bins = ((fractions - low) * (counts / extent)).astype(np.int64)
    np.minimum(bins, counts - 1, out=bins)
    below = images * [0, 1, 1]
    grid = below + counts + images

    owner, whole, bin_of = _enumerate(bins, counts, below, images)
    order, bin_start = _counting_sort(bin_of, grid.prod())
    owner, shift, points, bin_of, centres = _sorted(
        order, owner, whole, bin_of, wraps, frame, positions
    )
    spread = np.where(periodic, extent, extent * np.maximum(1.0, reach / lengths))
    density = len(positions) / (abs(np.linalg.det(frame)) * spread.prod())
    capacity = int(len(positions) * (2.4 * density * reach**3 + 16.0))
    neighbours, start = _searched(
        room, capacity, points, centres, bin_of, bin_start, grid, margins, reach
    )
    slots_of, slots_start = _counting_sort(owner, len(positions))
    layer_slots = bin_start[grid[1] * grid[2] * np.arange(grid[0] + 1)]
    cells = CellList(
        owner,
        shift,
        centres,
        slots_of,
        slots_start,
        neighbours,
        start,
        np.searchsorted(centres, layer_slots[: counts[0] + 1]),
        int(margins[0]),
        np.array([0, counts[0]]),
        reach,
        positions.copy(),
    )
    return cells if n_slabs == 1 else _divided(cells, layer_slots, n_slabs)


def closest(cells: CellList) -> tuple[float, int, int]:
    """The two atoms of the list that were closest when it was built, their distance first."""
    square, i, j = _closest(
        cells.built_at, cells.owner, cells.shift, cells.centres, cells.neighbours, cells.start
    )
    return float(np.sqrt(square)), int(cells.owner[i]), int(cells.owner[j])


@njit()
def _closest(
    positions: Any, owner: Any, shift: Any, centres: Any, neighbours: Any, start: Any
) -> Any:
    """The square of the least distance, and its two slots."""
    least, slots = np.inf, (np.uint32(0), np.uint32(0))
    for m in range(len(centres)):
        i = centres[m]
        for k in range(start[m], start[m + 1]):
            j = neighbours[k]
            square = 0.0
            for c in range(3):
                there = positions[owner[j], c] + shift[j, c]
                square += (there - positions[owner[i], c] - shift[i, c]) ** 2
            if square < least:
                least, slots = square, (i, j)
    return least, slots[0], slots[1]


def _divided(cells: CellList, layer_slots: NDArray[np.int64], n_slabs: int) -> CellList:
    """The same list in slabs of about as many pairs each.

    Every slab gets its own copies of the slots that its atoms' neighbours are; an atom that several
    slabs know has a slot in each, as it has one for each of its images.
    """
    pairs_before = cells.start[cells.layers]
    shares = pairs_before[-1] * np.arange(1, n_slabs) / n_slabs
    inner = np.abs(pairs_before - shares[:, None]).argmin(axis=1)
    slabs = np.unique(np.concatenate([[0], inner, [len(cells.layers) - 1]]))
    last_layer = np.minimum(slabs[1:] + cells.layers_ahead, len(layer_slots) - 1)
    first, end = layer_slots[slabs[:-1]], layer_slots[last_layer]
    source = np.concatenate([np.arange(*slots) for slots in zip(first, end, strict=True)])
    moved = np.cumsum(end - first) - end
    owner = cells.owner[source]
    slots_of, slots_start = _counting_sort(owner, len(cells.centres))
    return replace(
        cells,
        owner=owner,
        shift=cells.shift[source],
        centres=_moved(cells.centres, moved, cells.layers[slabs]),
        slots_of=slots_of,
        slots_start=slots_start,
        neighbours=_moved(cells.neighbours, moved, pairs_before[slabs]),
        slabs=slabs,
    )


def _moved(
    slots: NDArray[np.uint32], by: NDArray[np.int64], bounds: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """slots + by[k] from bounds[k] to bounds[k + 1]."""
    return (slots + np.repeat(by, np.diff(bounds))).astype(np.uint32)


def _frame(cell: Array, periodic: NDArray[np.bool_]) -> Array:
    """The cell, with unit vectors across the others where an axis has none."""
    frame = cell.copy()
    missing = [axis for axis in range(3) if not frame[axis].any() and not periodic[axis]]
    for axis in missing:
        _, sizes, rows = np.linalg.svd(frame)
        frame[axis] = rows[int(np.argmin(sizes))]
    if not abs(np.linalg.det(frame)) > 1e-9 * np.linalg.norm(frame, axis=1).prod():
        raise InputError(f"the cell has no volume: its vectors are {cell.tolist()}")
    return frame


def _bin_counts(lengths: Array, reach: float, n_atoms: int) -> NDArray[np.int64]:
    """How many bins along each axis: as many as `_WIDTHS` asks for, unless most were empty."""
    wanted = np.maximum(1.0, lengths / (_WIDTHS * reach) * (1 - 1e-9))
    too_many = max(1.0, wanted.prod() / (_BINS_PER_ATOM * n_atoms + 64))
    return np.maximum(1, wanted / too_many ** (1 / 3)).astype(np.int64)


def _searched(
    room: Callable[[int], NDArray[np.uint32]], capacity: int, *of_slots: Any
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """What :func:`_search` finds, with as much room as it turns out to need."""
    centres: Any = of_slots[1]
    start = np.zeros(len(centres) + 1, np.int64)
    while True:
        neighbours = room(capacity)
        found: Any = _search(neighbours, start, *of_slots)
        if found >= 0:
            return neighbours[:found], start
        capacity *= 2


@njit()
def _whole_cells(bin_: Any, count: Any, below: Any, above: Any) -> Any:
    """The first and last number of whole cells that keep a bin on the grid."""
    return -((bin_ + below) // count), (count - 1 + above - bin_) // count


@njit()
def _enumerate(bins: Any, counts: Any, below: Any, above: Any) -> Any:
    """All slots, unsorted: the atom of each, its whole cells (n_slots, 3), its bin on the grid."""
    n_slots = 0
    for a in range(len(bins)):
        copies = 1
        for axis in range(3):
            first, last = _whole_cells(bins[a, axis], counts[axis], below[axis], above[axis])
            copies *= last - first + 1
        n_slots += copies
    owner = np.empty(n_slots, np.uint32)
    whole = np.empty((n_slots, 3))
    bin_of = np.empty(n_slots, np.int64)
    grid = below + counts + above
    k = 0
    for a in range(len(bins)):
        first_x, last_x = _whole_cells(bins[a, 0], counts[0], below[0], above[0])
        first_y, last_y = _whole_cells(bins[a, 1], counts[1], below[1], above[1])
        first_z, last_z = _whole_cells(bins[a, 2], counts[2], below[2], above[2])
        for x in range(first_x, last_x + 1):
            row_x = below[0] + bins[a, 0] + x * counts[0]
            for y in range(first_y, last_y + 1):
                row_y = row_x * grid[1] + below[1] + bins[a, 1] + y * counts[1]
                for z in range(first_z, last_z + 1):
                    owner[k] = a
                    whole[k, 0], whole[k, 1], whole[k, 2] = x, y, z
                    bin_of[k] = row_y * grid[2] + below[2] + bins[a, 2] + z * counts[2]
                    k += 1
    return owner, whole, bin_of


@njit()
def _counting_sort(keys: Any, n_keys: Any) -> Any:
    """The stable order of keys in 0 .. n_keys - 1, and where in it each key starts."""
    start = np.zeros(n_keys + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    for key in range(n_keys):
        start[key + 1] += start[key]
    free = start.copy()
    order = np.empty(len(keys), np.uint32)
    for k in range(len(keys)):
        order[free[keys[k]]] = k
        free[keys[k]] += 1
    return order, start


@njit()
def _sorted(
    order: Any, owner: Any, whole: Any, bin_of: Any, wraps: Any, frame: Any, positions: Any
) -> Any:
    """Slots in order: owner, shift, positions (3, n_slots), bins; and which are no images."""
    n_slots = len(order)
    owners, bins = np.empty(n_slots, np.uint32), np.empty(n_slots, np.int64)
    shift, points = np.empty((n_slots, 3)), np.empty((3, n_slots))
    centres = np.empty(len(positions), np.uint32)
    n_centres = 0
    for k in range(n_slots):
        slot = order[k]
        atom = owner[slot]
        owners[k], bins[k] = atom, bin_of[slot]
        x, y, z = (
            whole[slot, 0] - wraps[atom, 0],
            whole[slot, 1] - wraps[atom, 1],
            whole[slot, 2] - wraps[atom, 2],
        )
        for c in range(3):
            shift[k, c] = x * frame[0, c] + y * frame[1, c] + z * frame[2, c]
            points[c, k] = positions[atom, c] + shift[k, c]
        if whole[slot, 0] == 0.0 and whole[slot, 1] == 0.0 and whole[slot, 2] == 0.0:
            centres[n_centres] = k
            n_centres += 1
    return owners, shift, points, bins, centres


@njit()
def _search(
    neighbours: Any,
    start: Any,
    points: Any,
    centres: Any,
    bin_of: Any,
    bin_start: Any,
    grid: Any,
    margins: Any,
    reach: Any,
) -> Any:
    """Fill `neighbours` and `start`; the number of pairs, or -1 if `neighbours` is too short."""
    found = 0
    for m in range(len(centres)):
        i = centres[m]
        row, z = divmod(bin_of[i], grid[2])
        x, y = divmod(row, grid[1])
        first_z, last_z = max(z - margins[2], 0), min(z + margins[2], grid[2] - 1)
        for x2 in range(x, min(x + margins[0], grid[0] - 1) + 1):
            first_y = y if x2 == x else max(y - margins[1], 0)
            for y2 in range(first_y, min(y + margins[1], grid[1] - 1) + 1):
                row2 = x2 * grid[1] + y2
                first = i + 1 if row2 == row else bin_start[row2 * grid[2] + first_z]
                end = bin_start[row2 * grid[2] + last_z + 1]
                if found + end - first > len(neighbours):
                    return -1
                found = _append_close(points, i, first, end, reach * reach, neighbours, found)
        start[m + 1] = found
    return found


@njit()
def _append_close(
    points: Any, i: Any, first: Any, end: Any, reach2: Any, neighbours: Any, found: Any
) -> Any:
    """Append the slots of first .. end - 1 that are close to slot i, without a branch."""
    for j in range(first, end):
        dx = points[0, j] - points[0, i]
        dy = points[1, j] - points[1, i]
        dz = points[2, j] - points[2, i]
        neighbours[found] = j
        found += dx * dx + dy * dy + dz * dz < reach2
    return found
