"""Potentials given by tables, interpolated by piecewise cubics.

A table has one interval between each two neighbouring grid points. Both interpolations put one
cubic into each interval, fixed by the values and the first derivatives at its two ends. They differ
in these derivatives:

- hermite: finite differences of fourth order, as in LAMMPS; the first derivative is continuous.
- c2: the derivatives of the cubic spline without a knot at the second and the second-last point, as
  in FITPACK and therefore in ASE and matscipy; the second derivative is continuous too.

Beyond the last density of the table, F continues linearly with the derivative at its end, as in
LAMMPS. Between the table's last point and the cutoff, rho(r) and r phi(r) keep their last values.

:mod:`eam.atoms.potential` explains the notation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..ops import Ops
from ..problem import Array, PerAtom, PerPair

_NUMPY = Ops(np)


@dataclass(frozen=True, eq=False)
class Tables:
    """The contents of a potential file, on uniform grids that start at 0.

    Attributes:
        elements: symbols; a type of atom is an index into them.
        atomic_numbers, masses, lattice_constants, structures: one for each element; masses in
            g/mol, lattice constants in angstrom. Many files carry a wrong atomic number.
        drho, dr: spacings of the grids of densities and distances; dr in angstrom.
        cutoff: angstrom.
        embedding: (n, n_rho), F of each element, eV.
        density: (n, n, n_r); density[a, b] is rho(r) at an atom of element a that comes from one
            of element b.
        r_pair: (n, n, n_r), r phi(r) in eV angstrom, symmetric in the elements.
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
        if self.interpolation not in _DERIVATIVES:
            raise InputError(
                f"interpolation must be one of {', '.join(_DERIVATIVES)}, "
                f"not {self.interpolation!r}"
            )

    @property
    def elements(self) -> tuple[str, ...]:
        """The symbols; an atom's type is an index into them."""
        return self.tables.elements

    @property
    def cutoff(self) -> float:
        """The distance from which on two atoms do not interact, angstrom."""
        return self.tables.cutoff

    @property
    def structure(self) -> str:
        """The crystal structure of the first element, as in the file, in lower case."""
        return self.tables.structures[0].lower()

    @property
    def lattice_constant(self) -> float:
        """The lattice constant of the first element, angstrom."""
        return self.tables.lattice_constants[0]

    @property
    def density_limit(self) -> float:
        """The last density of the table; beyond it, F continues linearly."""
        return (self.tables.embedding.shape[1] - 1) * self.tables.drho

    @cached_property
    def radial_rows(self) -> Array:
        """(n_elements^2 * n_r, 8): the cubics of rho and of r phi, an interval a row, 64 bytes.

        The intervals of one pair of types follow those of another. Interval k holds for r in
        [k, k + 1) dr; its coefficients belong to powers of t = r / dr - k. The last row continues
        the table beyond its last point: it keeps the values.
        """
        both = (_cubics(values, self.interpolation) for values in self._radial_values())
        rows = np.concatenate(list(both), axis=-1)
        rows[:, -1, [1, 5]] = 0.0
        return np.ascontiguousarray(rows.reshape(-1, 8))

    @cached_property
    def embedding_rows(self) -> Array:
        """(n_elements * n_rho, 4): the cubics of F, an interval a row, 32 bytes.

        The coefficients belong to powers of t = rho_i / drho - k. The last row of each element
        continues the table beyond its last point: it is a line.
        """
        return _cubics(self.tables.embedding, self.interpolation).reshape(-1, 4)

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """The rows in which `radial` and `embedding` look values up."""
        return {"radial_rows": self.radial_rows, "embedding_rows": self.embedding_rows}

    def radial(self, ops: Any, r: Any, types_ij: Any, data: Mapping[str, Any]) -> tuple[Any, Any]:
        """rho and phi."""
        t, row = self._radial_row(ops, r, types_ij, data["radial_rows"])
        outside = r >= self.cutoff  # NaN is not, so it reaches the result
        rho = ops.xp.where(outside, 0.0, _value(row, 0, t))
        return rho, ops.xp.where(outside, 0.0, _value(row, 4, t) / r)

    def radial_derivatives(
        self, r: PerPair, types_ij: Any
    ) -> tuple[PerPair, PerPair, PerPair, PerPair]:
        """rho, phi, rho' and phi'."""
        t, row = self._radial_row(_NUMPY, r, types_ij, self.radial_rows)
        row = np.asfortranarray(row)  # one coefficient of all pairs is contiguous
        per_dr = 1.0 / self.tables.dr
        phi = _value(row, 4, t) / r
        phi_prime = (_derivative(row, 4, t) * per_dr - phi) / r
        result = _value(row, 0, t), phi, _derivative(row, 0, t) * per_dr, phi_prime
        outside = r >= self.cutoff
        if outside.any():
            for values in result:
                values[outside] = 0.0
        return result

    def radial_second_derivatives(self, r: PerPair, types_ij: Any) -> tuple[PerPair, PerPair]:
        """rho'' and phi''; with "hermite" they jump between intervals."""
        t, row = self._radial_row(_NUMPY, r, types_ij, self.radial_rows)
        inside, per_dr = r < self.cutoff, 1.0 / self.tables.dr
        _, _, _, phi_prime = self.radial_derivatives(r, types_ij)
        phi_second = (_second_derivative(row, 4, t) * per_dr**2 - 2.0 * phi_prime) / r
        rho_second = _second_derivative(row, 0, t) * (per_dr**2 * inside)
        return rho_second, phi_second * inside

    def embedding(self, ops: Any, rho_i: Any, types: Any, data: Mapping[str, Any]) -> Any:
        """F."""
        t, row = self._embedding_row(ops, rho_i, types, data["embedding_rows"])
        return _value(row, 0, t)

    def embedding_derivative(self, rho_i: PerAtom, types: Any) -> PerAtom:
        """F'."""
        t, row = self._embedding_row(_NUMPY, rho_i, types, self.embedding_rows)
        return _derivative(row, 0, t) / self.tables.drho

    def embedding_second_derivative(self, rho_i: PerAtom, types: Any) -> PerAtom:
        """F''."""
        t, row = self._embedding_row(_NUMPY, rho_i, types, self.embedding_rows)
        return _second_derivative(row, 0, t) / self.tables.drho**2

    def _radial_values(self) -> tuple[Array, Array]:
        n_r = self.tables.density.shape[-1]
        return self.tables.density.reshape(-1, n_r), self.tables.r_pair.reshape(-1, n_r)

    def _radial_row(self, ops: Any, r: Any, types_ij: Any, rows: Any) -> tuple[Any, Any]:
        n_r = len(rows) // len(self.elements) ** 2
        return _row(ops, r * (1.0 / self.tables.dr), types_ij, rows, n_r)

    def _embedding_row(self, ops: Any, rho_i: Any, types: Any, rows: Any) -> tuple[Any, Any]:
        n_rho = len(rows) // len(self.elements)
        return _row(ops, rho_i * (1.0 / self.tables.drho), types, rows, n_rho)


def types_of(elements: Sequence[str], symbols: Sequence[str]) -> NDArray[np.intp]:
    """The types of atoms from their symbols; InputError names one that `elements` lacks."""
    number = {element: k for k, element in enumerate(elements)}
    missing = sorted(set(symbols) - set(number))
    if missing:
        raise InputError(
            f"no element {missing[0]!r} in the potential, which has {', '.join(elements)}"
        )
    return np.array([number[symbol] for symbol in symbols], dtype=np.intp)


def _row(ops: Any, position: Any, table: Any, rows: Any, n_rows: int) -> tuple[Any, Any]:
    """The place t of each position in its interval, and the row of the interval's coefficients.

    Args:
        position: in units of the grid's spacing.
        table: which of the tables in `rows`, each of `n_rows`; None where there is one.
    """
    interval = ops.interval_of(position, n_rows)
    at = interval if table is None else table * n_rows + interval
    return position - interval, ops.lookup(rows, at)


def _value(row: Any, at: int, t: Any) -> Any:
    return row[:, at] + t * (row[:, at + 1] + t * (row[:, at + 2] + t * row[:, at + 3]))


def _derivative(row: Any, at: int, t: Any) -> Any:
    return row[:, at + 1] + t * (2.0 * row[:, at + 2] + 3.0 * t * row[:, at + 3])


def _second_derivative(row: Any, at: int, t: Any) -> Any:
    return 2.0 * row[:, at + 2] + 6.0 * t * row[:, at + 3]


def _cubics(values: Array, interpolation: str) -> Array:
    """Coefficients (..., n, 4) in powers of t from values (..., n); the last row is a line."""
    derivatives = _DERIVATIVES[interpolation](values)
    rise = np.diff(values)
    rows = np.zeros((*values.shape, 4))
    rows[..., 0], rows[..., 1] = values, derivatives
    rows[..., :-1, 2] = 3.0 * rise - 2.0 * derivatives[..., :-1] - derivatives[..., 1:]
    rows[..., :-1, 3] = derivatives[..., :-1] + derivatives[..., 1:] - 2.0 * rise
    return rows


def _hermite_derivatives(f: Array) -> Array:
    """First derivatives by t, by finite differences: fourth order inside, lower at the ends."""
    derivatives = np.empty_like(f)
    derivatives[..., 0], derivatives[..., -1] = f[..., 1] - f[..., 0], f[..., -1] - f[..., -2]
    derivatives[..., 1:-1] = (f[..., 2:] - f[..., :-2]) / 2.0
    near, far = f[..., 3:-1] - f[..., 1:-3], f[..., :-4] - f[..., 4:]
    derivatives[..., 2:-2] = (far + 8.0 * near) / 12.0
    return derivatives


def _spline_derivatives(f: Array) -> Array:
    """First derivatives by t of the not-a-knot spline: a tridiagonal system for all tables."""
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


_DERIVATIVES = {"hermite": _hermite_derivatives, "c2": _spline_derivatives}
