"""The energy of atoms as a plain compiled loop over pairs, for Enzyme to differentiate.

What one would write who wants no derivative, with three concessions. Each distance is kept, so that
the way back need not find it again; indices are unsigned 64-bit integers, whose wrap-around LLVM
need not guard, though the list is stored in 32 bits, half the memory to read; atoms and images
are slots, as in :mod:`eam.kernels.cell_list`, so that the loop over pairs has no shift to
add.
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
    """Density and phi at distance r < cutoff; compiled code only, by the form of p."""
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


# form -> radial, and what the root of the density is multiplied by
_FORMS: dict[str, tuple[Callable[..., Any], Callable[..., float]]] = {
    "finnis-sinclair": (_finnis_sinclair, lambda p: p.A),
    "sutton-chen": (_sutton_chen, lambda p: p.eps * p.c),
    "cleri-rosato": (_cleri_rosato, lambda p: 1.0),
}


@overload(radial, jit_options=OPTIONS)
def _radial(p: Any, r: Any) -> Any:
    return _FORMS[form_of(p)][0]


@njit(**OPTIONS)
def place_slots(x: Any, points: Any, owner: Any, shift: Any) -> None:
    """Of each slot four numbers: its position, and its density to zero."""
    for k in range(np.uint64(len(owner))):
        for c in range(np.uint64(3)):
            points[FOUR * k + c] = x[THREE * owner[k] + c] + shift[THREE * k + c]
        points[FOUR * k + THREE] = 0.0


@njit(**OPTIONS)
def distance(points: Any, i: Any, j: Any) -> Any:
    """Between two slots."""
    dx = points[FOUR * i] - points[FOUR * j]
    dy = points[FOUR * i + ONE] - points[FOUR * j + ONE]
    dz = points[FOUR * i + TWO] - points[FOUR * j + TWO]
    return np.sqrt(dx * dx + dy * dy + dz * dz)


@njit(**OPTIONS)
def cubic(rows: Any, k: Any, t: Any) -> Any:
    """Four coefficients from rows[k] on."""
    return rows[k] + t * (rows[k + ONE] + t * (rows[k + TWO] + t * rows[k + THREE]))


def compiled_energy(potential: Potential, atoms: Configuration, skin: float) -> CompiledEnergy:
    """The loop for a potential and a list of neighbours within its cutoff plus `skin`.

    Raises:
        NotOfferedError: a form that has no loop here.
    """
    cells = build(atoms.positions, atoms.cell, atoms.pbc, potential.cutoff + skin)
    copies = np.argsort(cells.owner, kind="stable")
    constants = [
        cells.owner.astype(np.uint64),
        cells.shift.ravel(),
        cells.centres.astype(np.uint64),
        cells.start.astype(np.uint64),
        cells.neighbours,
        copies.astype(np.uint64),
        cells.slots_start.astype(np.uint64),
    ]
    work = (4 * len(cells.owner), len(cells.neighbours))
    parameters = getattr(potential, "parameters", None)
    if getattr(parameters, "form", None) in _FORMS:
        function = _formula_energy(parameters, float(potential.cutoff))
    elif isinstance(potential, Tabulated) and len(potential.elements) == 1:
        tables = potential.tables
        function = _table_energy(1.0 / tables.dr, 1.0 / tables.drho, float(potential.cutoff))
        constants += [_rows_to_cutoff(potential), potential.embedding_rows.ravel()]
    else:
        raise NotOfferedError(
            f"no compiled energy loop knows the form of {type(potential).__name__} "
            f"of {len(potential.elements)} elements"
        )
    return CompiledEnergy(function, work, tuple(constants))


def _rows_to_cutoff(potential: Tabulated) -> Array:
    """The rows of the table: the last one repeated up to the cutoff, and then one of zeros.

    So the loop needs no branch: every distance has a row.
    """
    rows = potential.radial_rows
    missing = max(0, int(potential.cutoff / potential.tables.dr) + 1 - len(rows))
    return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0), np.zeros((1, 8))]).ravel()


def _formula_energy(p: Any, cutoff: float) -> Any:
    amplitude = _FORMS[p.form][1](p)

    @njit(**OPTIONS)
    def energy(
        x: Any, points: Any, r: Any,
        owner: Any, shift: Any, centres: Any, start: Any, neighbours: Any,
        copies: Any, copies_start: Any,
    ) -> Any:  # fmt: skip
        place_slots(x, points, owner, shift)
        total = 0.0
        for m in range(np.uint64(len(centres))):
            i = centres[m]
            here = 0.0
            for k in range(start[m], start[m + ONE]):
                j = np.uint64(neighbours[k])
                r[k] = distance(points, i, j)
                if r[k] < cutoff:
                    rho, phi = radial(p, r[k])
                    here += rho
                    points[FOUR * j + THREE] += rho
                    total += phi
            points[FOUR * i + THREE] += here
        for a in range(np.uint64(len(centres))):
            rho = 0.0
            for q in range(copies_start[a], copies_start[a + ONE]):
                rho += points[FOUR * copies[q] + THREE]
            if rho > 0.0:
                total -= amplitude * np.sqrt(rho)
        return total

    return energy


def _table_energy(per_dr: float, per_drho: float, cutoff: float) -> Any:
    @njit(**OPTIONS)
    def energy(
        x: Any, points: Any, r: Any,
        owner: Any, shift: Any, centres: Any, start: Any, neighbours: Any,
        copies: Any, copies_start: Any, cells: Any, embedding: Any,
    ) -> Any:  # fmt: skip
        place_slots(x, points, owner, shift)
        zeros = np.int32(len(cells) // 8 - 1)
        last_rho = np.int32(len(embedding) // 4 - 1)
        total = 0.0
        for m in range(np.uint64(len(centres))):
            i = centres[m]
            here = 0.0
            for k in range(start[m], start[m + ONE]):
                r[k] = distance(points, i, np.uint64(neighbours[k]))
            for k in range(start[m], start[m + ONE]):
                j = np.uint64(neighbours[k])
                cell = np.int32(r[k] * per_dr) if r[k] < cutoff else zeros
                t = r[k] * per_dr - cell
                row = EIGHT * np.uint64(np.uint32(cell))
                rho = cubic(cells, row, t)
                here += rho
                points[FOUR * j + THREE] += rho
                total += cubic(cells, row + FOUR, t) / r[k]
            points[FOUR * i + THREE] += here
        for a in range(np.uint64(len(centres))):
            rho = 0.0
            for q in range(copies_start[a], copies_start[a + ONE]):
                rho += points[FOUR * copies[q] + THREE]
            cell = max(np.int32(0), min(np.int32(rho * per_drho), last_rho))
            total += cubic(embedding, FOUR * np.uint64(np.uint32(cell)), rho * per_drho - cell)
        return total

    return energy
