"""Dr.Jit on its LLVM backend: a recorded kernel of energy and derivative, compiled once and frozen.

Without `dr.freeze`, each call traces the energy anew, which takes longer than a gradient at any
N below 10^5. Dr.Jit 1.5 aborts where Python collects garbage while it records, so the recording,
which is the first call, runs without the collector. A recording cannot take arrays from NumPy, so
the constants of an energy are made by a run before it, and handed to the frozen function. One
thread, as every backend has.

Dr.Jit needs an LLVM library of the system, which no wheel brings. With LLVM 14 it aborts at
`maximum` and `arctan` of doubles; 19 is what has been tried.
"""

import gc
from collections.abc import Callable
from types import ModuleType
from typing import Any

import drjit
import numpy as np

from ..problem import Problem
from ._drjit_ops import AtomOps, Vectors, arrays, as_data
from .protocol import Native

dr: Any = drjit


def has_runtime() -> bool:
    """Whether Dr.Jit finds an LLVM library that it can use."""
    return bool(dr.has_backend(dr.JitBackend.LLVM)) and dr.detail.llvm_version() >= (19,)


def _namespace(asarray: Callable[[Any], Any]) -> Any:
    """Dr.Jit's functions by NumPy's names; those that it lacks by an identity."""
    xp: Any = ModuleType("drjit")
    xp.__dict__.update(vars(drjit))
    xp.__dict__.update(
        arctan=dr.atan,
        asarray=asarray,
        concatenate=lambda arrays: dr.concat(list(arrays)),
        expm1=lambda x: 2.0 * dr.exp(0.5 * x) * dr.sinh(0.5 * x),
        log1p=lambda x: 2.0 * dr.atanh(x / (2.0 + x)),
        sum=_sum,
        where=dr.select,
    )
    return xp


def _sum(x: Any, axis: int | None = None) -> Any:
    return x.sum() if isinstance(x, Vectors) else dr.sum(x, axis)


def reverse(problem: Problem) -> Native:
    """Reverse mode of the energy, replayed from a frozen kernel."""
    from drjit.llvm import ad

    dr.set_thread_count(1)
    tensor: Any = ad.TensorXf64
    constants: list[Any] = []
    places: dict[bytes, int] = {}

    def constant(given: Any) -> Any:
        array = np.asarray(given, np.float64)
        key = repr(array.shape).encode() + array.tobytes()
        if key not in places:
            places[key] = len(constants)
            constants.append(tensor(array))
        return current[places[key]]

    current = constants
    ops, data = AtomOps(_namespace(constant)), arrays(problem)

    def energy(x: Any, given: list[Any], data: dict[str, Any]) -> Any:
        nonlocal current
        current = given
        return problem.energy(ops, x, as_data(problem, data))

    def derivative(x: Any, given: list[Any], data: dict[str, Any]) -> Any:
        x = tensor(x)
        dr.enable_grad(x)
        dr.backward(energy(x, given, data))
        return dr.grad(x)

    dr.eval(energy(tensor(problem.x0), constants, data))
    value, gradient = _frozen(energy), _frozen(derivative)
    return Native(
        lambda x: dr.ravel(value(x, constants, data))[0],
        lambda x: gradient(x, constants, data),
        asarray=tensor,
    )


def _frozen(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a kernel that is recorded by the first call and replayed by the others."""
    replay: Any = dr.freeze(function)

    def call(*arguments: Any) -> Any:
        result = replay(*arguments)
        dr.eval(result)
        dr.sync_thread()
        return result

    def first(*arguments: Any) -> Any:
        nonlocal current
        enabled = gc.isenabled()
        gc.disable()
        try:
            result = call(*arguments)
        finally:
            if enabled:
                gc.enable()
        current = call
        return result

    current = first
    return lambda *arguments: current(*arguments)
