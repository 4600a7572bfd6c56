"""From a numba energy loop to the machine code of its gradient, through the Enzyme of enzyme-ad.

enzyme-ad brings Enzyme (Moses and Churavy, NeurIPS 2020) into JAX: its extension module compiles
C++ or LLVM text with Enzyme among its passes and keeps the result as a kernel for XLA. This bridge
uses neither JAX nor a C++ compiler:

1. numba returns the LLVM text of the energy without optimisation, since Enzyme must see the loop as
   written: the gradient of the unrolled loop is 1.3x slower, and a vectorised loop has none.
2. The bridge appends a function ``gradient(block)``. It sets the derivatives to zero and calls
   ``__enzyme_autodiff`` on the energy. It reads all sizes from `block`, so one compilation serves
   every dimension.
3. The extension module compiles a kernel from this text that only writes down the address of
   `gradient`. The kernel runs once; from then on, calls go to that address.

The interface is internal to enzyme-ad and undocumented, so the project pins the exact version.
These variants were tried with the toy at N = 100; the numbers are ratios to the literal C gradient:

- LLVM text after numba's default optimisation: 1.25;
- the same with a vector exp from libmvec: 0.7;
- unoptimised text with that exp, and functions marked for the machine's CPU: 0.37.

`-ffast-math` and `-target-cpu` among the flags have no effect: they apply to C++, and the functions
here are LLVM text.
"""

import ctypes
import sys
import tempfile
from functools import lru_cache
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

from llvmlite import ir
from numba import types

from ..errors import PrivateNameError
from ..kernels.lowlevel import intrinsic, njit
from ..private import private
from ._enzyme_text import ENTRY, gradient_text

# The extension module includes these in front of every source; C++ headers are not installed.
_HEADERS = {
    "cstdint": "#include <stdint.h>\nnamespace std { typedef __SIZE_TYPE__ size_t; }\n",
    "stdint.h": "typedef __INT64_TYPE__ int64_t;\ntypedef __INT32_TYPE__ int32_t;\n",
    "tuple": "namespace std { template <class... T> constexpr int make_tuple(T...) { return 0; }}",
}


@lru_cache
def gradient_address(
    function: Any,
    signature: tuple[Any, ...],
    active: int,
    with_value: bool = False,
    along: bool = False,
) -> int:
    """The address of the gradient of an energy loop: ``void gradient(int64_t *block)``.

    Args:
        function: the ``numba.njit`` energy.
        signature: numba's array types of its arguments, all C-contiguous.
        active: the number of arguments, from the first, that have a derivative: x and the work
            arrays.
        with_value: whether it stores the energy too, which the derivative alone need not sum up.
        along: whether it also stores the derivative of the gradient along a direction of x, the
            Hessian times that: forward mode over reverse mode.

    `block` holds for each array its address, the address of its derivative if it is active, along a
    direction the addresses of that of both (of x the direction, of its derivative the result), and
    its shape; with a value, the address for it comes last.

    Raises:
        PrivateNameError: another version of numba or enzyme-ad dropped a name that is used here.
    """
    return _compile(gradient_text(function, signature, active, with_value, along))


def _compile(text: str) -> int:
    """Compile LLVM text whose entry stores one integer, and return that integer."""
    extension = _extension()
    with tempfile.TemporaryDirectory() as headers:
        for name, content in _HEADERS.items():
            Path(headers, name).write_text(content)
        flags = ("-nostdsysteminc", "-nobuiltininc", "-I", headers, *_vector_library())
        shapes = [("int64_t", [1])], [("double", [1])]
        abi, language = private(extension, "ABI.Primal"), private(extension, "Language.LLVM")
        kernel, _ = private(extension, "create_enzyme_kernel")(
            text, ENTRY, *shapes, flags, abi, language, False, "", "cpu"
        )
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(_callback(extension))
    out, which, unused = ctypes.c_int64(), ctypes.c_int64(kernel), ctypes.c_double()
    inputs = (ctypes.c_void_p * 2)(ctypes.addressof(which), ctypes.addressof(unused))
    run(ctypes.addressof(out), ctypes.addressof(inputs))
    return out.value


def _callback(extension: Any) -> int:
    """The address of the function by which XLA runs a kernel."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return pointer(private(extension, "get_callback")(), b"xla._CUSTOM_CALL_TARGET")


def _vector_library() -> tuple[str, ...]:
    """The flags for a vectorised exp, where the C library has one."""
    try:
        ctypes.CDLL("libmvec.so.1", ctypes.RTLD_GLOBAL)
    except OSError:
        return ()
    return ("-fveclib=libmvec", "-vectorize-loops")


@lru_cache
def _extension() -> Any:
    """The extension module, loaded by its path: the documented import would import JAX too."""
    spec = find_spec("enzyme_ad")
    assert spec is not None and spec.submodule_search_locations is not None
    path = Path(next(iter(spec.submodule_search_locations)), "jax", "enzyme_call.so")
    if not path.is_file():
        raise PrivateNameError("enzyme_ad", "file jax/enzyme_call.so")
    loader = ExtensionFileLoader("enzyme_ad.jax.enzyme_call", str(path))
    # once in a process, even if another copy of eam is in it: loading it again aborts
    if loader.name not in sys.modules:
        spec = spec_from_loader(loader.name, loader)
        assert spec is not None
        module = module_from_spec(spec)
        loader.exec_module(module)
        sys.modules[loader.name] = module
    return sys.modules[loader.name]


@intrinsic
def _call(context: Any, function: Any, block: Any) -> Any:
    """Call the function at an address with one pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer]).as_pointer()
        target, argument = arguments
        builder.call(builder.inttoptr(target, kind), [builder.inttoptr(argument, pointer)])
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), generate


@njit("void(intp, intp)")
def call(function: Any, block: Any) -> None:
    """Call ``void function(void *block)`` from Python in 50 ns; ctypes takes 140 ns."""
    _call(function, block)


@njit()
def call_on(function: Any, block: Any, out: Any, x: Any) -> None:
    """As :func:`call`, with the addresses of x and of its derivative written into `block` first."""
    block[0], block[1] = x.ctypes.data, out.ctypes.data
    _call(function, block.ctypes.data)
