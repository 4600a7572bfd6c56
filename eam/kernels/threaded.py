"""The kernel of :mod:`eam.kernels.fused` on threads; each thread works on a slab of its own.

No two slabs share an image, so threads wait for each other only between the passes. The order of
every sum is that of the list, so the same call gives the same bits.

Every pass is a function of its own. In one function, numba would fuse the loops of two passes: it
does not see that the second loop reads values that all threads wrote in the first.

numba's cache of this file does not see a change in fused.py or forms.py: remove `__pycache__`.
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
    """The start of the k-th of n equal shares."""
    return np.uint64(size * k // n)


@njit(**PARALLEL)
def _gather(x: Any, pairs: Any, work: Any) -> Any:
    n, n_images = len(pairs.slabs) - 1, len(pairs.images)
    zero = 0.0
    for k in prange(n):
        zero += fused.gather(x, _share(n_images, k, n), _share(n_images, k + 1, n), pairs, work)
    return zero


@njit(**PARALLEL)
def _pass_slabs(p: Any, cutoff2: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        fused.pass_slab(p, cutoff2, np.uint64(k), pairs, work)


@njit(**PARALLEL)
def _finish_embedding(p: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        fused.finish_embedding(p, np.uint64(k), pairs, work)


@njit(**PARALLEL)
def _finish_gradients(p: Any, pairs: Any, work: Any) -> None:
    for k in prange(len(pairs.slabs) - 1):
        fused.finish_gradients(p, np.uint64(k), pairs, work)


@njit(**PARALLEL)
def _fold(out: Any, zero: Any, pairs: Any, work: Any) -> None:
    n, n_atoms = len(pairs.slabs) - 1, len(out)
    for k in prange(n):
        first, end = _share(n_atoms, k, n), _share(n_atoms, k + 1, n)
        fused.fold(out, zero, first, end, pairs, work)


@njit(**OPTIONS)
def gradient_into(out: Any, x: Any, p: Any, cutoff: Any, pairs: Any, work: Any) -> None:
    """Write dE/dx into `out` and the energies of atoms into `work`."""
    zero = _gather(x, pairs, work)
    _pass_slabs(p, cutoff * cutoff, pairs, work)
    _finish_embedding(p, pairs, work)
    _finish_gradients(p, pairs, work)
    _fold(out, zero, pairs, work)


@njit(**OPTIONS)
def held_gradient_into(held: Any) -> None:
    """:func:`gradient_into` with arguments that are held (:mod:`eam.kernels.held`)."""
    gradient_into(*held.arguments)


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
    """The energy; the energies of the atoms go into `work`."""
    zero = _gather(x, pairs, work)
    _add_densities(p, cutoff * cutoff, pairs, work)
    _embed(p, pairs, work)
    return work.energies.sum() + zero
