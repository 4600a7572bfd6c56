"""Enzyme: reverse mode on the compiled code of the model's numba energy loop.

The energy is a plain loop under ``numba.njit``, as a user would write it. Enzyme compiles its exact
gradient, which works in place and allocates nothing in a call. enzyme-ad has wheels for CPython
3.11 on x86-64 Linux only. :mod:`eam.backends._enzyme_bridge` explains how this works.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numba
import numpy as np
from numpy.typing import NDArray

from ..kernels.lowlevel import only_entry_point, returning
from ..problem import Array, CompiledEnergy, Problem
from . import _enzyme_bridge
from .protocol import Native

Words = NDArray[np.intp]
Tangents = Sequence[tuple[Array, Array]]


class _Gradient:
    """The gradient of a compiled energy by its first argument, and the memory that it works in."""

    def __init__(self, energy: CompiledEnergy, first: Array, *given: Array) -> None:
        """Nothing is compiled yet.

        Args:
            energy: whose function it is.
            first: an array like the one that is differentiated by, in one dimension.
            given: arrays like those that every call has beside it.
        """
        self._function, self._constants = energy.function, energy.constants
        self.work = [np.empty(size) for size in energy.work]
        self._shadows = [np.empty(size) for size in energy.work]
        arrays = (first, *self.work, *given, *self._constants)
        self._signature = tuple(map(numba.typeof, arrays)), 1 + len(self.work)

    def address(self, *, with_value: bool = False, along: bool = False) -> int:
        """The address of the machine code, which takes one block of words."""
        return _enzyme_bridge.gradient_address(
            self._function, *self._signature, with_value=with_value, along=along
        )

    def words(self, x: tuple[Array, ...], *given: Array, tangents: Tangents = ()) -> Words:
        """The block: addresses and shapes.

        Args:
            x: the argument, its derivative, and along a direction the tangents of both.
            given: the arrays that this call has beside it.
            tangents: those of each work array and of its derivative, along a direction.
        """
        work = zip(self.work, self._shadows, strict=True)
        along = tangents or [()] * len(self.work)
        found: list[int] = []
        for active in (x, *(pair + both for pair, both in zip(work, along, strict=True))):
            found += [*(array.ctypes.data for array in active), active[0].size]
        for array in (*given, *self._constants):
            found += [array.ctypes.data, *array.shape]
        return np.array(found, np.intp)

    def bind(
        self, out: Array, x: Array, *given: Array, value: Array | None = None
    ) -> Callable[[], object]:
        """A call that writes the gradient at `x` into `out`, and the energy into `value`."""
        block = self.words((x, out), *given)
        if value is not None:
            block = np.append(block, value.ctypes.data)
        address = self.address(with_value=value is not None)
        return _call(address, block, out, x, given, value, self)

    def bind_along(self, out: Array, x: Array, v: Array) -> Callable[[], object]:
        """A call that writes the derivative of the gradient along `v`, at `x`, into `out`."""
        gradient = np.empty_like(out)
        tangents = [(np.empty_like(array), np.empty_like(array)) for array in self.work]
        block = self.words((x, gradient, v, out), tangents=tangents)
        return _call(self.address(along=True), block, out, x, v, gradient, tangents, self)


def _call(address: int, block: Words, *memory: object) -> Callable[[], object]:
    """A call of machine code on a block, which keeps the memory that the block points to."""
    call = partial(only_entry_point(_enzyme_bridge.call), address, block.ctypes.data)
    call.__dict__["arrays"] = (*memory, block)
    return call


def reverse(problem: Problem) -> Native:
    """The gradient that Enzyme makes of the energy loop, written into the caller's array."""
    assert problem.compiled_energy is not None  # or the registry would have refused
    energy = problem.compiled_energy()
    shape, x = problem.x0.shape, np.empty(problem.x0.size)
    by_x = _Gradient(energy, x)
    address, unbound = by_x.address(), by_x.words((x, x))

    def gradient_into(out: Array, x: Array) -> None:
        _enzyme_bridge.call_on(address, unbound, out, x)

    def gradient(x: Array) -> Array:
        out = np.empty(shape)
        gradient_into(out, x)
        return out

    def bind_value_and_gradient(x: Array) -> Callable[[], tuple[float, Array]]:
        value, out = np.empty(1), np.empty(shape)
        call = by_x.bind(out, x, value=value)

        def run() -> tuple[float, Array]:
            call()
            return value[0], out

        return run

    def bind_parameter_gradient(theta: Array, x: Array) -> Callable[[], Array]:
        assert energy.of_parameters is not None  # or the registry would have refused
        out = np.empty_like(theta)
        return returning(_Gradient(energy.of_parameters, theta, x).bind(out, theta, x), out)

    def bind_hessian_vector(x: Array, v: Array) -> Callable[[], Array]:
        out = np.empty(shape)
        return returning(by_x.bind_along(out, x, v), out)

    extra = (*by_x.work, *energy.constants)
    is_plain = len(shape) == 1 and not extra
    return Native(
        energy.function if is_plain else lambda x: energy.function(x.reshape(-1), *extra),
        gradient,
        gradient_into=gradient_into,
        asarray=lambda x: np.require(x, np.float64, ["C", "W"]),
        bind=by_x.bind,
        calls={
            "value_and_gradient": bind_value_and_gradient,
            "hessian_vector": bind_hessian_vector,
            "parameter_gradient": bind_parameter_gradient,
        },
    )
