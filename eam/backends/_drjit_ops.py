"""Dr.Jit's operations on atoms: its arrays have one axis, so vectors are three of them."""

from collections.abc import Callable, Mapping
from typing import Any

import drjit
import numpy as np
from drjit.llvm import ad

from ..ops import Ops
from ..problem import Problem

dr: Any = drjit
Float: Any = ad.Float64
Index: Any = ad.UInt32


class Vectors:
    """A vector for each pair, (n_pairs, 3), as three arrays."""

    def __init__(self, columns: list[Any]) -> None:
        self.columns = columns

    def __add__(self, other: "Vectors") -> "Vectors":
        return self._each(other, lambda a, b: a + b)

    def __sub__(self, other: "Vectors") -> "Vectors":
        return self._each(other, lambda a, b: a - b)

    def __mul__(self, other: "Vectors") -> "Vectors":
        return self._each(other, lambda a, b: a * b)

    def sum(self) -> Any:
        """Over the components."""
        x, y, z = self.columns
        return x + y + z

    def _each(self, other: "Vectors", function: Callable[[Any, Any], Any]) -> "Vectors":
        return Vectors([function(*both) for both in zip(self.columns, other.columns, strict=True)])


class Table:
    """Rows of numbers in one array; of those that are looked up, the columns that are asked for."""

    def __init__(self, numbers: Any, shape: tuple[int, ...], row: Any = None) -> None:
        self.numbers, self.shape, self.row = numbers, shape, row

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: tuple[slice, int]) -> Any:
        return dr.gather(Float, self.numbers, self.row * self.shape[1] + key[1])


class AtomOps(Ops):
    """Gathers and scatters; the adjoint of each is the other."""

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index], differentiable."""
        if len(x.shape) == 1:
            return dr.gather(Float, x, index)
        return Vectors([dr.gather(Float, x.array, 3 * index + c) for c in range(3)])

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """The sum of the values of each segment."""
        sums = dr.zeros(Float, size)
        dr.scatter_add(sums, values, index)
        return sums

    def lookup(self, table: Any, row: Any) -> Any:
        """The rows table[row]."""
        return Table(table.numbers, table.shape, row)

    def interval_of(self, position: Any, n_intervals: int) -> Any:
        """The interval as integers."""
        return Index(dr.clip(position, 0, n_intervals - 1))


def arrays(problem: Problem) -> dict[str, Any]:
    """The constant arrays of a problem, in arrays of Dr.Jit and lists of them."""
    return {name: _array(array) for name, array in problem.data.items()}


def _array(array: Any) -> Any:
    if array.dtype.kind in "iu":
        return Index(array.astype(np.uint32))
    if array.ndim == 2 and array.shape[1] == 3:
        return [Float(np.ascontiguousarray(column)) for column in array.T]
    return Float(array.reshape(-1))


def as_data(problem: Problem, made: Mapping[str, Any]) -> dict[str, Any]:
    """The data of `energy`: the same arrays as vectors and tables."""
    return {name: _datum(given, problem.data[name].shape) for name, given in made.items()}


def _datum(given: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(given, list):
        return Vectors(given)
    return Table(given, shape) if len(shape) == 2 else given
