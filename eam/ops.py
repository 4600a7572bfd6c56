"""The operations that an energy is written in; every library can bring its own.

:mod:`eam.atoms.potential` explains the notation of the operations on atoms.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# The operations on vectors that the namespace of every backend has, by NumPy's names. Arithmetic
# and slices x[a:b] work in all of them too. Most namespaces have far more operations; the others
# refuse an energy that uses one of these.
OPERATIONS = (
    *("abs", "sqrt", "square", "power", "exp", "expm1", "log", "log1p"),
    *("sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh"),
    *("maximum", "minimum", "where"),
    *("sum", "max", "min", "dot"),
    *("asarray", "concatenate"),
)


class Ops:
    """The operations of a library whose namespace `xp` looks like NumPy's.

    A library that has a better operation of its own, or that takes a custom adjoint, overrides the
    method. Energies of atoms need `gather`, `lookup` and `segment_sum` beyond elementwise functions
    and sums.
    """

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def sum_of(self, function: Callable[..., Any], derivative: Callable[..., Any], x: Any) -> Any:
        """sum_i function(xp, x_i); `derivative` is for libraries that take a custom adjoint."""
        return self.xp.sum(function(self.xp, x))

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index], differentiable; x is (n,) or (n, 3), index (m,) integers."""
        return x[index]

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """(size,) sums: the k-th is the sum of the values (m,) whose index (m,) is k."""
        return np.bincount(index, values, size)

    def sum_pairs(self, terms: Callable[..., Any], x: Any, pairs: Mapping[str, Any]) -> Any:
        """The densities rho_i (n_atoms,), and the sum of the pair potential over all pairs.

        Args:
            terms: ``terms(x, pairs) -> rho_ij, rho_ji, phi``, each (n_pairs,).
            x: (n_atoms, 3).
            pairs: arrays with one row for each pair; `i` and `j` are indices of atoms.
        """
        rho_ij, rho_ji, phi = terms(x, pairs)
        rho_i = self.segment_sum(rho_ij, pairs["i"], len(x))
        return rho_i + self.segment_sum(rho_ji, pairs["j"], len(x)), self.xp.sum(phi)

    def lookup(self, table: Any, row: Any) -> Any:
        """The rows table[row]; only arithmetic on them is differentiated, not the lookup.

        A row that does not exist, as NaN has, is any row.
        """
        return table.take(row, axis=0, mode="clip")

    def interval_of(self, position: Any, n_intervals: int) -> Any:
        """The interval [k, k + 1) of a table that a position lies in, as integers.

        Positions outside the table belong to its first or last interval, NaN to any. The result is
        piecewise constant, so it has no gradient.
        """
        return self.xp.clip(position, 0, n_intervals - 1).astype(int)
