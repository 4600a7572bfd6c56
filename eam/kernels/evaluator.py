"""The compiled kernels bound to atoms: the neighbour list, memory that calls reuse, the calls."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..atoms import Configuration
from ..atoms.neighbours import refuse_if_too_many
from ..atoms.potential import Potential
from ..errors import InputError
from ..problem import Array, Call, PerAtom, Positions
from . import fused, held, threaded, totals
from .cell_list import NeighbourList, build
from .forms import parameters_of

_NEAR = 8 * fused.MOST_NEAR


class Evaluator:
    """Energy and gradient of a configuration over one neighbour list.

    The list is built here. It is right for every x in which no atom has moved by more than half of
    `skin` from the positions that the list was built for. Calls allocate nothing but their result,
    and the next list (:meth:`rebuild`) takes the memory of the one before.

    Args:
        potential: see :class:`eam.atoms.potential.Potential`.
        atoms: cell, types, and the positions that the list is built for.
        skin: angstrom.
        n_threads: the largest number of threads that share the work. They are numba's threads,
            which the first call starts.

    Raises:
        NotOfferedError: the kernels do not know the form of the potential.
        InputError: positions that are not finite, a cell without volume, or too many neighbours.
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
        """Build the list again, for other atoms; number, cell and types may all differ."""
        refuse_if_too_many(atoms, self.cutoff + self.skin)
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

    def value(self, x: Positions) -> float:
        """The energy, eV. x: (n_atoms, 3) float64, angstrom, C-contiguous."""
        return self._kernels.value(x, self._parameters, self.cutoff, self._pairs, self._work)

    def gradient_into(self, out: Positions, x: Positions) -> None:
        """Write dE/dx, eV/angstrom, into `out`, which is C-contiguous and does not overlap x."""
        self._kernels.gradient_into(out, x, self._parameters, self.cutoff, self._pairs, self._work)

    def bind(self, out: Positions, x: Positions) -> Callable[[], object]:
        """A call that writes the gradient at `x` into `out`, over the present list.

        It allocates nothing (:mod:`eam.kernels.held`).
        """
        arguments = (out, x, self._parameters, self.cutoff, self._pairs, self._work)
        return held.bind(self._kernels.held_gradient_into, *arguments)

    @property
    def calls(self) -> dict[str, Call]:
        """The quantities that cost as much as the gradient alone."""
        return {"value_and_gradient": self._bind_with_value, "virial": self._bind_with_virial}

    def _bind_with_value(self, x: Positions) -> Callable[[], tuple[float, Positions]]:
        out = np.empty_like(x)
        gradient = self.bind(out, x)
        energy = held.bind(totals.held_energy, self._work.energies, out)

        def run() -> tuple[float, Positions]:
            gradient()
            return energy(), out

        return run

    def _bind_with_virial(self, x: Positions) -> Callable[[], tuple[Positions, Array]]:
        out, virial = np.empty_like(x), np.empty((3, 3))
        gradient = self.bind(out, x)
        into = held.bind(totals.held_virial_into, virial, self._work)

        def run() -> tuple[Positions, Array]:
            gradient()
            into()
            return out, virial

        return run

    def gradient(self, x: Positions) -> Positions:
        """dE/dx in a new array."""
        out = np.empty_like(x)
        self.gradient_into(out, x)
        return out

    def energies(self, x: Positions) -> PerAtom:
        """The energy of each atom, eV: F(rho_i) and half of the energy of its pairs."""
        self.value(x)
        return self._work.energies.copy()

    def virial(self, x: Positions) -> Array:
        """dE/d(strain), (3, 3), eV. Divided by the volume it is the stress."""
        return self.evaluate(x)[2]

    def evaluate(self, x: Positions) -> tuple[PerAtom, Positions, Array]:
        """The energies of atoms, the gradient and the virial, in new arrays.

        All three cost as much as the gradient alone.
        """
        gradient = np.empty_like(x)
        self.gradient_into(gradient, x)
        energies, virial = self.of_last_gradient()
        return energies, gradient, virial

    def of_last_gradient(self) -> tuple[PerAtom, Array]:
        """The energies of atoms and the virial, in new arrays, at the x of the last gradient."""
        virial = np.empty((3, 3))
        totals.virial_into(virial, self._work)
        return self._work.energies.copy(), virial


class _Memory:
    """Arrays by name; an array is used again as long as it is large enough."""

    def __init__(self) -> None:
        self._arrays: dict[str, NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: Any = np.float64) -> NDArray[Any]:
        """An array of `size` elements, uninitialised."""
        kept = self._arrays.get(name)
        if kept is None or len(kept) < size:
            kept = self._arrays[name] = np.empty(size + size // 8, dtype)
        return kept[:size]


def _pairs(neighbours: NeighbourList, types: NDArray[Any], memory: _Memory) -> fused.Pairs:
    images = memory.array("images", len(neighbours.atom_of), fused.IMAGE)
    images["x"], images["y"], images["z"] = neighbours.shift.T
    images["atom"] = neighbours.atom_of
    images["type"] = types[neighbours.atom_of] if types.any() else 0
    return fused.Pairs(
        images,
        neighbours.images_of,
        neighbours.images_start.astype(np.uint64),
        neighbours.centres,
        neighbours.neighbours,
        neighbours.start.astype(np.uint64),
        neighbours.layers.astype(np.uint64),
        _places(neighbours),
        neighbours.layers_ahead,
        neighbours.slabs.astype(np.uint64),
    )


def _places(neighbours: NeighbourList) -> NDArray[np.uint64]:
    """Where the pairs of each layer start in the arrays that keep d_rho and d_phi.

    A layer whose second pass has to wait for the end has a place of its own. The others share
    places in rotation, since only layers within `ahead` of each other are in use at the same time.
    """
    lengths = np.diff(neighbours.start[neighbours.layers])
    ahead, sizes = neighbours.layers_ahead, np.diff(neighbours.slabs)
    slab = np.repeat(np.arange(len(sizes)), sizes)
    layer = np.arange(len(lengths)) - neighbours.slabs[slab]
    waits = (layer < ahead) | (layer >= sizes[slab] - ahead)
    own = np.cumsum(np.where(waits, lengths, 0))
    longest = lengths[~waits].max(initial=0)
    shared = slab * (ahead + 1) + layer % (ahead + 1)
    return np.where(waits, own - lengths, own[-1] + shared * longest).astype(np.uint64)


def _work(neighbours: NeighbourList, pairs: fused.Pairs, memory: _Memory) -> fused.Work:
    n_images, n_atoms = len(neighbours.atom_of), len(neighbours.centres)
    lengths = np.diff(neighbours.start[neighbours.layers]).astype(np.uint64)
    n_kept = int((pairs.place + lengths).max())
    n_near = int(np.diff(neighbours.start).max(initial=0))
    if n_near > fused.MOST_NEAR:
        raise InputError(
            f"an atom has about {2 * n_near} neighbours within {neighbours.list_cutoff:g} "
            f"angstrom, more than {2 * fused.MOST_NEAR}: are the positions in angstrom?"
        )
    n_slabs = len(neighbours.slabs) - 1
    return fused.Work(
        memory.array("points", n_images, fused.POINT),
        memory.array("sums", n_images, fused.SUM),
        memory.array("gradients", n_images, fused.GRADIENT),
        *(memory.array(name, n_kept) for name in ("d_rho_ij", "d_rho_ji", "d_phi")),
        near=memory.array("near", n_slabs * _NEAR).reshape(n_slabs, _NEAR),
        end=memory.array("end", n_atoms, np.uint64),
        energies=memory.array("energies", n_atoms),
    )
