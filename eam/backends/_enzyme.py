"""Enzyme: reverse mode on the compiled code of the model's numba energy loop.

The energy is a plain loop under ``numba.njit``, as a user would write it. Enzyme compiles its exact
gradient, which works in place and allocates nothing in a call. enzyme-ad has wheels for CPython
3.11 on x86-64 Linux only. :mod:`eam.backends._enzyme_bridge` explains how this works.
"""

from functools import partial
from typing import Any

import numba
import numpy as np

from ..kernels.lowlevel import only_entry_point
from ..problem import Array, Problem
from . import _enzyme_bridge
from .protocol import Native


def reverse(problem: Problem) -> Native:
    """The gradient that Enzyme makes of the energy loop, written into the caller's array."""
    assert problem.compiled_energy is not None  # or the registry would have refused
    energy = problem.compiled_energy()
    work = [np.empty(size) for size in energy.work]
    shadows = [np.empty(size) for size in energy.work]
    arrays = (np.empty(problem.x0.size), *work, *energy.constants)
    signature = tuple(map(numba.typeof, arrays)), 1 + len(work)
    address = _enzyme_bridge.gradient_address(energy.function, *signature)
    call_at = only_entry_point(_enzyme_bridge.call)

    def words(out: Array, x: Array) -> Any:
        found = [x.ctypes.data, out.ctypes.data, x.size]
        for array, shadow in zip(work, shadows, strict=True):
            found += [array.ctypes.data, shadow.ctypes.data, array.size]
        for array in energy.constants:
            found += [array.ctypes.data, *array.shape]
        return np.array(found, np.intp)

    def bind(out: Array, x: Array) -> Any:
        block = words(out, x)
        call = partial(call_at, address, block.ctypes.data)
        # the call reads and writes this memory by address, so the memory must live as long
        call.__dict__["arrays"] = (out, x, block, work, shadows, energy.constants)
        return call

    def bind_value_and_gradient(x: Array) -> Any:
        found = _enzyme_bridge.gradient_address(energy.function, *signature, with_value=True)
        value, out = np.empty(1), np.empty(shape)
        block = np.append(words(out, x), value.ctypes.data)
        call = partial(call_at, found, block.ctypes.data)

        def run() -> tuple[float, Array]:
            call()
            return value[0], out

        run.__dict__["arrays"] = (x, block, work, shadows, energy.constants)
        return run

    extra, shape, unbound = (*work, *energy.constants), problem.x0.shape, words(*arrays[:1] * 2)

    def gradient_into(out: Array, x: Array) -> None:
        _enzyme_bridge.call_on(address, unbound, out, x)

    def gradient(x: Array) -> Array:
        out = np.empty(shape)
        gradient_into(out, x)
        return out

    is_plain = len(shape) == 1 and not extra
    return Native(
        energy.function if is_plain else lambda x: energy.function(x.reshape(-1), *extra),
        gradient,
        gradient_into=gradient_into,
        asarray=lambda x: np.require(x, np.float64, ["C", "W"]),
        bind=bind,
        calls={"value_and_gradient": bind_value_and_gradient},
    )
