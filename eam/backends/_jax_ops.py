"""JAX's operations, stock and with custom adjoints."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..models.pairs import PAIR_ARRAYS
from ..ops import Ops


class StockOps(Ops):
    """What JAX has. Indices are promised to be right, so that no bound is checked."""

    def __init__(self) -> None:
        super().__init__(jnp)

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index]."""
        return x.at[index].get(mode="promise_in_bounds")

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """Sums of the values of each segment."""
        return jax.ops.segment_sum(values, index, size, mode="promise_in_bounds")

    def lookup(self, table: Any, row: Any) -> Any:
        """table[row]."""
        return self.gather(table, row)

    def cell_of(self, position: Any, n_cells: int) -> Any:
        """The integer cell."""
        return jnp.clip(position, 0, n_cells - 1).astype(jnp.int32)


class BlockedOps(StockOps):
    """Pairs go through a scan, block by block, and are computed again on the way back.

    The arrays of a block stay in the cache, where those of all pairs at once go through memory.
    """

    block = 1024

    @classmethod
    def blocks(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """`data` with its pairs in blocks, the last one filled up with pairs far apart."""
        return {
            name: cls._in_blocks(name, array) if name in PAIR_ARRAYS else array
            for name, array in data.items()
        }

    @classmethod
    def _in_blocks(cls, name: str, array: NDArray[Any]) -> NDArray[Any]:
        filling = 1e3 if name == "shift" else 0
        n_blocks = -(-len(array) // cls.block)
        blocks = np.full((n_blocks * cls.block, *array.shape[1:]), filling, array.dtype)
        blocks[: len(array)] = array
        if name != "shift":
            blocks = blocks.astype(np.int32)  # half the memory to read
        return blocks.reshape(n_blocks, cls.block, *array.shape[1:])

    def sum_pairs(self, terms: Any, x: Any, pairs: Any) -> Any:
        """Densities and pair energy, accumulated."""

        def step(sums: Any, block: Any) -> Any:
            phi, back, pair = jax.checkpoint(terms)(x, block)
            rho = sums[0].at[block["i"]].add(phi, mode="promise_in_bounds")
            rho = rho.at[block["j"]].add(back, mode="promise_in_bounds")
            return (rho, sums[1] + jnp.sum(pair)), None

        return jax.lax.scan(step, (jnp.zeros(len(x)), 0.0), pairs)[0]


class DenseOps(StockOps):
    """Every atom has a row of k neighbours, each pair stands in two rows, and a sum over the row
    takes the place of the segment sum."""

    def __init__(self, neighbours: int) -> None:
        super().__init__()
        self.neighbours = neighbours

    @staticmethod
    def table(data: Mapping[str, Any], n_atoms: int) -> tuple[int, dict[str, Any]]:
        """k, and `data` with full rows, filled up with neighbours far apart, in place of pairs."""
        i, j = data["i"], data["j"]
        centre = np.concatenate([i, j])
        order = np.argsort(centre, kind="stable")
        count = np.bincount(centre, minlength=n_atoms)
        k = int(count.max(initial=1))
        column = np.arange(len(centre)) - np.repeat(np.cumsum(count) - count, count)
        place = centre[order] * k + column

        def rows(there: Any, back: Any, filling: float) -> Any:
            both = np.concatenate([there, back])[order]
            table = np.full((n_atoms * k, *both.shape[1:]), filling, both.dtype)
            table[place] = both
            return table

        full = {"i": i, "j": rows(j, i, 0), "shift": rows(data["shift"], -data["shift"], 1e3)}
        if "kinds" in data:
            full["kinds"] = rows(data["kinds"], data["kinds_back"], 0)
        return k, {**data, **full}

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index]; of the centres, each k times, without an index."""
        if index is CENTRES:
            spread = jnp.broadcast_to(x[:, None], (len(x), self.neighbours, x.shape[1]))
            return spread.reshape(-1, x.shape[1])
        return super().gather(x, index)

    def sum_pairs(self, terms: Any, x: Any, pairs: Any) -> Any:
        """Sums over rows; a pair's energy comes twice."""
        rows = {name: array for name, array in pairs.items() if name != "kinds_back"}
        phi, _, pair = terms(x, {**rows, "i": CENTRES})
        return phi.reshape(len(x), self.neighbours).sum(axis=1), 0.5 * jnp.sum(pair)


CENTRES = object()  # stands for the index of each row's own atom


class CustomOps(StockOps):
    """The seed's hack: hand-written adjoints for the inner sum, and for the gather of atoms."""

    def sum_of(self, function: Any, derivative: Any, x: Any) -> Any:
        """sum_i function(x_i) with a custom vector-Jacobian product."""

        @jax.custom_vjp
        def total(x: Any) -> Any:
            return jnp.sum(function(jnp, x))

        total.defvjp(lambda x: (total(x), x), lambda x, adjoint: (adjoint * derivative(jnp, x),))
        return total(x)

    def gather(self, x: Any, index: Any) -> Any:
        """x[index], whose adjoint sums one component at a time."""
        size = len(x)

        @jax.custom_vjp
        def rows(x: Any) -> Any:
            return StockOps.gather(self, x, index)

        def backward(_: None, adjoint: Any) -> Any:
            columns = adjoint.reshape(len(index), -1).T
            sums = [self.segment_sum(column, index, size) for column in columns]
            return (jnp.stack(sums, axis=1).reshape(size, *adjoint.shape[1:]),)

        rows.defvjp(lambda x: (rows(x), None), backward)
        return rows(x)
