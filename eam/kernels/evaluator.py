"""The compiled kernels bound to atoms: neighbours, the memory that calls reuse, and the calls."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..atoms import Configuration
from ..atoms.potential import Potential
from ..errors import InputError
from ..problem import Array
from . import fused, threaded
from .cell_list import CellList, build
from .forms import parameters_of
from .lowlevel import entry_point

_NEAR = 8 * fused.MOST_NEAR


class Evaluator:
    """Energy and gradient of a configuration over one list of neighbours.

    The list is built here; it is right for every x in which no atom has moved by more than half of
    `skin` from the positions it was built for. Calls allocate nothing but their result, and the
    next list (:meth:`rebuild`) takes the memory of the one before.

    Args:
        potential: see :class:`eam.atoms.potential.Potential`.
        atoms: cell, types, and the positions that the list is built for.
        skin: angstrom.
        n_threads: how many threads share the work, at most: numba's threads, which are started by
            the first call.
    """

    def __init__(
        self, potential: Potential, atoms: Configuration, skin: float = 0.0, n_threads: int = 1
    ) -> None:
        self.cutoff = float(potential.cutoff)
        self.skin = skin
        self.n_threads = n_threads
        self._kernels: Any = fused if n_threads == 1 else threaded
        self._parameters = parameters_of(potential)
        self._memory = _Memory()
        self.rebuild(atoms)

    def rebuild(self, atoms: Configuration) -> None:
        """Build the list again, for other positions, and any other cell, types and number."""
        self.list = build(
            atoms.positions,
            atoms.cell,
            atoms.pbc,
            self.cutoff + self.skin,
            self.n_threads,
            lambda size: self._memory.array("neighbours", size, np.uint32),
        )
        self._pairs = _pairs(self.list, atoms.types, self._memory)
        self._work = _work(self.list, self._pairs, self._memory)

    def value(self, x: Array) -> float:
        """The energy, eV. x: (n_atoms, 3) float64, angstrom, C-contiguous."""
        return self._kernels.value(x, self._parameters, self.cutoff, self._pairs, self._work)

    def gradient_into(self, out: Array, x: Array) -> None:
        """dE/dx, (n_atoms, 3) in eV/angstrom, into `out`: C-contiguous, apart from x."""
        self._kernels.gradient_into(out, x, self._parameters, self.cutoff, self._pairs, self._work)

    def bind(self, out: Array, x: Array) -> Callable[[], object]:
        """A call that writes the gradient at `x` into `out`, over the list that there is now.

        It goes to the version compiled for these arrays: numba takes 3 us to choose one.
        """
        arguments = (out, x, self._parameters, self.cutoff, self._pairs, self._work)
        return partial(entry_point(self._kernels.gradient_into, *arguments), *arguments)

    def gradient(self, x: Array) -> Array:
        """dE/dx in a new array."""
        out = np.empty_like(x)
        self.gradient_into(out, x)
        return out

    def energies(self, x: Array) -> Array:
        """The energy of each atom, (n_atoms,) in eV: F and half of its pairs."""
        self.value(x)
        return self._work.energies.copy()

    def virial(self, x: Array) -> Array:
        """dE/d(strain), (3, 3) in eV. Stress: divide by the volume."""
        return self.evaluate(x)[2]

    def evaluate(self, x: Array) -> tuple[Array, Array, Array]:
        """Energies by atom, gradient and virial, new arrays, for the price of the gradient."""
        gradient, virial = np.empty_like(x), np.empty((3, 3))
        self.gradient_into(gradient, x)
        fused.virial_into(virial, self._work)
        return self._work.energies.copy(), gradient, virial


class _Memory:
    """Arrays by name, each handed out again as long as it is large enough."""

    def __init__(self) -> None:
        self._arrays: dict[str, NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: Any = np.float64) -> NDArray[Any]:
        """`size` elements that hold anything."""
        kept = self._arrays.get(name)
        if kept is None or len(kept) < size:
            kept = self._arrays[name] = np.empty(size + size // 8, dtype)
        return kept[:size]


def _pairs(cells: CellList, types: NDArray[Any], memory: _Memory) -> fused.Pairs:
    slots = memory.array("slots", len(cells.owner), fused.SLOT)
    slots["x"], slots["y"], slots["z"] = cells.shift.T
    slots["atom"] = cells.owner
    slots["type"] = types[cells.owner] if types.any() else 0
    return fused.Pairs(
        slots,
        cells.slots_of,
        cells.slots_start.astype(np.uint64),
        cells.centres,
        cells.neighbours,
        cells.start.astype(np.uint64),
        cells.layers.astype(np.uint64),
        _places(cells),
        cells.layers_ahead,
        cells.slabs.astype(np.uint64),
    )


def _places(cells: CellList) -> NDArray[np.uint64]:
    """Where in the cache the pairs of each layer go.

    Layers whose second pass has to wait for the end have a place of their own; the others take
    turns, since only those within reach of each other are under way at the same time.
    """
    lengths = np.diff(cells.start[cells.layers])
    ahead, sizes = cells.layers_ahead, np.diff(cells.slabs)
    slab = np.repeat(np.arange(len(sizes)), sizes)
    layer = np.arange(len(lengths)) - cells.slabs[slab]
    waits = (layer < ahead) | (layer >= sizes[slab] - ahead)
    own = np.cumsum(np.where(waits, lengths, 0))
    turn = lengths[~waits].max(initial=0)
    in_turn = slab * (ahead + 1) + layer % (ahead + 1)
    return np.where(waits, own - lengths, own[-1] + in_turn * turn).astype(np.uint64)


def _work(cells: CellList, pairs: fused.Pairs, memory: _Memory) -> fused.Work:
    n_slots, n_atoms = len(cells.owner), len(cells.centres)
    lengths = np.diff(cells.start[cells.layers]).astype(np.uint64)
    n_cached = int((pairs.place + lengths).max())
    n_near = int(np.diff(cells.start).max(initial=0))
    if n_near > fused.MOST_NEAR:
        raise InputError(
            f"an atom has about {2 * n_near} neighbours within {cells.reach:g} angstrom, "
            f"{2 * fused.MOST_NEAR} is the most: are the positions in angstrom?"
        )
    n_slabs = len(cells.slabs) - 1
    return fused.Work(
        memory.array("points", n_slots, fused.POINT),
        memory.array("sums", n_slots, fused.SUM),
        memory.array("pulls", n_slots, fused.PULL),
        *(memory.array(name, n_cached) for name in ("slope_i", "slope_j", "phi_slope")),
        near=memory.array("near", n_slabs * _NEAR).reshape(n_slabs, _NEAR),
        end=memory.array("end", n_atoms, np.uint64),
        energies=memory.array("energies", n_atoms),
    )
