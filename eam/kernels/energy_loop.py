"""The energy of atoms as a plain compiled loop over pairs, for Enzyme to differentiate.

This is the loop of somebody who wants no derivative, with three concessions:

- it keeps each distance, so the reverse pass need not compute it again;
- its indices are unsigned 64-bit integers, whose wrap-around LLVM need not guard, though the list
  is stored in 32 bits, which halves the memory to read;
- it places all images first (:mod:`eam.kernels.cell_list`), so the loop over pairs adds no shift.

:mod:`eam.atoms.potential` explains the notation.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import overload

from ..atoms import Configuration
from ..atoms.potential import Potential
from ..atoms.tables import Tabulated
from ..errors import NotOfferedError
from ..problem import Array, CompiledEnergy
from .cell_list import build
from .forms import form_of
from .lowlevel import REORDER, njit

OPTIONS: Any = {"fastmath": REORDER | {"arcp"}, "error_model": "numpy"}
ONE, TWO, THREE, FOUR, EIGHT = (np.uint64(k) for k in (1, 2, 3, 4, 8))


def radial(p: Any, r: Any) -> Any:
    """rho and phi at distance r < cutoff, by the form of p; only for compiled code."""
    raise NotImplementedError


def _finnis_sinclair(p: Any, r: Any) -> Any:
    u, w = min(r - p.d, 0.0), min(r - p.c, 0.0)
    return u * u * (1.0 + p.beta / p.d * u), w * w * (p.c0 + r * (p.c1 + r * p.c2))


def _sutton_chen(p: Any, r: Any) -> Any:
    u = p.a / r
    return u**p.m, p.eps * u**p.n


def _cleri_rosato(p: Any, r: Any) -> Any:
    stretch = r / p.r0 - 1.0
    return p.xi * p.xi * np.exp(-2.0 * p.q * stretch), 2.0 * p.A * np.exp(-p.p * stretch)


# form -> radial, and the factor of -sqrt(rho_i) in F
_FORMS: dict[str, tuple[Callable[..., Any], Callable[..., float]]] = {
    "finnis-sinclair": (_finnis_sinclair, lambda p: p.A),
    "sutton-chen": (_sutton_chen, lambda p: p.eps * p.c),
    "cleri-rosato": (_cleri_rosato, lambda p: 1.0),
}


@overload(radial, jit_options=OPTIONS)
def _radial(p: Any, r: Any) -> Any:
    return _FORMS[form_of(p)][0]


@njit(**OPTIONS)
def place_images(x: Any, points: Any, atom_of: Any, shift: Any) -> None:
    """Write four numbers for each image: its position, and 0 for its density."""
    for k in range(np.uint64(len(atom_of))):
        for c in range(np.uint64(3)):
            points[FOUR * k + c] = x[THREE * atom_of[k] + c] + shift[THREE * k + c]
        points[FOUR * k + THREE] = 0.0


@njit(**OPTIONS)
def distance(points: Any, i: Any, j: Any) -> Any:
    """The distance between two images."""
    dx = points[FOUR * i] - points[FOUR * j]
    dy = points[FOUR * i + ONE] - points[FOUR * j + ONE]
    dz = points[FOUR * i + TWO] - points[FOUR * j + TWO]
    return np.sqrt(dx * dx + dy * dy + dz * dz)


@njit(**OPTIONS)
def cubic(rows: Any, k: Any, t: Any) -> Any:
    """The cubic with the coefficients rows[k] to rows[k + 3] at t."""
    return rows[k] + t * (rows[k + ONE] + t * (rows[k + TWO] + t * rows[k + THREE]))


def compiled_energy(potential: Potential, atoms: Configuration, skin: float) -> CompiledEnergy:
    """The loop for a potential and a list of neighbours within its cutoff plus `skin`.

    Raises:
        NotOfferedError: this module has no loop for the form of the potential.
    """
    pairs = build(atoms.positions, atoms.cell, atoms.pbc, potential.cutoff + skin)
    images_of = np.argsort(pairs.atom_of, kind="stable")
    constants = [
        pairs.atom_of.astype(np.uint64),
        pairs.shift.ravel(),
        pairs.centres.astype(np.uint64),
        pairs.start.astype(np.uint64),
        pairs.neighbours,
        images_of.astype(np.uint64),
        pairs.images_start.astype(np.uint64),
    ]
    work = (4 * len(pairs.atom_of), len(pairs.neighbours))
    parameters = getattr(potential, "parameters", None)
    if getattr(parameters, "form", None) in _FORMS:
        function = _formula_energy(parameters, float(potential.cutoff))
    elif isinstance(potential, Tabulated) and len(potential.elements) == 1:
        tables = potential.tables
        function = _table_energy(1.0 / tables.dr, 1.0 / tables.drho, float(potential.cutoff))
        constants += [_rows_to_cutoff(potential), potential.embedding_rows.ravel()]
    else:
        raise NotOfferedError(
            f"there is no compiled energy loop for the form of {type(potential).__name__} "
            f"with {len(potential.elements)} elements"
        )
    return CompiledEnergy(function, work, tuple(constants))


def _rows_to_cutoff(potential: Tabulated) -> Array:
    """The rows of the table, the last one repeated up to the cutoff, and a row of zeros.

    Every distance then has a row, so the loop needs no branch.
    """
    rows = potential.radial_rows
    missing = max(0, int(potential.cutoff / potential.tables.dr) + 1 - len(rows))
    return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0), np.zeros((1, 8))]).ravel()


def _formula_energy(p: Any, cutoff: float) -> Any:
    amplitude = _FORMS[p.form][1](p)

    @njit(**OPTIONS)
    def energy(
        x: Any, points: Any, r: Any,
        atom_of: Any, shift: Any, centres: Any, start: Any, neighbours: Any,
        images_of: Any, images_start: Any,
    ) -> Any:  # fmt: skip
        place_images(x, points, atom_of, shift)
        total = 0.0
        for m in range(np.uint64(len(centres))):
            i = centres[m]
            rho_centre = 0.0
            for k in range(start[m], start[m + ONE]):
                j = np.uint64(neighbours[k])
                r[k] = distance(points, i, j)
                if r[k] < cutoff:
                    rho, phi = radial(p, r[k])
                    rho_centre += rho
                    points[FOUR * j + THREE] += rho
                    total += phi
            points[FOUR * i + THREE] += rho_centre
        for a in range(np.uint64(len(centres))):
            rho_i = 0.0
            for q in range(images_start[a], images_start[a + ONE]):
                rho_i += points[FOUR * images_of[q] + THREE]
            if rho_i > 0.0:
                total -= amplitude * np.sqrt(rho_i)
        return total

    return energy


def _table_energy(per_dr: float, per_drho: float, cutoff: float) -> Any:
    @njit(**OPTIONS)
    def energy(
        x: Any, points: Any, r: Any,
        atom_of: Any, shift: Any, centres: Any, start: Any, neighbours: Any,
        images_of: Any, images_start: Any, radial_rows: Any, embedding_rows: Any,
    ) -> Any:  # fmt: skip
        place_images(x, points, atom_of, shift)
        zeros = np.int32(len(radial_rows) // 8 - 1)
        last = np.int32(len(embedding_rows) // 4 - 1)
        total = 0.0
        for m in range(np.uint64(len(centres))):
            i = centres[m]
            rho_centre = 0.0
            for k in range(start[m], start[m + ONE]):
                r[k] = distance(points, i, np.uint64(neighbours[k]))
            for k in range(start[m], start[m + ONE]):
                j = np.uint64(neighbours[k])
                interval = np.int32(r[k] * per_dr) if r[k] < cutoff else zeros
                t = r[k] * per_dr - interval
                row = EIGHT * np.uint64(np.uint32(interval))
                rho = cubic(radial_rows, row, t)
                rho_centre += rho
                points[FOUR * j + THREE] += rho
                total += cubic(radial_rows, row + FOUR, t) / r[k]
            points[FOUR * i + THREE] += rho_centre
        for a in range(np.uint64(len(centres))):
            rho_i = 0.0
            for q in range(images_start[a], images_start[a + ONE]):
                rho_i += points[FOUR * images_of[q] + THREE]
            interval = max(np.int32(0), min(np.int32(rho_i * per_drho), last))
            row = FOUR * np.uint64(np.uint32(interval))
            total += cubic(embedding_rows, row, rho_i * per_drho - interval)
        return total

    return energy
