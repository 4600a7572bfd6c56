"""The hand-written energy and gradient of an embedded-atom model, compiled: one kernel, any form.

The first pass over the pairs sums the densities and the pair energies, and keeps d_rho and d_phi of
every pair. The second pass needs F' of both atoms; it has no root, division or table lookup left.
Within the first pass, the neighbours of one centre go through several short loops: distances,
roots, terms, sums. The processor can run far ahead in each, or vectorise it.

Atoms and their periodic images are all images (:mod:`eam.kernels.cell_list`). The position of an
image takes 32 bytes with F' beside it. :mod:`eam.atoms.potential` explains the notation, and
README.md in this folder the constraints on this code.

numba's cache of this file does not see a change in forms.py: remove `__pycache__` after one.
"""

from typing import Any, NamedTuple

import numpy as np

from .forms import OPTIONS, embed, one_element, pair_terms
from .lowlevel import njit

MOST_NEAR = 1032  # pairs of one centre, in half of a sphere; its bytes are no multiple of a page
R, PER_R, RHO_IJ, RHO_JI, PHI, D_RHO_IJ, D_RHO_JI, D_PHI = (
    np.uint64(MOST_NEAR * quantity) for quantity in range(8)
)
ONE = np.uint64(1)  # numba turns uint64 + int64 into float64

# an image: its displacement from the atom, the atom, and the atom's type
IMAGE = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("atom", "u4"), ("type", "u4")])
POINT = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("f_prime", "f8")])
SUM = np.dtype([("density", "f8"), ("energy", "f8")])
GRADIENT = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("unused", "f8")])


class Pairs(NamedTuple):
    """The half list, in layers of centres along the first axis.

    Attributes:
        images: (n_images,) `IMAGE`.
        images_of: the images of atom a are ``images_of[images_start[a]:images_start[a + 1]]``.
        images_start: (n_atoms + 1,) uint64.
        centres: the images that are the atoms themselves, (n_atoms,) uint32.
        neighbours: images, uint32. Every call reorders the neighbours of a centre: those within
            the cutoff come first.
        start: the neighbours of centre m start here, (n_atoms + 1,) uint64.
        layers: layer k has the centres from ``layers[k]`` to ``layers[k + 1] - 1``; uint64.
        place: where the pairs of a layer start in the arrays that hold d_rho and d_phi,
            (n_layers,) uint64.
        ahead: by how many layers a neighbour can be ahead of its centre.
        slabs: slab k has the layers from ``slabs[k]`` to ``slabs[k + 1] - 1``; no two slabs share
            an image; uint64.
    """

    images: Any
    images_of: Any
    images_start: Any
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
        points: (n_images,) `POINT`.
        sums: (n_images,) `SUM`: densities, and halves of the pair energies.
        gradients: (n_images,) `GRADIENT`: dE/dx of each image.
        d_rho_ij, d_rho_ji, d_phi: (n_kept,), kept for each pair between the two passes; i is the
            centre and j its neighbour.
        near: for each slab the quantities R, PER_R, ... of the neighbours of one centre. Each
            quantity has `MOST_NEAR` places. They are offsets into one array, since these show LLVM
            that the quantities do not overlap, so it vectorises the loops over them.
        end: where the neighbours of a centre that are within the cutoff end, (n_atoms,) uint64.
        energies: (n_atoms,), the energy of each atom.
    """

    points: Any
    sums: Any
    gradients: Any
    d_rho_ij: Any
    d_rho_ji: Any
    d_phi: Any
    near: Any
    end: Any
    energies: Any


@njit(**OPTIONS)
def gather(x: Any, first: Any, end: Any, pairs: Any, work: Any) -> Any:
    """Write the positions of images, and set their sums and gradients to zero.

    Returns:
        0, or NaN if a position is not finite. Such an atom has no pair within the cutoff, so
        without this the result would not show it.
    """
    zero = 0.0
    points, sums, gradients = work.points, work.sums, work.gradients
    for k in range(first, end):
        image = pairs.images[k]
        point, total, gradient = points[k], sums[k], gradients[k]
        point.x = x[image.atom, 0] + image.x
        point.y = x[image.atom, 1] + image.y
        point.z = x[image.atom, 2] + image.z
        zero += 0.0 * (point.x + point.y + point.z)
        total.density = total.energy = 0.0
        gradient.x = gradient.y = gradient.z = 0.0
    return zero


@njit(**OPTIONS)
def _find_near(cutoff2: Any, m: Any, pairs: Any, work: Any, near_r2: Any) -> Any:
    """Move the neighbours of centre m within the cutoff to the front; return their number.

    `near_r2` receives the square of the distance of each.
    """
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
    images, neighbours, sums = pairs.images, pairs.neighbours, work.sums
    d_rho_ij, d_rho_ji, d_phi = work.d_rho_ij, work.d_rho_ji, work.d_phi
    to_kept = pairs.place[layer] - pairs.start[pairs.layers[layer]]
    for m in range(pairs.layers[layer], pairs.layers[layer + ONE]):
        n_near = _find_near(cutoff2, m, pairs, work, near)
        i, first = pairs.centres[m], pairs.start[m]
        for h in range(n_near):
            square = near[R + h]
            # half of the digits from 32-bit arithmetic, the others by two steps of Newton's method
            per_r = np.float64(np.float32(1.0) / np.sqrt(np.float32(square)))
            per_r *= 1.5 - 0.5 * square * per_r * per_r
            per_r *= 1.5 - 0.5 * square * per_r * per_r
            near[PER_R + h] = per_r
            near[R + h] = square * per_r
        for h in range(n_near):
            type_i, type_j = images[i].type, images[neighbours[first + h]].type
            rho_ij, rho_ji, d_ij, d_ji, phi, d = pair_terms(
                p, near[R + h], near[PER_R + h], type_i, type_j
            )
            near[RHO_IJ + h], near[PHI + h] = rho_ij, phi
            near[D_RHO_IJ + h], near[D_PHI + h] = d_ij, d
            if not one_element(p):
                near[RHO_JI + h], near[D_RHO_JI + h] = rho_ji, d_ji
        density = energy = 0.0
        for h in range(n_near):
            k, total = to_kept + first + h, sums[neighbours[first + h]]
            d_rho_ij[k], d_phi[k] = near[D_RHO_IJ + h], near[D_PHI + h]
            if one_element(p):
                total.density += near[RHO_IJ + h]
            else:
                d_rho_ji[k] = near[D_RHO_JI + h]
                total.density += near[RHO_JI + h]
            total.energy += 0.5 * near[PHI + h]
            density += near[RHO_IJ + h]
            energy += 0.5 * near[PHI + h]
        sums[i].density += density
        sums[i].energy += energy


@njit(**OPTIONS)
def embed_layer(p: Any, layer: Any, pairs: Any, work: Any) -> None:
    """Write the energies of the atoms of a layer, and F' to all their images."""
    for m in range(pairs.layers[layer], pairs.layers[layer + ONE]):
        image = pairs.images[pairs.centres[m]]
        density = energy = 0.0
        for q in range(pairs.images_start[image.atom], pairs.images_start[image.atom + ONE]):
            density += work.sums[pairs.images_of[q]].density
            energy += work.sums[pairs.images_of[q]].energy
        embedding, f_prime = embed(p, density, image.type)
        work.energies[image.atom] = energy + embedding
        for q in range(pairs.images_start[image.atom], pairs.images_start[image.atom + ONE]):
            work.points[pairs.images_of[q]].f_prime = f_prime


@njit(**OPTIONS)
def add_gradients(p: Any, layer: Any, pairs: Any, work: Any) -> None:
    """The second pass over the pairs of a layer."""
    points, gradients, neighbours = work.points, work.gradients, pairs.neighbours
    d_rho_ij, d_rho_ji, d_phi = work.d_rho_ij, work.d_rho_ji, work.d_phi
    to_kept = pairs.place[layer] - pairs.start[pairs.layers[layer]]
    for m in range(pairs.layers[layer], pairs.layers[layer + ONE]):
        centre = points[pairs.centres[m]]
        x = y = z = 0.0
        for k in range(pairs.start[m], work.end[m]):
            point, gradient = points[neighbours[k]], gradients[neighbours[k]]
            c = to_kept + k
            if one_element(p):
                s = d_phi[c] + (centre.f_prime + point.f_prime) * d_rho_ij[c]
            else:
                s = d_phi[c] + centre.f_prime * d_rho_ij[c] + point.f_prime * d_rho_ji[c]
            dx, dy, dz = (
                s * (centre.x - point.x),
                s * (centre.y - point.y),
                s * (centre.z - point.z),
            )
            x += dx
            y += dy
            z += dz
            gradient.x -= dx
            gradient.y -= dy
            gradient.z -= dz
        gradient = gradients[pairs.centres[m]]
        gradient.x += x
        gradient.y += y
        gradient.z += z


@njit(**OPTIONS)
def fold(out: Any, zero: Any, first: Any, end: Any, pairs: Any, work: Any) -> None:
    """Write the gradient of each atom: the sum over its images, and `zero` from :func:`gather`."""
    for atom in range(first, end):
        x = y = z = zero
        for q in range(pairs.images_start[atom], pairs.images_start[atom + ONE]):
            gradient = work.gradients[pairs.images_of[q]]
            x += gradient.x
            y += gradient.y
            z += gradient.z
        out[atom, 0], out[atom, 1], out[atom, 2] = x, y, z


@njit(**OPTIONS)
def pass_slab(p: Any, cutoff2: Any, slab: Any, pairs: Any, work: Any) -> None:
    """The first pass over a slab, and the second where it can follow.

    The second pass follows as closely as it can, while d_rho and d_phi of a pair are still in the
    processor's cache. F' of the first layers is known last, since images of their atoms are at the
    far end, or at the far end of the slab before; the layers that need it wait.
    """
    first, end, ahead = pairs.slabs[slab], pairs.slabs[slab + ONE], np.uint64(pairs.ahead)
    for layer in range(first, end):
        add_densities(p, cutoff2, layer, pairs, work, work.near[slab])
        if layer >= first + ahead:
            embed_layer(p, layer, pairs, work)
        if layer >= first + ahead + ahead:
            add_gradients(p, layer - ahead, pairs, work)


@njit(**OPTIONS)
def finish_embedding(p: Any, slab: Any, pairs: Any, work: Any) -> None:
    """F' of the layers of a slab that have to wait for the first pass over all slabs."""
    first, end = pairs.slabs[slab], pairs.slabs[slab + ONE]
    for layer in range(first, min(first + np.uint64(pairs.ahead), end)):
        embed_layer(p, layer, pairs, work)


@njit(**OPTIONS)
def finish_gradients(p: Any, slab: Any, pairs: Any, work: Any) -> None:
    """The second pass over the layers of a slab that have to wait for F' of others."""
    first, end, ahead = pairs.slabs[slab], pairs.slabs[slab + ONE], np.uint64(pairs.ahead)
    for layer in range(first, end):
        if layer < first + ahead or layer + ahead >= end:
            add_gradients(p, layer, pairs, work)


@njit(**OPTIONS)
def gradient_into(out: Any, x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> None:
    """Write dE/dx into `out` and the energies of atoms into `work`, for a list of one slab."""
    first = np.uint64(0)
    zero = gather(x, first, np.uint64(len(pairs.images)), pairs, work)
    pass_slab(p, cutoff * cutoff, first, pairs, work)
    finish_embedding(p, first, pairs, work)
    finish_gradients(p, first, pairs, work)
    fold(out, zero, first, np.uint64(len(out)), pairs, work)


@njit(**OPTIONS)
def held_gradient_into(held: Any) -> None:
    """:func:`gradient_into` with arguments that are held (:mod:`eam.kernels.held`)."""
    gradient_into(*held.arguments)


@njit(**OPTIONS)
def value(x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> Any:
    """The energy; the energies of the atoms go into `work`."""
    zero = gather(x, np.uint64(0), np.uint64(len(pairs.images)), pairs, work)
    for layer in range(np.uint64(len(pairs.layers) - 1)):
        add_densities(p, cutoff * cutoff, layer, pairs, work, work.near[0])
    for layer in range(np.uint64(len(pairs.layers) - 1)):
        embed_layer(p, layer, pairs, work)
    return work.energies.sum() + zero
