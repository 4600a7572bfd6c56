"""The kernel of :mod:`eam.kernels.fused` on threads: each goes through a slab of its own.

No two slabs have a slot in common, so that none waits for another but between the passes, and the
order of every sum is that of the list: the same call gives the same bits.

Every pass is a function, since numba fuses loops that follow each other in one: it does not see
that the second reads what all of the first wrote.
"""

from typing import Any

import numpy as np
from numba import prange

from . import fused
from .forms import OPTIONS
from .lowlevel import njit

PARALLEL: Any = {"parallel": True, **OPTIONS}


@njit(**OPTIONS)
def _share(size: Any, k: Any, n: Any) -> Any:
    """Where the k-th of n equal shares starts."""
    return np.uint64(size * k // n)


@njit(**PARALLEL)
def _gather(x: Any, pairs: Any, work: Any) -> Any:
    n, n_slots = len(pairs.slabs) - 1, len(pairs.slots)
    nothing = 0.0
    for k in prange(n):
        nothing += fused.gather(x, _share(n_slots, k, n), _share(n_slots, k + 1, n), pairs, work)
    return nothing


@njit(**PARALLEL)
def _pass_slabs(p: Any, cutoff2: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        fused.pass_slab(p, cutoff2, np.uint64(k), pairs, work)


@njit(**PARALLEL)
def _embed_waiting(p: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        fused.embed_waiting(p, np.uint64(k), pairs, work)


@njit(**PARALLEL)
def _pull_waiting(p: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        fused.pull_waiting(p, np.uint64(k), pairs, work)


@njit(**PARALLEL)
def _fold(out: Any, nothing: Any, pairs: Any, work: Any) -> None:
    n, n_atoms = len(pairs.slabs) - 1, len(out)
    for k in prange(n):
        first, end = _share(n_atoms, k, n), _share(n_atoms, k + 1, n)
        fused.fold(out, nothing, first, end, pairs, work)


@njit(**OPTIONS)
def gradient_into(out: Any, x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> None:
    """dE/dx into `out`, energies by atom into `work`."""
    nothing = _gather(x, pairs, work)
    _pass_slabs(p, cutoff * cutoff, pairs, work)
    _embed_waiting(p, pairs, work)
    _pull_waiting(p, pairs, work)
    _fold(out, nothing, pairs, work)


@njit(**PARALLEL)
def _add_densities(p: Any, cutoff2: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        for layer in range(pairs.slabs[k], pairs.slabs[k + 1]):
            fused.add_densities(p, cutoff2, layer, pairs, work, work.near[k])


@njit(**PARALLEL)
def _embed(p: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        for layer in range(pairs.slabs[k], pairs.slabs[k + 1]):
            fused.embed_layer(p, layer, pairs, work)


@njit(**OPTIONS)
def value(x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> Any:
    """The energy; those of the atoms into `work`."""
    nothing = _gather(x, pairs, work)
    _add_densities(p, cutoff * cutoff, pairs, work)
    _embed(p, pairs, work)
    return work.energies.sum() + nothing
