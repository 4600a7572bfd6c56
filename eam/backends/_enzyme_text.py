"""The LLVM text of the gradient of a numba energy loop, which Enzyme then differentiates.

:mod:`eam.backends._enzyme_bridge` explains the way from the loop to machine code.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import llvmlite.binding
import numba

from ..kernels.lowlevel import REORDER
from ..private import private

config: Any = private("numba.core", "config")

ENTRY = "eam_entry"
"""The function of the text that stores the address of the gradient."""

# The instruction sets that compilers know as x86-64-v4 and -v3, with features that imply them.
_X86_LEVELS = {
    "x86-64-v4": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma", "bmi2"),
    "x86-64-v3": ("avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"),
}


def gradient_text(
    function: Any, signature: tuple[Any, ...], active: int, with_value: bool, along: bool
) -> str:
    """The energy without optimisation, and what calls Enzyme on it.

    Args:
        function, signature, active, with_value, along: as in
            :func:`eam.backends._enzyme_bridge.gradient_address`.
    """
    name, text = _llvm(function, signature)
    return text + _gradient(name, signature, active, with_value, along)


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
define void @{ENTRY}(ptr %0, ptr %1, ptr %2, ptr %buffers, ptr %4, ptr %5) {{
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
