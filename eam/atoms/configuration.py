"""Atoms in a cell, checked once: positions, periodicity and types; and crystals to start from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem import Array, Positions

# positions of the basis atoms of a cubic cell, in units of its edge
BASES = {
    "fcc": ((0.0, 0.0, 0.0), (0.0, 0.5, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0)),
    "bcc": ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5)),
}

FARTHEST = 1e7  # angstrom; the last digit of a coordinate is then 2e-9


@dataclass(frozen=True, eq=False)
class Configuration:
    """Atoms in a cell.

    Attributes:
        positions: (n_atoms, 3) float64, angstrom; they need not lie inside the cell.
        cell: (3, 3) float64, rows are the lattice vectors in angstrom; any shape and handedness.
        pbc: (3,) bool, the periodic lattice vectors. The others may be zero.
        types: (n_atoms,) integers, indices into the elements of a potential; by default all 0.

    Raises:
        InputError: a wrong shape, a value that is not finite or beyond 10^7 angstrom, or a cell
            without volume.
    """

    positions: Positions
    cell: Array
    pbc: NDArray[np.bool_]
    types: NDArray[np.intp]

    def __init__(self, positions: Any, cell: Any, pbc: Any = True, types: Any = None) -> None:
        positions = _real("positions", positions, (-1, 3))
        if not len(positions):
            raise InputError("positions must have at least one atom")
        types = np.zeros(len(positions), np.intp) if types is None else np.array(types)
        if types.shape != (len(positions),) or types.dtype.kind not in "iu":
            raise InputError(f"types must be {len(positions)} integers, one for each atom")
        pbc = np.array(np.broadcast_to(np.asarray(pbc, dtype=bool), 3))
        cell = _completed(_real("cell", cell, (3, 3)), pbc)
        for name, array in (
            ("positions", positions),
            ("cell", cell),
            ("pbc", pbc),
            ("types", types.astype(np.intp)),
        ):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def volume(self) -> float:
        """The volume of the cell, in cubic angstrom."""
        return abs(float(np.linalg.det(self.cell)))


def crystal(
    structure: str,
    lattice_constant: float,
    n_atoms: int,
    *,
    rattle: float = 0.0,
    seed: int = 0,
) -> Configuration:
    """A periodic block of a cubic crystal, its atoms displaced at random.

    Args:
        structure: "fcc" or "bcc".
        lattice_constant: edge of the cubic cell, angstrom.
        n_atoms: a multiple of the 4 (fcc) or 2 (bcc) atoms of a cubic cell. The block must be at
            most twice as long as it is wide, as with 108, 4000, 32000 or 256000 atoms.
        rattle: standard deviation of the displacement of each coordinate, angstrom.
        seed: of the random displacements; the same seed gives the same bits.

    Raises:
        InputError: an unknown structure, or a number of atoms that no block has; the message lists
            the nearest.
    """
    if structure not in BASES:
        raise InputError(f"structure must be one of {', '.join(BASES)}, not {structure!r}")
    basis = np.array(BASES[structure])
    repeats = _repeats(n_atoms, len(basis))
    if repeats is None:
        near = ", ".join(map(str, _realisable_near(n_atoms, len(basis))))
        raise InputError(
            f"no {structure} block has {n_atoms} atoms; the nearest numbers are {near}"
        )
    corners = np.stack(np.meshgrid(*map(np.arange, repeats), indexing="ij"), axis=-1)
    sites = (corners.reshape(-1, 1, 3) + basis).reshape(-1, 3) * lattice_constant
    displaced = sites + rattle * np.random.default_rng(seed).standard_normal(sites.shape)
    return Configuration(displaced, np.diag(repeats) * float(lattice_constant))


def _repeats(n_atoms: int, n_basis: int) -> tuple[int, int, int] | None:
    """The most cubic (a, b, c), a <= b <= c <= 2 a, with a * b * c * n_basis atoms."""
    n_cells, rest = divmod(n_atoms, n_basis)
    if rest:
        return None
    for a in range(int(np.cbrt(n_cells) + 1e-9), 0, -1):
        if n_cells % a:
            continue
        left = n_cells // a
        for b in range(int(np.sqrt(left) + 1e-9), a - 1, -1):
            if left % b == 0 and left // b <= 2 * a:
                return a, b, left // b
    return None


def _realisable_near(n_atoms: int, n_basis: int) -> list[int]:
    """Two realisable sizes below `n_atoms`, and two above."""
    cells = n_atoms // n_basis
    below = (n * n_basis for n in range(cells, 0, -1))
    above = (n * n_basis for n in range(cells + 1, 10 * cells + 10))
    found: list[int] = []
    for sizes in (below, above):
        realisable = (n for n in sizes if _repeats(n, n_basis))
        found += [n for n, _ in zip(realisable, range(2), strict=False)]
    return sorted(found)


def _real(name: str, value: Any, shape: tuple[int, int]) -> Array:
    """A float64 copy, checked."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{name} is a masked array; fill it, or pass its data")
    array = np.array(value)
    if array.dtype.kind not in "fiu" or array.ndim != 2 or array.shape[1] != 3:
        rows = "n_atoms" if shape[0] < 0 else shape[0]
        raise InputError(f"{name} must be real numbers of shape ({rows}, 3), not {array.shape}")
    if shape[0] > 0 and len(array) != shape[0]:
        raise InputError(f"{name} must have shape {shape}, not {array.shape}")
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise InputError(f"{name}[{row}] is not finite: {array[row]}")
    if (np.abs(array) > FARTHEST).any():
        row = int(np.argmax((np.abs(array) > FARTHEST).any(axis=1)))
        raise InputError(
            f"{name}[{row}] is beyond {FARTHEST:g} angstrom: {array[row]}; wrap the atoms into the "
            "cell, or check the step that moved them"
        )
    return np.ascontiguousarray(array, dtype=np.float64)


def _completed(cell: Array, pbc: NDArray[np.bool_]) -> Array:
    """The cell with unit vectors across the others in place of zero vectors of free directions."""
    cell = cell.copy()
    empty = ~pbc & ~cell.any(axis=1)
    if empty.any():
        full = cell[~empty]
        across = np.linalg.svd(full)[2][len(full) :] if len(full) else np.eye(3)
        cell[empty] = across[: empty.sum()]
    lengths = np.linalg.norm(cell, axis=1)
    if abs(np.linalg.det(cell)) <= 1e-10 * lengths.prod():
        raise InputError(f"cell has no volume: its vectors are {cell.tolist()}")
    return cell
