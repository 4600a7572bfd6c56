"""Half neighbour lists by the cell-list method (linked cells), over sorted images, compiled.

An *image* is a copy of an atom, displaced by whole vectors of the simulation cell; the atom itself
is its image without a displacement. The method's own cells are called *bins* here. Images are
sorted by the bin that they lie in, in lexicographic order. The images of several bins along the
third axis are then contiguous, and the search reads memory forwards.

A pair has two copies: i with an image of j, and j with the opposite image of i. The list keeps the
copy whose second bin is the later one. Since the bin of an image is the bin of its atom plus whole
cells, in integers, this choice is exact in any cell, however small. The list therefore needs no
images below the cell along the first axis.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem import Array, Positions
from .lowlevel import njit

_WIDTHS = np.array([0.5, 0.5, 0.25])  # of a bin along each axis, in units of the list cutoff
_BINS_PER_ATOM = 8  # a limit on the memory for a few atoms in a large empty cell


@dataclass(frozen=True, eq=False)
class NeighbourList:
    """All pairs within a distance, each once; valid until an atom has moved by half the skin.

    Attributes:
        atom_of: the atom of each image, (n_images,) uint32.
        shift: the displacement of each image from its atom, (n_images, 3) float64, angstrom.
        centres: the images that are the atoms themselves, ascending, (n_atoms,) uint32.
        images_of: the images of atom a are ``images_of[images_start[a]:images_start[a + 1]]``.
        images_start: see `images_of`; (n_atoms + 1,) int64.
        neighbours: the neighbours of ``centres[m]`` are the images
            ``neighbours[start[m]:start[m + 1]]``, uint32; a pair is listed under the earlier of its
            two images.
        start: see `neighbours`; (n_atoms + 1,) int64.
        layers: layer k along the first axis has the centres from ``layers[k]`` to
            ``layers[k + 1] - 1``; (n_layers + 1,) int64.
        layers_ahead: by how many layers a neighbour can be ahead of its centre.
        slabs: slab k has the layers from ``slabs[k]`` to ``slabs[k + 1] - 1``; no two slabs share
            an image. (n_slabs + 1,) int64.
        list_cutoff: the largest distance in the list, the potential's cutoff plus the skin,
            angstrom.
        built_at: the positions that the list was built for, (n_atoms, 3).
    """

    atom_of: NDArray[np.uint32]
    shift: Array
    centres: NDArray[np.uint32]
    images_of: NDArray[np.uint32]
    images_start: NDArray[np.int64]
    neighbours: NDArray[np.uint32]
    start: NDArray[np.int64]
    layers: NDArray[np.int64]
    layers_ahead: int
    slabs: NDArray[np.int64]
    list_cutoff: float
    built_at: Positions


def _allocate(size: int) -> NDArray[np.uint32]:
    return np.empty(size, np.uint32)


def build(
    positions: Positions,
    cell: Array,
    periodic: NDArray[np.bool_],
    list_cutoff: float,
    n_slabs: int = 1,
    allocate: Callable[[int], NDArray[np.uint32]] = _allocate,
) -> NeighbourList:
    """The half list of all pairs closer than `list_cutoff`, in time proportional to their number.

    Args:
        positions: (n_atoms, 3) float64, angstrom; they need not lie inside the cell.
        cell: (3, 3), its rows are the cell vectors, angstrom; of any shape, also smaller than
            `list_cutoff`.
        periodic: (3,) bool. The vector of an axis that is not periodic may be zero.
        list_cutoff: angstrom, more than 0.
        n_slabs: the number of slabs into which the layers are divided, for threads to work on at
            the same time; there may be fewer, since each has at least one layer.
        allocate: returns an array of at least a size, which then holds `neighbours`.

    Raises:
        InputError: positions that are not finite, or a cell without volume.
    """
    positions = np.ascontiguousarray(positions, dtype=np.float64)
    if not np.isfinite(positions).all():
        raise InputError("positions hold NaN or infinity; check the step that moved the atoms")
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

    counts = _bin_counts(lengths, list_cutoff, len(positions))
    margins = np.floor(list_cutoff / (lengths / counts) + 1e-9).astype(np.int64) + 1
    above = np.where(periodic, margins, 0)
    bins = ((fractions - low) * (counts / extent)).astype(np.int64)
    np.minimum(bins, counts - 1, out=bins)
    below = above * [0, 1, 1]
    grid = below + counts + above

    atom_of, whole, bin_of = _enumerate(bins, counts, below, above)
    order, bin_start = _counting_sort(bin_of, grid.prod())
    atom_of, shift, points, bin_of, centres = _sorted(
        order, atom_of, whole, bin_of, wraps, frame, positions
    )
    spread = np.where(periodic, extent, extent * np.maximum(1.0, list_cutoff / lengths))
    density = len(positions) / (abs(np.linalg.det(frame)) * spread.prod())
    capacity = int(len(positions) * (2.4 * density * list_cutoff**3 + 16.0))
    neighbours, start = _searched(
        allocate, capacity, points, centres, bin_of, bin_start, grid, margins, list_cutoff
    )
    images_of, images_start = _counting_sort(atom_of, len(positions))
    layer_images = bin_start[grid[1] * grid[2] * np.arange(grid[0] + 1)]
    undivided = NeighbourList(
        atom_of,
        shift,
        centres,
        images_of,
        images_start,
        neighbours,
        start,
        np.searchsorted(centres, layer_images[: counts[0] + 1]),
        int(margins[0]),
        np.array([0, counts[0]]),
        list_cutoff,
        positions.copy(),
    )
    return undivided if n_slabs == 1 else _divided(undivided, layer_images, n_slabs)


def closest(neighbour_list: NeighbourList) -> tuple[float, int, int]:
    """The shortest distance in the list when it was built, angstrom, and the two atoms."""
    atom_of = neighbour_list.atom_of
    square, i, j = _closest(
        neighbour_list.built_at,
        atom_of,
        neighbour_list.shift,
        neighbour_list.centres,
        neighbour_list.neighbours,
        neighbour_list.start,
    )
    return float(np.sqrt(square)), int(atom_of[i]), int(atom_of[j])


@njit()
def _closest(
    positions: Any, atom_of: Any, shift: Any, centres: Any, neighbours: Any, start: Any
) -> Any:
    """The square of the least distance, and its two images."""
    least, images = np.inf, (np.uint32(0), np.uint32(0))
    for m in range(len(centres)):
        i = centres[m]
        for k in range(start[m], start[m + 1]):
            j = neighbours[k]
            square = 0.0
            for c in range(3):
                there = positions[atom_of[j], c] + shift[j, c]
                square += (there - positions[atom_of[i], c] - shift[i, c]) ** 2
            if square < least:
                least, images = square, (i, j)
    return least, images[0], images[1]


def _divided(
    undivided: NeighbourList, layer_images: NDArray[np.int64], n_slabs: int
) -> NeighbourList:
    """The same list in slabs of about as many pairs each.

    Every slab gets copies of its own of all images that its pairs use. An atom in the pairs of
    several slabs then has images in each.
    """
    pairs_before = undivided.start[undivided.layers]
    shares = pairs_before[-1] * np.arange(1, n_slabs) / n_slabs
    inner = np.abs(pairs_before - shares[:, None]).argmin(axis=1)
    slabs = np.unique(np.concatenate([[0], inner, [len(undivided.layers) - 1]]))
    last_layer = np.minimum(slabs[1:] + undivided.layers_ahead, len(layer_images) - 1)
    first, end = layer_images[slabs[:-1]], layer_images[last_layer]
    source = np.concatenate([np.arange(*images) for images in zip(first, end, strict=True)])
    moved = np.cumsum(end - first) - end
    atom_of = undivided.atom_of[source]
    images_of, images_start = _counting_sort(atom_of, len(undivided.centres))
    return replace(
        undivided,
        atom_of=atom_of,
        shift=undivided.shift[source],
        centres=_moved(undivided.centres, moved, undivided.layers[slabs]),
        images_of=images_of,
        images_start=images_start,
        neighbours=_moved(undivided.neighbours, moved, pairs_before[slabs]),
        slabs=slabs,
    )


def _moved(
    images: NDArray[np.uint32], by: NDArray[np.int64], bounds: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """images + by[k] from bounds[k] to bounds[k + 1]."""
    return (images + np.repeat(by, np.diff(bounds))).astype(np.uint32)


def _frame(cell: Array, periodic: NDArray[np.bool_]) -> Array:
    """The cell, with a unit vector across the others in place of each zero vector."""
    frame = cell.copy()
    missing = [axis for axis in range(3) if not frame[axis].any() and not periodic[axis]]
    for axis in missing:
        _, sizes, rows = np.linalg.svd(frame)
        frame[axis] = rows[int(np.argmin(sizes))]
    if not abs(np.linalg.det(frame)) > 1e-9 * np.linalg.norm(frame, axis=1).prod():
        raise InputError(f"the cell has no volume: its vectors are {cell.tolist()}")
    return frame


def _bin_counts(lengths: Array, list_cutoff: float, n_atoms: int) -> NDArray[np.int64]:
    """The number of bins along each axis: that of `_WIDTHS`, or fewer if most would be empty."""
    wanted = np.maximum(1.0, lengths / (_WIDTHS * list_cutoff) * (1 - 1e-9))
    too_many = max(1.0, wanted.prod() / (_BINS_PER_ATOM * n_atoms + 64))
    return np.maximum(1, wanted / too_many ** (1 / 3)).astype(np.int64)


def _searched(
    allocate: Callable[[int], NDArray[np.uint32]], capacity: int, *arguments: Any
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """`neighbours` and `start` from :func:`_search`, again with twice the capacity if needed."""
    centres: Any = arguments[1]
    start = np.zeros(len(centres) + 1, np.int64)
    while True:
        neighbours = allocate(capacity)
        found: Any = _search(neighbours, start, *arguments)
        if found >= 0:
            return neighbours[:found], start
        capacity *= 2


@njit()
def _whole_cells(bin_: Any, count: Any, below: Any, above: Any) -> Any:
    """The first and last displacement, in whole cells, that keeps a bin on the grid."""
    return -((bin_ + below) // count), (count - 1 + above - bin_) // count


@njit()
def _enumerate(bins: Any, counts: Any, below: Any, above: Any) -> Any:
    """All images, unsorted: atom, displacement in cells (n_images, 3) and bin on the grid."""
    n_images = 0
    for a in range(len(bins)):
        copies = 1
        for axis in range(3):
            first, last = _whole_cells(bins[a, axis], counts[axis], below[axis], above[axis])
            copies *= last - first + 1
        n_images += copies
    atom_of = np.empty(n_images, np.uint32)
    whole = np.empty((n_images, 3))
    bin_of = np.empty(n_images, np.int64)
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
                    atom_of[k] = a
                    whole[k, 0], whole[k, 1], whole[k, 2] = x, y, z
                    bin_of[k] = row_y * grid[2] + below[2] + bins[a, 2] + z * counts[2]
                    k += 1
    return atom_of, whole, bin_of


@njit()
def _counting_sort(keys: Any, n_keys: Any) -> Any:
    """The stable order of keys in 0 .. n_keys - 1, and where each key starts in it."""
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
    order: Any, atom_of: Any, whole: Any, bin_of: Any, wraps: Any, frame: Any, positions: Any
) -> Any:
    """The images in order: atom, shift, position (3, n_images) and bin; and the centres."""
    n_images = len(order)
    atoms, bins = np.empty(n_images, np.uint32), np.empty(n_images, np.int64)
    shift, points = np.empty((n_images, 3)), np.empty((3, n_images))
    centres = np.empty(len(positions), np.uint32)
    n_centres = 0
    for k in range(n_images):
        image = order[k]
        atom = atom_of[image]
        atoms[k], bins[k] = atom, bin_of[image]
        x, y, z = (
            whole[image, 0] - wraps[atom, 0],
            whole[image, 1] - wraps[atom, 1],
            whole[image, 2] - wraps[atom, 2],
        )
        for c in range(3):
            shift[k, c] = x * frame[0, c] + y * frame[1, c] + z * frame[2, c]
            points[c, k] = positions[atom, c] + shift[k, c]
        if whole[image, 0] == 0.0 and whole[image, 1] == 0.0 and whole[image, 2] == 0.0:
            centres[n_centres] = k
            n_centres += 1
    return atoms, shift, points, bins, centres


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
    list_cutoff: Any,
) -> Any:
    """Fill `neighbours` and `start`; return the number of pairs, or -1 if it exceeds capacity."""
    found = 0
    cutoff2 = list_cutoff * list_cutoff
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
                found = _append_close(points, i, first, end, cutoff2, neighbours, found)
        start[m + 1] = found
    return found


@njit()
def _append_close(
    points: Any, i: Any, first: Any, end: Any, cutoff2: Any, neighbours: Any, found: Any
) -> Any:
    """Append the images of first .. end - 1 that are close to image i, without a branch."""
    for j in range(first, end):
        dx = points[0, j] - points[0, i]
        dy = points[1, j] - points[1, i]
        dz = points[2, j] - points[2, i]
        neighbours[found] = j
        found += dx * dx + dy * dy + dz * dz < cutoff2
    return found
