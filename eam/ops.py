"""The operations that energies are written in, so that every library can bring its own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


class Ops:
    """For a library that looks like NumPy; `xp` is its namespace.

    A library that needs its own way, or a custom adjoint, overrides the method. `gather`, `lookup`
    and `segment_sum` are what energies of atoms need beyond elementwise functions and sums.
    """

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def sum_of(self, function: Callable[..., Any], derivative: Callable[..., Any], x: Any) -> Any:
        """sum_i function(xp, x_i); `derivative` serves libraries that take a custom adjoint."""
        return self.xp.sum(function(self.xp, x))

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index], to be differentiated; x is (n,) or (n, 3), index (m,) integers."""
        return x[index]

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """out[index[k]] += values[k], for values (m,) and an out of (size,) zeros."""
        return np.bincount(index, values, size)

    def sum_pairs(self, terms: Callable[..., Any], x: Any, pairs: Mapping[str, Any]) -> Any:
        """The densities of all atoms, and the energy of all pairs.

        Args:
            terms: ``terms(x, pairs) -> phi, back, V`` of each pair: what atom i finds, what atom j
                finds, and the pair's energy.
            x: (n_atoms, 3).
            pairs: arrays of one row a pair; `i` and `j` count atoms.
        """
        phi, back, pair = terms(x, pairs)
        found_by_i = self.segment_sum(phi, pairs["i"], len(x))
        return found_by_i + self.segment_sum(back, pairs["j"], len(x)), self.xp.sum(pair)

    def lookup(self, table: Any, row: Any) -> Any:
        """table[row] where only the caller's later arithmetic is differentiated."""
        return table.take(row, axis=0)

    def cell_of(self, position: Any, n_cells: int) -> Any:
        """The table cell [k, k + 1) that a position lies in, as integers within 0..n_cells - 1.

        Piecewise constant, so it has no gradient.
        """
        return self.xp.clip(position, 0, n_cells - 1).astype(int)
