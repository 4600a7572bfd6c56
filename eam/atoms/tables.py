"""Potentials given by tables, interpolated by piecewise cubics.

Both interpolations make one cubic for each cell between two grid points, from the values and the
slopes at its ends; they differ in the slopes:

- hermite: finite differences of fourth order, as LAMMPS takes them (first derivative continuous);
- c2: those of the cubic spline without a knot at the second and the second-last point, as FITPACK
  interpolates, and so ASE and matscipy (second derivative continuous too).

A density beyond the table continues linearly with the slope at its end, as in LAMMPS; a distance
between the table's last point and the cutoff keeps the last value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..ops import Ops
from ..problem import Array

_NUMPY = Ops(np)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a potential file holds, on uniform grids that start at 0.

    Attributes:
        elements: symbols; the arrays below count them in this order.
        atomic_numbers, masses, lattice_constants, structures: one for each element; masses in
            g/mol, lattice constants in angstrom. Many files carry a wrong atomic number.
        drho, dr: spacing of the grids; dr in angstrom.
        cutoff: angstrom.
        embedding: (n, n_rho), F in eV.
        density: (n, n, n_r); density[a, b] is what an atom of element a finds from one of b.
        r_pair: (n, n, n_r), r V(r) in eV angstrom, symmetric in the elements.
        comment: free text, up to three lines.
    """

    elements: tuple[str, ...]
    atomic_numbers: tuple[int, ...]
    masses: tuple[float, ...]
    lattice_constants: tuple[float, ...]
    structures: tuple[str, ...]
    drho: float
    dr: float
    cutoff: float
    embedding: Array
    density: Array
    r_pair: Array
    comment: str = ""


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A :class:`eam.atoms.potential.Potential` of one or more elements, given by tables.

    Attributes:
        tables: the values.
        interpolation: "hermite" or "c2".
    """

    tables: Tables
    interpolation: str = "hermite"

    def __post_init__(self) -> None:
        if self.interpolation not in _SLOPES:
            raise InputError(
                f"interpolation must be one of {', '.join(_SLOPES)}, not {self.interpolation!r}"
            )

    @property
    def elements(self) -> tuple[str, ...]:
        """Symbols."""
        return self.tables.elements

    @property
    def cutoff(self) -> float:
        """In angstrom."""
        return self.tables.cutoff

    @property
    def structure(self) -> str:
        """Of the first element, as the file names it, in lower case."""
        return self.tables.structures[0].lower()

    @property
    def lattice_constant(self) -> float:
        """Of the first element, angstrom."""
        return self.tables.lattice_constants[0]

    @property
    def density_limit(self) -> float:
        """The last density of the table; beyond it F continues linearly."""
        return (self.tables.embedding.shape[1] - 1) * self.tables.drho

    @cached_property
    def radial_rows(self) -> Array:
        """(n_kinds * n_r, 8): [phi c0..c3, r V c0..c3] of each cell, kind after kind; 64 bytes.

        Row k of a kind holds for r in [k, k + 1) dr, in powers of t = r / dr - k. The last row
        is what follows the last point: the value held.
        """
        both = (_cubics(values, self.interpolation) for values in self._radial_values())
        rows = np.concatenate(list(both), axis=-1)
        rows[:, -1, [1, 5]] = 0.0
        return np.ascontiguousarray(rows.reshape(-1, 8))

    @cached_property
    def embedding_rows(self) -> Array:
        """(n_elements * n_rho, 4): F of each cell in powers of t = rho / drho - k; 32 bytes.

        The last row of an element is what follows the last point: a line.
        """
        return _cubics(self.tables.embedding, self.interpolation).reshape(-1, 4)

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """The rows that `radial` and `embedding` look up."""
        return {"radial_rows": self.radial_rows, "embedding_rows": self.embedding_rows}

    def radial(self, ops: Any, r: Any, kinds: Any, data: Mapping[str, Any]) -> tuple[Any, Any]:
        """phi, V."""
        t, row = self._radial_cell(ops, r, kinds, data["radial_rows"])
        inside = r < self.cutoff
        phi = ops.xp.where(inside, _value(row, 0, t), 0.0)
        return phi, ops.xp.where(inside, _value(row, 4, t) / r, 0.0)

    def radial_slopes(self, r: Array, kinds: Any) -> tuple[Array, Array, Array, Array]:
        """phi, V, phi', V'."""
        t, row = self._radial_cell(_NUMPY, r, kinds, self.radial_rows)
        row = np.asfortranarray(row)  # a coefficient of all pairs in one stretch
        per_dr = 1.0 / self.tables.dr
        pair = _value(row, 4, t) / r
        pair_1 = (_slope(row, 4, t) * per_dr - pair) / r
        result = _value(row, 0, t), pair, _slope(row, 0, t) * per_dr, pair_1
        outside = r >= self.cutoff
        if outside.any():
            for values in result:
                values[outside] = 0.0
        return result

    def radial_curvatures(self, r: Array, kinds: Any) -> tuple[Array, Array]:
        """phi'', V''; with "hermite" they jump from cell to cell."""
        t, row = self._radial_cell(_NUMPY, r, kinds, self.radial_rows)
        inside, per_dr = r < self.cutoff, 1.0 / self.tables.dr
        _, _, _, pair_1 = self.radial_slopes(r, kinds)
        pair_2 = (_curvature(row, 4, t) * per_dr**2 - 2.0 * pair_1) / r
        return _curvature(row, 0, t) * (per_dr**2 * inside), pair_2 * inside

    def embedding(self, ops: Any, rho: Any, types: Any, data: Mapping[str, Any]) -> Any:
        """F."""
        t, row = self._embedding_cell(ops, rho, types, data["embedding_rows"])
        return _value(row, 0, t)

    def embedding_slope(self, rho: Array, types: Any) -> Array:
        """F'."""
        t, row = self._embedding_cell(_NUMPY, rho, types, self.embedding_rows)
        return _slope(row, 0, t) / self.tables.drho

    def embedding_curvature(self, rho: Array, types: Any) -> Array:
        """F''."""
        t, row = self._embedding_cell(_NUMPY, rho, types, self.embedding_rows)
        return _curvature(row, 0, t) / self.tables.drho**2

    def _radial_values(self) -> tuple[Array, Array]:
        n_r = self.tables.density.shape[-1]
        return self.tables.density.reshape(-1, n_r), self.tables.r_pair.reshape(-1, n_r)

    def _radial_cell(self, ops: Any, r: Any, kinds: Any, rows: Any) -> tuple[Any, Any]:
        n_r = len(rows) // len(self.elements) ** 2
        return _cell(ops, r * (1.0 / self.tables.dr), kinds, rows, n_r)

    def _embedding_cell(self, ops: Any, rho: Any, types: Any, rows: Any) -> tuple[Any, Any]:
        n_rho = len(rows) // len(self.elements)
        return _cell(ops, rho * (1.0 / self.tables.drho), types, rows, n_rho)


def types_of(elements: Sequence[str], symbols: Sequence[str]) -> NDArray[np.intp]:
    """The types of atoms from their symbols; InputError names one that `elements` lacks."""
    number = {element: k for k, element in enumerate(elements)}
    missing = sorted(set(symbols) - set(number))
    if missing:
        raise InputError(
            f"no element {missing[0]!r} in the potential, which has {', '.join(elements)}"
        )
    return np.array([number[symbol] for symbol in symbols], dtype=np.intp)


def _cell(ops: Any, position: Any, block: Any, rows: Any, n_rows: int) -> tuple[Any, Any]:
    """Where in its cell a position is, and the cell's row, in the block of n_rows given."""
    cell = ops.cell_of(position, n_rows)
    return position - cell, ops.lookup(rows, cell if block is None else block * n_rows + cell)


def _value(row: Any, at: int, t: Any) -> Any:
    return row[:, at] + t * (row[:, at + 1] + t * (row[:, at + 2] + t * row[:, at + 3]))


def _slope(row: Any, at: int, t: Any) -> Any:
    return row[:, at + 1] + t * (2.0 * row[:, at + 2] + 3.0 * t * row[:, at + 3])


def _curvature(row: Any, at: int, t: Any) -> Any:
    return 2.0 * row[:, at + 2] + 6.0 * t * row[:, at + 3]


def _cubics(values: Array, interpolation: str) -> Array:
    """Coefficients (..., n, 4) in powers of t from values (..., n); the last row is a line."""
    slopes = _SLOPES[interpolation](values)
    rise = np.diff(values)
    rows = np.zeros((*values.shape, 4))
    rows[..., 0], rows[..., 1] = values, slopes
    rows[..., :-1, 2] = 3.0 * rise - 2.0 * slopes[..., :-1] - slopes[..., 1:]
    rows[..., :-1, 3] = slopes[..., :-1] + slopes[..., 1:] - 2.0 * rise
    return rows


def _hermite_slopes(f: Array) -> Array:
    """Slopes per cell by finite differences, fourth order inside, lower at the ends."""
    slopes = np.empty_like(f)
    slopes[..., 0], slopes[..., -1] = f[..., 1] - f[..., 0], f[..., -1] - f[..., -2]
    slopes[..., 1:-1] = (f[..., 2:] - f[..., :-2]) / 2.0
    near, far = f[..., 3:-1] - f[..., 1:-3], f[..., :-4] - f[..., 4:]
    slopes[..., 2:-2] = (far + 8.0 * near) / 12.0
    return slopes


def _spline_slopes(f: Array) -> Array:
    """Slopes per cell of the not-a-knot spline: a tridiagonal system, solved for all tables."""
    f = np.moveaxis(f, -1, 0)
    n = len(f)
    right = np.empty_like(f)
    right[1:-1] = 3.0 * (f[2:] - f[:-2])
    right[0] = (-5.0 * f[0] + 4.0 * f[1] + f[2]) / 2.0
    right[-1] = (5.0 * f[-1] - 4.0 * f[-2] - f[-3]) / 2.0
    # rows: 1 2 | 1 4 1 | ... | 2 1
    upper = np.ones(n)
    upper[0] = 2.0
    for k in range(1, n):
        lower = 2.0 if k == n - 1 else 1.0
        pivot = (1.0 if k == n - 1 else 4.0) - lower * upper[k - 1]
        upper[k] /= pivot
        right[k] = (right[k] - lower * right[k - 1]) / pivot
    for k in range(n - 2, -1, -1):
        right[k] -= upper[k] * right[k + 1]
    return np.moveaxis(right, 0, -1)


_SLOPES = {"hermite": _hermite_slopes, "c2": _spline_slopes}
