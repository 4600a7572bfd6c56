"""JAX's operations, stock and with custom adjoints."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..ops import Ops
from ..problem import Problem


class StockOps(Ops):
    """JAX's own operations. The indices promise to be within bounds, so JAX checks none."""

    def __init__(self) -> None:
        super().__init__(jnp)

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index], differentiable."""
        return x.at[index].get(mode="promise_in_bounds")

    def segment_sum(self, values: Any, index: Any, size: int) -> Any:
        """The sum of the values of each segment."""
        return jax.ops.segment_sum(values, index, size, mode="promise_in_bounds")

    def lookup(self, table: Any, row: Any) -> Any:
        """The rows table[row]."""
        return self.gather(table, row)

    def interval_of(self, position: Any, n_intervals: int) -> Any:
        """The interval as integers."""
        return jnp.clip(position, 0, n_intervals - 1).astype(jnp.int32)


class BlockedOps(StockOps):
    """A scan over blocks of pairs, which the backward pass computes again.

    The arrays of a block stay in the cache; those of all pairs at once go through memory.
    """

    block = 1024

    @classmethod
    def blocks(cls, problem: Problem) -> dict[str, Any]:
        """The constant arrays with those of pairs in blocks; the last one is filled up."""
        blocks = {
            name: cls._in_blocks(problem.data[name], filling)
            for name, filling in problem.pairs.items()
        }
        return {**problem.data, **blocks}

    @classmethod
    def _in_blocks(cls, array: NDArray[Any], filling: float) -> NDArray[Any]:
        n_blocks = -(-len(array) // cls.block)
        blocks = np.full((n_blocks * cls.block, *array.shape[1:]), filling, array.dtype)
        blocks[: len(array)] = array
        if array.dtype.kind != "f":
            blocks = blocks.astype(np.int32)  # half the memory to read
        return blocks.reshape(n_blocks, cls.block, *array.shape[1:])

    def sum_pairs(self, terms: Any, x: Any, pairs: Any) -> Any:
        """The densities and the pair energy, accumulated block by block."""

        def step(sums: Any, block: Any) -> Any:
            rho_ij, rho_ji, phi = jax.checkpoint(terms)(x, block)
            rho_i = sums[0].at[block["i"]].add(rho_ij, mode="promise_in_bounds")
            rho_i = rho_i.at[block["j"]].add(rho_ji, mode="promise_in_bounds")
            return (rho_i, sums[1] + jnp.sum(phi)), None

        return jax.lax.scan(step, (jnp.zeros(len(x)), 0.0), pairs)[0]


class DenseOps(StockOps):
    """A row of k neighbours for each atom, and sums over rows in place of segment sums.

    Each pair is in two rows.
    """

    def __init__(self, neighbours: int) -> None:
        super().__init__()
        self.neighbours = neighbours

    @staticmethod
    def table(problem: Problem) -> tuple[int, dict[str, Any]]:
        """k, and the constant arrays with rows in place of pairs; no pair fills the rows up."""
        data, n_atoms = problem.data, problem.dimension
        i, j = data["i"], data["j"]
        centre = np.concatenate([i, j])
        order = np.argsort(centre, kind="stable")
        count = np.bincount(centre, minlength=n_atoms)
        k = int(count.max(initial=1))
        column = np.arange(len(centre)) - np.repeat(np.cumsum(count) - count, count)
        place = centre[order] * k + column

        def rows(name: str, of_ji: Any) -> Any:
            both = np.concatenate([data[name], of_ji])[order]
            table = np.full((n_atoms * k, *both.shape[1:]), problem.pairs[name], both.dtype)
            table[place] = both
            return table

        full = {"i": i, "j": rows("j", i), "shift": rows("shift", -data["shift"])}
        if "types_ij" in problem.pairs:
            full["types_ij"] = rows("types_ij", data["types_ji"])
        return k, {**data, **full}

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index]; for `CENTRES`, each row of x k times, without an index."""
        if index is CENTRES:
            spread = jnp.broadcast_to(x[:, None], (len(x), self.neighbours, x.shape[1]))
            return spread.reshape(-1, x.shape[1])
        return super().gather(x, index)

    def sum_pairs(self, terms: Any, x: Any, pairs: Any) -> Any:
        """Sums over rows; the energy of each pair counts twice, and half."""
        rows = {name: array for name, array in pairs.items() if name != "types_ji"}
        rho_ij, _, phi = terms(x, {**rows, "i": CENTRES})
        return rho_ij.reshape(len(x), self.neighbours).sum(axis=1), 0.5 * jnp.sum(phi)


CENTRES = object()  # stands for the index of the atom that each row belongs to


class CustomOps(StockOps):
    """The forum post's hack: hand-written adjoints of the inner sum, and of the gather of atoms."""

    def sum_of(self, function: Any, derivative: Any, x: Any) -> Any:
        """sum_i function(x_i) with a custom vector-Jacobian product."""

        @jax.custom_vjp
        def total(x: Any) -> Any:
            return jnp.sum(function(jnp, x))

        total.defvjp(lambda x: (total(x), x), lambda x, adjoint: (adjoint * derivative(jnp, x),))
        return total(x)

    def gather(self, x: Any, index: Any) -> Any:
        """The rows x[index]; the adjoint sums one component at a time."""
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
