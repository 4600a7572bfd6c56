"""PyTorch at its fastest: the gradient traced, exported and compiled ahead of time (AOTInductor).

These variants were tried at N = 100 on one core; the numbers are ratios to eager
torch.autograd.grad:

- torch.func.grad: 1.7;
- torch.compile: 0.35, and 0.3 within torch.no_grad or inference_mode; mode max-autotune and the C++
  wrapper are no better;
- the traced gradient run as an fx graph: 0.7, in inference_mode 0.5, through torch.jit.trace and
  freeze 0.2;
- the AOTInductor package called as a model: 0.12; the ``run`` of its loader: **0.012**.

Each call of torch.compile pays for guards; a package has none. Each ``__call__`` of a package pays
for flattening the arguments. CUDA-graph replay does not apply on the CPU. The size is symbolic in
the export (1.02x), so one package serves every N.

A package takes 15 s to compile and stays in torch's own cache directory.
"""

import hashlib
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import torch
import torch.export
from torch.fx.experimental.proxy_tensor import make_fx

from ..compiler import find_compiler
from ..errors import CompilerError, NotOfferedError
from ..private import private
from ..problem import Problem
from ._torch import asarray, borrow, energy_of
from ._torch_ops import StockOps
from .protocol import Native


def ahead(problem: Problem) -> Native:
    """torch.func.grad of the energy, exported with a symbolic size and compiled by AOTInductor."""
    try:
        find_compiler("C++")
    except CompilerError as error:
        raise NotOfferedError(f"torch-aot: {error}") from error
    energy = energy_of(problem, StockOps())
    # an energy of the reader's own may depend on the size of x as a number, which a symbol is not
    fixed = asarray(problem.x0) if problem.model.source else None
    value, gradient = _loaded(energy, fixed), _loaded(torch.func.grad(energy), fixed)
    return Native(
        lambda x: value([x])[0], lambda x: gradient([x])[0], asarray=asarray, borrow=borrow
    )


def _loaded(function: Any, fixed: Any) -> Any:
    """``run([x]) -> [result]`` of a function, compiled for vectors like `fixed`, or all if None."""
    graph = make_fx(function)(torch.rand(2, dtype=torch.float64) if fixed is None else fixed)
    package = _package(graph, None if fixed is None else fixed.shape)
    if not package.exists():
        exported = (
            _for_any_size(function) if fixed is None else torch.export.export(graph, (fixed,))
        )
        # under another name first: several processes may do this at once, and one may be killed
        with tempfile.TemporaryDirectory(dir=package.parent) as directory:
            made = private("torch._inductor", "aoti_compile_and_package")(
                exported, package_path=str(Path(directory, package.name))
            )
            Path(made).replace(package)
    loaded = private("torch._inductor", "aoti_load_package")(str(package))
    return private(loaded, "loader.run")


def _for_any_size(function: Any) -> Any:
    """The function of a vector, exported with a symbol for the size."""
    example = torch.rand(100, dtype=torch.float64)
    graph = make_fx(function, tracing_mode="symbolic")(example)
    size = torch.export.Dim("size")
    return torch.export.export(graph, (example,), dynamic_shapes=({0: size},))


def _package(graph: Any, shape: Any) -> Path:
    """The path of a function's package: a key of its operations, torch's version and the CPU."""
    constants = [repr(tensor.numpy().tobytes()) for tensor in graph.buffers()]
    computes = [graph.code, repr(shape), *constants]
    key = "\n".join([*computes, torch.__version__, platform.platform(), _cpu()])
    name = f"eam-{hashlib.sha256(key.encode()).hexdigest()[:24]}.pt2"
    return Path(_cache_directory(), name)


def _cpu() -> str:
    """The CPU that the code is compiled for, with its features if the system lists them."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()} {platform.processor()} {flags}"


def _cache_directory() -> str:
    """torch's cache directory, or a new one for this process if that cannot be written."""
    directory: str = private("torch._inductor.runtime.cache_dir_utils", "cache_dir")()
    return directory if os.access(directory, os.W_OK) else tempfile.mkdtemp(prefix="eam-torch-")
