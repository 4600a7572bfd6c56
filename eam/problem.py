"""A problem: one scalar function of an array, with its input and its hand-written gradients.

The aliases of arrays below say which shape a function takes and returns; all are float64.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import Model
from .parameters import Parameters

Array = NDArray[np.float64]  # any shape
Positions = NDArray[np.float64]  # (n_atoms, 3), angstrom; a gradient by them is in eV/angstrom
PerAtom = NDArray[np.float64]  # (n_atoms,)
PerPair = NDArray[np.float64]  # (n_pairs,)
PairVectors = NDArray[np.float64]  # (3, n_pairs): a component of all pairs is contiguous

# call(*arguments) -> run; run() computes a quantity at the values that the arguments hold by then
Call = Callable[..., Callable[[], Any]]


@dataclass(frozen=True, eq=False)
class Manual:
    """One hand-written implementation of a problem, on float64 NumPy arrays of the shape of `x0`.

    Attributes:
        value: ``value(x) -> float``, the energy.
        gradient: ``gradient(x) -> out``; allocates its result.
        gradient_into: ``gradient_into(out, x)``; overwrites `out`, which must not overlap `x`. None
            where nobody has written it.
        bind: ``bind(out, x) -> call``, the fastest call: ``call()`` writes into `out` the gradient
            at the values that `x` holds by then, and keeps both arrays alive. None where
            `gradient_into` is as fast.
        energies: ``energies(x) -> (n_atoms,)``, the energy of each atom, eV.
        virial: ``virial(x) -> (3, 3)``, the derivative of the energy with respect to a strain of
            cell and positions, eV; divided by the volume it is the stress.
        calls: the other quantities, by name (:mod:`eam.quantities`); compiled ones may return the
            same memory every time.
    """

    value: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    gradient_into: Callable[[Array, Array], object] | None = None
    bind: Callable[[Array, Array], Callable[[], object]] | None = None
    energies: Callable[[Positions], PerAtom] | None = None
    virial: Callable[[Positions], Array] | None = None
    calls: Mapping[str, Call] = field(default_factory=dict[str, Call])

    def hessian_vector(self, x: Array, v: Array) -> Array:
        """The Hessian at `x` times `v`; KeyError where nobody has written it."""
        return self.calls["hessian_vector"](x, v)()


@dataclass(frozen=True, eq=False)
class CompiledEnergy:
    """An energy as a plain compiled loop, for tools that differentiate compiled code (Enzyme).

    Attributes:
        function: a ``numba.njit`` function ``energy(x, *work, *constants) -> float64``. `x` is the
            problem's x, float64, C-contiguous, flattened to one dimension. The function allocates
            nothing and raises nothing (``error_model="numpy"`` where it divides). It calls only
            arithmetic and the functions of libm, which Enzyme knows.
        work: sizes of the float64 work arrays, one-dimensional, for intermediate results per atom
            or per pair that depend on x. The function writes each before it reads it.
        constants: the arrays that do not depend on x (neighbours, tables), C-contiguous, of any
            numeric dtype and number of dimensions. Unsigned 64-bit indices compile best.
        of_parameters: where the model has parameters theta, the same energy to be differentiated by
            them: its function is ``energy(theta, *work, x, *constants) -> float64``.
    """

    function: Any
    work: tuple[int, ...] = ()
    constants: tuple[NDArray[Any], ...] = ()
    of_parameters: "CompiledEnergy | None" = None


@dataclass(frozen=True, eq=False)
class Problem:
    """A model at one dimension.

    Attributes:
        model: the model that this is a problem of.
        dimension: N of f: R^N -> R, or the number of atoms.
        x0: the input, float64, read-only; shape (N,), or (n_atoms, 3) in angstrom.
        energy: ``energy(ops, x, data) -> scalar``, written once over the operations of a library
            (:class:`eam.ops.Ops`); this is the function that AD differentiates. In eV for atoms.
        manual: the hand-written NumPy implementation, the reference of every check.
        compiled: ``compiled(kernel) -> Manual``, hand-written and compiled, loaded on demand, for
            each of ``model.kernels``; None where there is none.
        data: the constant arrays that `energy` needs besides x (neighbour lists, tables).
        pairs: the arrays of `data` that have a row for each pair of atoms, which a backend may
            order and pad as it likes: name -> what fills a row of no pair, whose terms are 0. `i`
            and `j`, the indices of the two atoms, and `shift` are among them. Empty for a model
            without pairs.
        compiled_energy: ``compiled_energy() -> CompiledEnergy``, loaded on demand; None where the
            model has no energy loop.
        parameters: what a fit may change; `energy` reads other values from ``data["theta"]``, an
            array of the library, where it is there. None where the model has none.
        valid_within: how far a row of x may be from that of x0, in the units of x, for the
            neighbour list to have all pairs.
    """

    model: Model
    dimension: int
    x0: Array
    energy: Callable[[Any, Any, Mapping[str, Any]], Any]
    manual: Manual
    compiled: Callable[[str], Manual] | None = None
    data: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])
    pairs: Mapping[str, float] = field(default_factory=dict[str, float])
    compiled_energy: Callable[[], CompiledEnergy] | None = None
    parameters: Parameters | None = None
    valid_within: float = math.inf
