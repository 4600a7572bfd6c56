"""autograd's operations, stock and with custom adjoints."""

from typing import Any

import autograd.numpy
import numpy as np
from autograd.extend import defvjp, primitive
from autograd.tracer import getval, isbox

from ..ops import Ops

# autograd makes these names at run time, where a type checker does not see them
anp: Any = autograd.numpy


@primitive
def _segment_sum(values: Any, index: Any, size: int) -> Any:
    return np.bincount(index, values, size)


defvjp(_segment_sum, lambda result, values, index, size: lambda adjoint: adjoint[index])


class StockOps(Ops):
    """autograd's own operations, and the segment sum that it lacks."""

    def __init__(self) -> None:
        super().__init__(anp)

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """The sum of the values of each segment, with an adjoint."""
        return _segment_sum(values, index, size)

    def interval_of(self, position: Any, n_intervals: int) -> Any:
        """The interval as integers, off the tape."""
        while isbox(position):
            position = getval(position)
        return super().interval_of(position, n_intervals)


@primitive
def _sum_of(x: Any, function: Any, derivative: Any) -> Any:
    return anp.sum(function(anp, x))


defvjp(
    _sum_of,
    lambda result, x, function, derivative: lambda adjoint: adjoint * derivative(anp, x),
)


@primitive
def _gather(x: Any, index: Any) -> Any:
    return x[index]


@primitive
def _scatter(rows: Any, index: Any, size: int) -> Any:
    columns = (np.bincount(index, column, size) for column in rows.T)
    return np.stack(list(columns), axis=1)


def _gathered(adjoint: Any, index: Any, x: Any) -> Any:
    scatter = _scatter if np.ndim(x) == 2 else _segment_sum
    return scatter(adjoint, index, len(x))


defvjp(_gather, lambda result, x, index: lambda adjoint: _gathered(adjoint, index, x))
defvjp(_scatter, lambda result, rows, index, size: lambda adjoint: _gather(adjoint, index))


class CustomOps(StockOps):
    """The forum post's hack: hand-written adjoints of the inner sum, and of the gather of atoms."""

    def sum_of(self, function: Any, derivative: Any, x: Any) -> Any:
        """sum_i function(x_i) as one node on the tape."""
        return _sum_of(x, function, derivative)

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index]; the adjoint is a bincount, where autograd's own is np.add.at."""
        return _gather(x, index)
