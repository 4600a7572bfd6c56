"""numba: the model's hand-written gradient as a compiled loop."""

import numba
import numpy as np

from ..cores import all_cores
from ..errors import NotOfferedError
from ..problem import Array, Manual, Problem
from .protocol import Native


def _asarray(x: Array) -> Array:
    """x, contiguous and writeable, so one compiled signature serves every x."""
    return np.require(x, np.float64, ["C", "W"])


def _warmed(problem: Problem, kernel: str) -> Manual:
    assert problem.compiled is not None  # or the registry would have refused
    manual = problem.compiled(kernel)
    x = _asarray(problem.x0)
    manual.value(x)
    out = manual.gradient(x)
    if manual.gradient_into is not None:
        manual.gradient_into(out, x)
    return manual


def _in_place(manual: Manual) -> Native:
    return Native(
        manual.value,
        manual.gradient,
        gradient_into=manual.gradient_into,
        asarray=_asarray,
        bind=manual.bind,
        calls=manual.calls,
    )


def allocating(problem: Problem) -> Native:
    """The vectorised kernel, which writes into a new array."""
    manual = _warmed(problem, "vectorised")
    return Native(manual.value, manual.gradient, asarray=_asarray)


def in_place(problem: Problem) -> Native:
    """The vectorised kernel, which writes into the caller's array."""
    return _in_place(_warmed(problem, "vectorised"))


def literal(problem: Problem) -> Native:
    """The loop as one would first write it, which writes into the caller's array."""
    return _in_place(_warmed(problem, "literal"))


def parallel(problem: Problem) -> Native:
    """The kernel on all cores of this process, which writes into the caller's array."""
    with all_cores():
        n_threads: int = numba.get_num_threads()  # starts them
        if n_threads == 1:
            raise NotOfferedError(
                "numba-parallel needs several cores, and this process may use one; "
                "run it without taskset or NUMBA_NUM_THREADS=1"
            )
        return _in_place(_warmed(problem, "threaded"))
