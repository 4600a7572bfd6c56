"""PyTorch's operations, stock and with custom adjoints."""

from types import ModuleType
from typing import Any

import torch

from ..ops import Ops


def _of_two(function: Any) -> Any:
    """A function of two tensors that also accepts a number for one of them, as NumPy's does."""

    def of_two(a: Any, b: Any) -> Any:
        a, b = (torch.as_tensor(c, dtype=torch.float64) for c in (a, b))
        return function(a, b)

    return of_two


# NumPy's names and meanings where PyTorch has others
xp: Any = ModuleType("torch")
xp.__dict__.update(vars(torch))
xp.__dict__.update(
    max=torch.amax,
    maximum=_of_two(torch.maximum),
    min=torch.amin,
    minimum=_of_two(torch.minimum),
    power=torch.pow,
)


class StockOps(Ops):
    """PyTorch's own operations."""

    def __init__(self) -> None:
        super().__init__(xp)

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """The sum of the values of each segment."""
        return torch.zeros(size, dtype=values.dtype).index_add(0, index, values)

    def lookup(self, table: Any, row: Any) -> Any:
        """The rows table[row]."""
        return table.index_select(0, row)

    def interval_of(self, position: Any, n_intervals: int) -> Any:
        """The interval as integers, off the tape."""
        # first integers: NaN then becomes one that exists
        return position.detach().long().clip(0, n_intervals - 1)


class _SumOf(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, function: Any, derivative: Any) -> Any:
        ctx.save_for_backward(x)
        ctx.derivative = derivative
        return torch.sum(function(torch, x))

    @staticmethod
    def backward(ctx: Any, *adjoints: Any) -> Any:
        (x,) = ctx.saved_tensors
        return adjoints[0] * ctx.derivative(torch, x), None, None


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, index: Any) -> Any:
        ctx.save_for_backward(index)
        ctx.shape = x.shape
        return x[index]

    @staticmethod
    def backward(ctx: Any, *adjoints: Any) -> Any:
        (index,) = ctx.saved_tensors
        (rows,) = adjoints
        return torch.zeros(ctx.shape, dtype=rows.dtype).index_add(0, index, rows), None


class CustomOps(StockOps):
    """The forum post's hack: hand-written adjoints of the inner sum, and of the gather of atoms."""

    def sum_of(self, function: Any, derivative: Any, x: Any) -> Any:
        """sum_i function(x_i) as one node on the tape."""
        return _SumOf.apply(x, function, derivative)

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index]; the adjoint is an index_add, where PyTorch's own is an index_put."""
        return _Gather.apply(x, index)
