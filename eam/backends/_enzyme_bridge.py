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
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types

from ..errors import PrivateNameError
from ..kernels.lowlevel import REORDER, intrinsic, njit
from ..private import private

config: Any = private("numba.core", "config")

_ENTRY = "eam_entry"

# The extension module includes these in front of every source; C++ headers are not installed.
_HEADERS = {
    "cstdint": "#include <stdint.h>\nnamespace std { typedef __SIZE_TYPE__ size_t; }\n",
    "stdint.h": "typedef __INT64_TYPE__ int64_t;\ntypedef __INT32_TYPE__ int32_t;\n",
    "tuple": "namespace std { template <class... T> constexpr int make_tuple(T...) { return 0; }}",
}

# The instruction sets that compilers know as x86-64-v4 and -v3, with features that imply them.
_X86_LEVELS = {
    "x86-64-v4": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma", "bmi2"),
    "x86-64-v3": ("avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"),
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
    name, text = _llvm(function, signature)
    return _compile(text + _gradient(name, signature, active, with_value, along))


def _llvm(function: Any, signature: tuple[Any, ...]) -> tuple[str, str]:
    """Name and text of the compiled energy, unoptimised and without reference counts."""
    optimise, vectorise = private(config, "OPT"), private(config, "LOOP_VECTORIZE")
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiler: Any = numba.njit(error_model="numpy", fastmath=REORDER, boundscheck=False, **options)(
        function.py_func
    )
    try:
        config.OPT, config.LOOP_VECTORIZE = type(optimise)(0), 0
        compiler.compile(signature)
    finally:
        config.OPT, config.LOOP_VECTORIZE = optimise, vectorise
    (compiled,) = private(compiler, "overloads").values()
    return private(compiled, "fndesc.llvm_func_name"), compiler.inspect_llvm(signature)


class _Array:
    """One array argument in LLVM text; an active one has a derivative, its shadow."""

    def __init__(self, k: int, array: Any, active: bool, along: bool) -> None:
        self.data, self.shadow = f"%p{k}", f"%d{k}"
        self.tangents = [f"%p{k}.along", f"%d{k}.along"] if active and along else []
        self.active = active
        self.shape = [f"%n{k}.{axis}" for axis in range(array.ndim)]
        self.strides = [f"%s{k}.{axis}" for axis in range(array.ndim)]
        self.items, self.bytes = f"%items{k}", f"%bytes{k}"
        self.itemsize = array.dtype.bitwidth // 8

    @property
    def words(self) -> list[tuple[str, str]]:
        """The words of the block for this array: LLVM type and name, in order."""
        pointers = [self.data, self.shadow, *self.tangents] if self.active else [self.data]
        return [("ptr", name) for name in pointers] + [("i64", name) for name in self.shape]

    @property
    def parameters(self) -> list[str]:
        """The parameters of the energy. Without noalias any store might change any input: 3x."""
        return [f"ptr noalias {self.data}", *(f"i64 {size}" for size in self.shape)]

    @property
    def differentiated(self) -> list[str]:
        """The arguments of __enzyme_autodiff, each with its activity."""
        data = (
            f"dup, ptr {self.data}, ptr {self.shadow}" if self.active else f"const, ptr {self.data}"
        )
        return [f"i32 %{data}", *(f"i32 %const, i64 {size}" for size in self.shape)]

    @property
    def of_reverse(self) -> list[str]:
        """The parameters of the reverse pass."""
        shadow = [f"ptr noalias {self.shadow}"] if self.active else []
        return [f"ptr noalias {self.data}", *shadow, *(f"i64 {size}" for size in self.shape)]

    @property
    def along(self) -> list[str]:
        """The arguments of __enzyme_fwddiff, each with its activity."""
        pointers = zip((self.data, self.shadow), self.tangents, strict=True) if self.active else ()
        active = [f"i32 %dup, ptr {data}, ptr {tangent}" for data, tangent in pointers]
        return [
            *(active or [f"i32 %const, ptr {self.data}"]),
            *(f"i32 %const, i64 {size}" for size in self.shape),
        ]

    @property
    def sizes(self) -> list[str]:
        """The strides in bytes, in C order, and the number of items."""
        lines, bytes_ = [], str(self.itemsize)
        for stride, size in zip(reversed(self.strides), reversed(self.shape), strict=True):
            lines.append(f"{stride} = add i64 0, {bytes_}")
            bytes_ = f"{stride}.all"
            lines.append(f"{bytes_} = mul i64 {stride}, {size}")
        return [*lines, f"{self.items} = udiv i64 {bytes_}, {self.itemsize}"]

    @property
    def arguments(self) -> list[str]:
        """The arguments of numba's function: owner, parent, sizes, data, shape and strides."""
        integers = [self.items, str(self.itemsize), *self.shape, *self.strides]
        values = [f"i64 {value}" for value in integers]
        return ["ptr null", "ptr null", *values[:2], f"ptr {self.data}", *values[2:]]

    @property
    def zeroed(self) -> list[str]:
        """The code that sets the derivative to zero, since Enzyme adds to it."""
        if not self.active:
            return []
        memset = f"@llvm.memset.p0.i64(ptr {self.shadow}, i8 0, i64 {self.bytes}, i1 false)"
        return [f"{self.bytes} = mul i64 {self.shape[0]}, 8", f"call void {memset}"]


def _gradient(
    name: str, signature: Sequence[Any], active: int, with_value: bool, along: bool
) -> str:
    """LLVM text: the energy on plain pointers, its gradient, the entry that stores its address."""
    arrays = [_Array(k, array, k < active, along) for k, array in enumerate(signature)]
    loads: list[str] = []
    for word, (kind, value) in enumerate(word for array in arrays for word in array.words):
        loads.append(f"{value}.at = getelementptr i64, ptr %block, i64 {word}")
        loads.append(f"{value} = load {kind}, ptr {value}.at")
    store = parameter = argument = ""
    if with_value:
        words = sum(len(array.words) for array in arrays)
        loads.append(f"%stored.at = getelementptr i64, ptr %block, i64 {words}")
        loads.append("%stored = load ptr, ptr %stored.at")
        parameter, argument = ", ptr noalias %stored", ", i32 %const, ptr %stored"
        store = "store double %value, ptr %stored"

    def every(part: str, separator: str = ", ") -> str:
        return separator.join(text for array in arrays for text in getattr(array, part))

    line = "\n  "
    call = f"call void @eam_reverse({every('of_reverse')}{parameter})"
    if along:
        call = line.join(
            [
                "%dup = load i32, ptr @enzyme_dup",
                "%const = load i32, ptr @enzyme_const",
                f"call void (...) @__enzyme_fwddiff(ptr @eam_reverse, {every('along')})",
            ]
        )
    cpu = cpu_attributes(llvmlite.binding.get_host_cpu_features())
    return f"""
@enzyme_dup = external global i32
@enzyme_const = external global i32
declare void @__enzyme_autodiff(...)
declare void @__enzyme_fwddiff(...)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
define internal double @eam_energy({every("parameters")}{parameter}) alwaysinline {cpu} {{
  %result = alloca double
  %exception = alloca ptr
  {every("sizes", line)}
  %status = call i32 @{name}(ptr %result, ptr %exception, {every("arguments")})
  %value = load double, ptr %result
  {store}
  ret double %value
}}
define internal void @eam_reverse({every("of_reverse")}{parameter}) {cpu} {{
  {every("zeroed", line)}
  %dup = load i32, ptr @enzyme_dup
  %const = load i32, ptr @enzyme_const
  call void (...) @__enzyme_autodiff(ptr @eam_energy, {every("differentiated")}{argument})
  ret void
}}
define internal void @eam_gradient(ptr noalias %block) {cpu} {{
  {line.join(loads)}
  {call}
  ret void
}}
define void @{_ENTRY}(ptr %0, ptr %1, ptr %2, ptr %buffers, ptr %4, ptr %5) {{
  %out = load ptr, ptr %buffers
  %address = ptrtoint ptr @eam_gradient to i64
  store i64 %address, ptr %out
  ret void
}}
"""


def cpu_attributes(features: Mapping[str, bool]) -> str:
    """LLVM function attributes that limit the code to these features of a CPU.

    The name of the CPU would not do: a virtual machine may hide features that the name promises.
    """
    for level, needed in _X86_LEVELS.items():
        if all(features.get(feature) for feature in needed):
            return f'"target-cpu"="{level}"'
    return ""


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
            text, _ENTRY, *shapes, flags, abi, language, False, "", "cpu"
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
