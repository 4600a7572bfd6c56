"""A problem: one scalar function of an array, with its input and its hand-written gradients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Manual:
    """One hand-written implementation of a problem, on float64 NumPy arrays of the shape of `x0`.

    Attributes:
        value: ``value(x) -> float``, the energy.
        gradient: ``gradient(x) -> out``, allocating its result.
        gradient_into: ``gradient_into(out, x)``, overwriting `out`, which must not overlap `x`.
        hessian_vector: ``hessian_vector(x, v) -> out``, the Hessian at `x` times `v`; None where
            it has not been written.
    """

    value: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    gradient_into: Callable[[Array, Array], object]
    hessian_vector: Callable[[Array, Array], Array] | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """A model at one dimension.

    Attributes:
        model: name of the model, as :func:`eam.model_names` lists it.
        dimension: N of f: R^N -> R, or the number of atoms.
        x0: the input, float64, read-only; shape (N,), or (n_atoms, 3) in angstrom.
        energy: ``energy(ops, x, data) -> scalar``, written once over the operations of a library
            (:class:`eam.backends.Ops`); this is what AD differentiates. In eV for atomic models.
        manual: the hand-written NumPy implementation, the reference of every check.
        compiled: ``compiled(variant) -> Manual``, hand-written and compiled, loaded on demand.
        variants: the names that `compiled` takes.
        data: the constant arrays that `energy` needs beside x (neighbour lists, tables).
    """

    model: str
    dimension: int
    x0: Array
    energy: Callable[[Any, Any, Mapping[str, Any]], Any]
    manual: Manual
    compiled: Callable[[str], Manual]
    variants: tuple[str, ...] = ()
    data: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])
