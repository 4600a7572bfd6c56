"""The hand-written energy and gradient of an embedded-atom model, compiled: one kernel, any form.

    E = sum_i F(rho_i) + sum_pairs phi(r),    rho_i = sum_j rho(r_ij)

The first pass over the pairs sums densities and pair energies and keeps, for every pair, rho'/r and
phi'/r, so that the second, which needs F'(rho) of both atoms, has no root, division or look-up.
Within the first, the neighbours of one centre go through short loops one after the other, each of
which the processor can run far ahead in, or vectorise: distances, roots, terms, sums.

Atoms and their images are slots (:mod:`eam.kernels.cell_list`): a position, with F' beside it, is
32 bytes.
"""

from typing import Any, NamedTuple

import numpy as np

from .forms import OPTIONS, embed, one_element, pair_terms
from .lowlevel import njit

MOST_NEAR = 1032  # in half of a sphere; and its bytes are no multiple of a page
R, PER_R, RHO_I, RHO_J, PHI, SLOPE_I, SLOPE_J, PHI_SLOPE = (
    np.uint64(MOST_NEAR * quantity) for quantity in range(8)
)
ONE = np.uint64(1)  # numba makes a float64 of uint64 + int64

# an atom or its image: what to add to the atom's position, the atom, its type
SLOT = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("atom", "u4"), ("type", "u4")])
POINT = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("slope", "f8")])
SUM = np.dtype([("density", "f8"), ("energy", "f8")])
PULL = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("unused", "f8")])


class Pairs(NamedTuple):
    """The half list, in layers of centres along the first axis.

    Attributes:
        slots: (n_slots,) `SLOT`.
        copies: the slots of atom a are ``copies[copies_start[a]:copies_start[a + 1]]``.
        copies_start: (n_atoms + 1,) uint64.
        centres: the slots that are no images, (n_atoms,) uint32.
        neighbours: slots, uint32; reordered by every call: those within the cutoff first.
        start: those of centre m start here, (n_atoms + 1,) uint64.
        layers: the centres of layer k are ``layers[k]`` to ``layers[k + 1] - 1``; uint64.
        place: where in the cache the pairs of a layer start, (n_layers,) uint64.
        ahead: how many layers a neighbour can be ahead of its centre.
        slabs: the layers of slab k, which no other has a slot of, are ``slabs[k]`` to
            ``slabs[k + 1] - 1``; uint64.
    """

    slots: Any
    copies: Any
    copies_start: Any
    centres: Any
    neighbours: Any
    start: Any
    layers: Any
    place: Any
    ahead: int
    slabs: Any


class Work(NamedTuple):
    """Memory that every call writes before it reads it.

    Attributes:
        points: (n_slots,) `POINT`.
        sums: (n_slots,) `SUM`: densities, and halves of the pair energies.
        pulls: (n_slots,) `PULL`: the gradient by slots.
        slope_i, slope_j, phi_slope: (n_cached,), kept of a pair: rho'/r at the centre and at the
            neighbour, and phi'/r.
        near: for each slab what is known of the neighbours of one centre, quantity after quantity,
            each with room for `MOST_NEAR`: the offsets of one array are what tells LLVM that they
            do not overlap, and lets it vectorise the loops over them.
        end: where the neighbours of a centre that are within the cutoff end, (n_atoms,) uint64.
        energies: (n_atoms,), by atom.
    """

    points: Any
    sums: Any
    pulls: Any
    slope_i: Any
    slope_j: Any
    phi_slope: Any
    near: Any
    end: Any
    energies: Any


@njit(**OPTIONS)
def gather(x: Any, first: Any, end: Any, pairs: Any, work: Any) -> Any:
    """Positions of slots; their sums and pulls to zero. Returns 0, or NaN if a position is none.

    No pair of such an atom is within the cutoff, so that without this it would drop out unseen.
    """
    nothing = 0.0
    points, sums, pulls = work.points, work.sums, work.pulls
    for k in range(first, end):
        slot = pairs.slots[k]
        point, total, pull = points[k], sums[k], pulls[k]
        point.x = x[slot.atom, 0] + slot.x
        point.y = x[slot.atom, 1] + slot.y
        point.z = x[slot.atom, 2] + slot.z
        nothing += 0.0 * (point.x + point.y + point.z)
        total.density = total.energy = 0.0
        pull.x = pull.y = pull.z = 0.0
    return nothing


@njit(**OPTIONS)
def _find_near(cutoff2: Any, m: Any, pairs: Any, work: Any, near_r2: Any) -> Any:
    """Move the neighbours of centre m within the cutoff to the front; how many, and r2 of each."""
    points, neighbours = work.points, pairs.neighbours
    centre = points[pairs.centres[m]]
    first = near = pairs.start[m]
    for k in range(first, pairs.start[m + ONE]):
        j = neighbours[k]
        x, y, z = centre.x - points[j].x, centre.y - points[j].y, centre.z - points[j].z
        square = x * x + y * y + z * z
        if square < cutoff2:
            if near != k:
                neighbours[k] = neighbours[near]
                neighbours[near] = j
            near_r2[near - first] = square
            near += ONE
    work.end[m] = near
    return near - first


@njit(**OPTIONS)
def add_densities(p: Any, cutoff2: Any, layer: Any, pairs: Any, work: Any, near: Any) -> None:
    """The first pass over the pairs of a layer."""
    slots, neighbours, sums = pairs.slots, pairs.neighbours, work.sums
    slope_i, slope_j, phi_slope = work.slope_i, work.slope_j, work.phi_slope
    to_cache = pairs.place[layer] - pairs.start[pairs.layers[layer]]
    for m in range(pairs.layers[layer], pairs.layers[layer + ONE]):
        n_near = _find_near(cutoff2, m, pairs, work, near)
        i, first = pairs.centres[m], pairs.start[m]
        for h in range(n_near):
            square = near[R + h]
            # half the digits from 32-bit arithmetic, the others by two steps of Newton's
            per_r = np.float64(np.float32(1.0) / np.sqrt(np.float32(square)))
            per_r *= 1.5 - 0.5 * square * per_r * per_r
            per_r *= 1.5 - 0.5 * square * per_r * per_r
            near[PER_R + h] = per_r
            near[R + h] = square * per_r
        for h in range(n_near):
            here, there = slots[i].type, slots[neighbours[first + h]].type
            rho_i, rho_j, s_i, s_j, phi, s = pair_terms(
                p, near[R + h], near[PER_R + h], here, there
            )
            near[RHO_I + h], near[PHI + h] = rho_i, phi
            near[SLOPE_I + h], near[PHI_SLOPE + h] = s_i, s
            if not one_element(p):
                near[RHO_J + h], near[SLOPE_J + h] = rho_j, s_j
        density = energy = 0.0
        for h in range(n_near):
            k, total = to_cache + first + h, sums[neighbours[first + h]]
            slope_i[k], phi_slope[k] = near[SLOPE_I + h], near[PHI_SLOPE + h]
            if one_element(p):
                total.density += near[RHO_I + h]
            else:
                slope_j[k] = near[SLOPE_J + h]
                total.density += near[RHO_J + h]
            total.energy += 0.5 * near[PHI + h]
            density += near[RHO_I + h]
            energy += 0.5 * near[PHI + h]
        sums[i].density += density
        sums[i].energy += energy


@njit(**OPTIONS)
def embed_layer(p: Any, layer: Any, pairs: Any, work: Any) -> None:
    """The energies of the atoms of a layer, and F' to all their slots."""
    for m in range(pairs.layers[layer], pairs.layers[layer + ONE]):
        slot = pairs.slots[pairs.centres[m]]
        density = energy = 0.0
        for q in range(pairs.copies_start[slot.atom], pairs.copies_start[slot.atom + ONE]):
            density += work.sums[pairs.copies[q]].density
            energy += work.sums[pairs.copies[q]].energy
        embedded, slope = embed(p, density, slot.type)
        work.energies[slot.atom] = energy + embedded
        for q in range(pairs.copies_start[slot.atom], pairs.copies_start[slot.atom + ONE]):
            work.points[pairs.copies[q]].slope = slope


@njit(**OPTIONS)
def add_pulls(p: Any, layer: Any, pairs: Any, work: Any) -> None:
    """The second pass over the pairs of a layer."""
    points, pulls, neighbours = work.points, work.pulls, pairs.neighbours
    slope_i, slope_j, phi_slope = work.slope_i, work.slope_j, work.phi_slope
    to_cache = pairs.place[layer] - pairs.start[pairs.layers[layer]]
    for m in range(pairs.layers[layer], pairs.layers[layer + ONE]):
        centre = points[pairs.centres[m]]
        x = y = z = 0.0
        for k in range(pairs.start[m], work.end[m]):
            point, pull = points[neighbours[k]], pulls[neighbours[k]]
            c = to_cache + k
            if one_element(p):
                s = phi_slope[c] + (centre.slope + point.slope) * slope_i[c]
            else:
                s = phi_slope[c] + centre.slope * slope_i[c] + point.slope * slope_j[c]
            dx, dy, dz = (
                s * (centre.x - point.x),
                s * (centre.y - point.y),
                s * (centre.z - point.z),
            )
            x += dx
            y += dy
            z += dz
            pull.x -= dx
            pull.y -= dy
            pull.z -= dz
        pull = pulls[pairs.centres[m]]
        pull.x += x
        pull.y += y
        pull.z += z


@njit(**OPTIONS)
def fold(out: Any, nothing: Any, first: Any, end: Any, pairs: Any, work: Any) -> None:
    """The gradient of atoms: the sum over the slots of each, and `nothing`."""
    for atom in range(first, end):
        x = y = z = nothing
        for q in range(pairs.copies_start[atom], pairs.copies_start[atom + ONE]):
            pull = work.pulls[pairs.copies[q]]
            x += pull.x
            y += pull.y
            z += pull.z
        out[atom, 0], out[atom, 1], out[atom, 2] = x, y, z


@njit(**OPTIONS)
def pass_slab(p: Any, cutoff2: Any, slab: Any, pairs: Any, work: Any) -> None:
    """The first pass over a slab, and the second where it can follow.

    It follows as closely as it can, so that what the first keeps of a pair is still in the
    processor's cache. F' of the first layers is known last, since slots of their atoms are at the
    far end, or at that of the slab before; the layers that need it wait.
    """
    first, end, ahead = pairs.slabs[slab], pairs.slabs[slab + ONE], np.uint64(pairs.ahead)
    for layer in range(first, end):
        add_densities(p, cutoff2, layer, pairs, work, work.near[slab])
        if layer >= first + ahead:
            embed_layer(p, layer, pairs, work)
        if layer >= first + ahead + ahead:
            add_pulls(p, layer - ahead, pairs, work)


@njit(**OPTIONS)
def embed_waiting(p: Any, slab: Any, pairs: Any, work: Any) -> None:
    """F' of the layers of a slab that wait for the first pass over all slabs."""
    first, end = pairs.slabs[slab], pairs.slabs[slab + ONE]
    for layer in range(first, min(first + np.uint64(pairs.ahead), end)):
        embed_layer(p, layer, pairs, work)


@njit(**OPTIONS)
def pull_waiting(p: Any, slab: Any, pairs: Any, work: Any) -> None:
    """The second pass over the layers of a slab that wait for F' of others."""
    first, end, ahead = pairs.slabs[slab], pairs.slabs[slab + ONE], np.uint64(pairs.ahead)
    for layer in range(first, end):
        if layer < first + ahead or layer + ahead >= end:
            add_pulls(p, layer, pairs, work)


@njit(**OPTIONS)
def gradient_into(out: Any, x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> None:
    """dE/dx into `out`, energies by atom into `work`, for a list of one slab."""
    zero = np.uint64(0)
    nothing = gather(x, zero, np.uint64(len(pairs.slots)), pairs, work)
    pass_slab(p, cutoff * cutoff, zero, pairs, work)
    embed_waiting(p, zero, pairs, work)
    pull_waiting(p, zero, pairs, work)
    fold(out, nothing, zero, np.uint64(len(out)), pairs, work)


@njit(**OPTIONS)
def value(x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> Any:
    """The energy; those of the atoms into `work`."""
    nothing = gather(x, np.uint64(0), np.uint64(len(pairs.slots)), pairs, work)
    for layer in range(np.uint64(len(pairs.layers) - 1)):
        add_densities(p, cutoff * cutoff, layer, pairs, work, work.near[0])
    for layer in range(np.uint64(len(pairs.layers) - 1)):
        embed_layer(p, layer, pairs, work)
    return work.energies.sum() + nothing


@njit(**OPTIONS)
def virial_into(out: Any, work: Any) -> None:
    """dE/d(strain) of the last gradient, (3, 3): sum over slots of pull times position."""
    out[:] = 0.0
    for k in range(len(work.points)):
        point, pull = work.points[k], work.pulls[k]
        out[0, 0] += pull.x * point.x
        out[1, 1] += pull.y * point.y
        out[2, 2] += pull.z * point.z
        out[1, 2] += pull.y * point.z
        out[0, 2] += pull.x * point.z
        out[0, 1] += pull.x * point.y
    out[1, 0], out[2, 0], out[2, 1] = out[0, 1], out[0, 2], out[1, 2]
