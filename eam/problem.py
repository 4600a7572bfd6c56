"""A problem: one scalar function of an array, with its input and its hand-written gradients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import Model

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
        bind: ``bind(out, x) -> call``, for the fastest call there is: ``call()`` writes into `out`
            the gradient at what `x` then holds, and keeps both arrays alive; None where
            `gradient_into` is as fast.
        energies: ``energies(x) -> (n_atoms,)``, each atom's share of an energy of atoms, in eV.
        virial: ``virial(x) -> (3, 3)``, the derivative of an energy of atoms by a strain of cell
            and positions, in eV; divided by the volume it is the stress.
    """

    value: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    gradient_into: Callable[[Array, Array], object]
    hessian_vector: Callable[[Array, Array], Array] | None = None
    bind: Callable[[Array, Array], Callable[[], object]] | None = None
    energies: Callable[[Array], Array] | None = None
    virial: Callable[[Array], Array] | None = None


@dataclass(frozen=True, eq=False)
class CompiledEnergy:
    """An energy as a plain compiled loop, for tools that differentiate compiled code (Enzyme).

    Attributes:
        function: a ``numba.njit`` function ``energy(x, *work, *constants) -> float64``. `x` is the
            problem's x, float64, C-contiguous, flattened to one dimension. It allocates nothing and
            raises nothing (``error_model="numpy"`` where it divides), and calls what Enzyme knows:
            arithmetic and the functions of libm.
        work: sizes of the float64 work arrays, one-dimensional, each written before it is read
            (an intermediate result per atom or per pair, which x changes).
        constants: the arrays that x does not change (neighbours, tables), C-contiguous, of any
            numeric dtype and number of dimensions. Unsigned 64-bit indices compile best.
    """

    function: Any
    work: tuple[int, ...] = ()
    constants: tuple[NDArray[Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Problem:
    """A model at one dimension.

    Attributes:
        model: the model that this is a problem of.
        dimension: N of f: R^N -> R, or the number of atoms.
        x0: the input, float64, read-only; shape (N,), or (n_atoms, 3) in angstrom.
        energy: ``energy(ops, x, data) -> scalar``, written once over the operations of a library
            (:class:`eam.backends.Ops`); this is what AD differentiates. In eV for atomic models.
        manual: the hand-written NumPy implementation, the reference of every check.
        compiled: ``compiled(kernel) -> Manual``, hand-written and compiled, loaded on demand, for
            each of ``model.kernels``; None where there is none.
        data: the constant arrays that `energy` needs beside x (neighbour lists, tables).
        compiled_energy: ``compiled_energy() -> CompiledEnergy``, loaded on demand; None where the
            model has no energy loop.
    """

    model: Model
    dimension: int
    x0: Array
    energy: Callable[[Any, Any, Mapping[str, Any]], Any]
    manual: Manual
    compiled: Callable[[str], Manual] | None = None
    data: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])
    compiled_energy: Callable[[], CompiledEnergy] | None = None
