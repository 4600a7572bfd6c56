"""Low-level tools of the compiled kernels: cached compilation, bits, vectors, pointers.

Each intrinsic is one line of LLVM, the same on every platform; none names a CPU.
"""

from collections.abc import Callable
from typing import Any

import numba
import numba.extending
from llvmlite import binding, ir
from numba import carray, types  # pyright: ignore[reportPrivateImportUsage]

from ..errors import NotOfferedError, PrivateNameError
from ..private import private

# The decorated functions have other signatures than a type checker reads.
intrinsic: Any = numba.extending.intrinsic

# LLVM may reorder sums, so they vectorise, and may make one instruction of a*b + c. Never `nnan` or
# `ninf`: NaN and infinities in x must reach the result.
REORDER = {"contract", "reassoc", "nsz"}


def _refuse_foreign_features(asked: str) -> None:
    """Refuse features that this CPU lacks: their code would end the process."""
    host: Any = binding.get_host_cpu_features()
    wanted = {word[1:] for word in asked.split(",") if word.startswith("+")}
    lacking = sorted(name for name in wanted if not host.get(name, False))
    if lacking:
        raise NotOfferedError(
            f"NUMBA_CPU_FEATURES asks for {', '.join(lacking)}, which this CPU lacks; unset it"
        )


_refuse_foreign_features(private("numba.core.config", "CPU_FEATURES") or "")


def njit(signature: str | None = None, **options: Any) -> Callable[[Any], Any]:
    """``numba.njit`` that keeps compiled code on disk where it can.

    numba refuses to decorate if it may write neither to the package's directory nor to the user's
    cache directory; such a machine compiles in each process instead. numba's key of the cache has
    the name and features of the CPU, so machines that share a cache run only code of their own.
    """

    def decorate(function: Any) -> Any:
        compiler: Any = numba.njit
        arguments = () if signature is None else (signature,)
        try:
            return compiler(*arguments, cache=True, **options)(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            return compiler(*arguments, **options)(function)

    return decorate


def entry_point(dispatcher: Any, *arguments: Any) -> Callable[..., Any]:
    """The machine code of a compiled function for arguments of these types, as a Python callable.

    A call through the function itself first chooses the code by the types of the arguments: 90 ns
    for two arrays, 3 us for the named tuples of the kernels of atoms.
    """
    return private(dispatcher, "compile")(tuple(map(numba.typeof, arguments)))


def only_entry_point(dispatcher: Any) -> Callable[..., Any]:
    """As :func:`entry_point`, for a function that was decorated with its one signature."""
    (compiled,) = private(dispatcher, "overloads").values()
    return private(compiled, "entry_point")


def returning(call: Callable[[], object], out: Any) -> Callable[[], Any]:
    """A call that returns what another one writes into."""

    def run() -> Any:
        call()
        return out

    return run


@intrinsic
def bits_of(context: Any, number: Any) -> Any:
    """The 64 bits of a float64, as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def from_bits(context: Any, bits: Any) -> Any:
    """The float64 of 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _pointer(context: Any, address: Any) -> Any:
    """An address as a pointer to float64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(types.intp), generate


@njit()
def array_at(address: Any, size: Any) -> Any:
    """The float64 array of `size` elements at an address, which the caller keeps alive."""
    return carray(_pointer(address), size)


@intrinsic
def prefer_wide_vectors(context: Any) -> Any:
    """Let LLVM use 512-bit vectors in the calling kernel, where the CPU has them.

    LLVM prefers 256 bits on Intel, which suits code with few vectors. A kernel that is nothing but
    vector arithmetic gains 1.3x to 1.45x from 512. llvmlite checks attributes against a list
    without this one, hence `set.add`.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        attributes = private(builder, "function.attributes")
        if not isinstance(attributes, set):
            raise PrivateNameError("llvmlite", "set of a function's attributes")
        set[str].add(attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def inline_always(context: Any) -> Any:
    """Make LLVM inline the calling function, so loops around it vectorise."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("alwaysinline")
        return context.get_dummy_value()

    return types.void(), generate
