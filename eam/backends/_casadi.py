"""CasADi: symbolic expression graphs with reverse mode, in place through its buffer interface.

The graph is one of matrices (MX): its interpreter runs one instruction for a whole array. A graph
of scalars (SX) has a node for every element; it takes 0.35x the time at N = 1, and 1.7x from
N = 100 on. At N = 100, a call of the function with arrays, as in the tutorial, takes 15x as long as
a call through its buffers, and sharing common subexpressions (cse) saves 4 %. The scalar polynomial
as a function of scalars gains nothing.
"""

import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import casadi
import numpy as np

from ..compiler import OPTIMISED, shared_library
from ..errors import CompilerError, NotOfferedError
from ..ops import Ops
from ..problem import Array, Problem
from .protocol import Native

cs: Any = casadi


def _sum(x: Any) -> Any:
    """The sum as a dot product: casadi's own sum1 is a general matrix product, 55 ns slower."""
    return cs.dot(x, cs.DM.ones(x.shape))


# casadi's functions of column vectors, by NumPy's names
xp: Any = ModuleType("casadi")
xp.__dict__.update(vars(casadi))
xp.__dict__.update(
    abs=cs.fabs,
    arctan=cs.atan,
    asarray=cs.DM,
    concatenate=lambda arrays: cs.vertcat(*arrays),
    max=cs.mmax,
    maximum=cs.fmax,
    min=cs.mmin,
    minimum=cs.fmin,
    square=lambda x: x * x,
    sum=_sum,
    where=cs.if_else,
)


def _functions(problem: Problem) -> dict[str, Any]:
    x, v = cs.MX.sym("x", problem.x0.size), cs.MX.sym("v", problem.x0.size)
    value = problem.energy(Ops(xp), x, problem.data)
    gradient = cs.cse(cs.gradient(value, x))
    return {
        "value": cs.Function("value", [x], [value]),
        "gradient": cs.Function("gradient", [x], [gradient]),
        "second": cs.Function("second", [x, v], [cs.jtimes(gradient, x, v)]),
    }


def _evaluate(function: Any, out: Any, *inputs: Any) -> Any:
    """A call without arguments that evaluates into `out` and keeps its buffers alive."""
    buffer, call = function.buffer()
    for k, array in enumerate(inputs):
        buffer.set_arg(k, memoryview(array))
    buffer.set_res(0, memoryview(out))
    call.__dict__["kept"] = function, buffer, out, inputs
    return call


def _native(functions: dict[str, Any]) -> Native:
    result: Any = np.empty(1)
    buffer, evaluate = functions["value"].buffer()
    buffer.set_res(0, memoryview(result))
    bound: Any = None

    def value(x: Any) -> Any:
        nonlocal bound
        if x is not bound:
            buffer.set_arg(0, memoryview(x))
            bound = x
        evaluate()
        return result[0]

    def bind(out: Array, x: Array) -> Any:
        return _evaluate(functions["gradient"], out, x)

    unbound, write = functions["gradient"].buffer()

    def gradient_into(out: Any, x: Any) -> None:
        unbound.set_arg(0, memoryview(x))
        unbound.set_res(0, memoryview(out))
        write()

    def filled(name: str, *inputs: Array) -> Array:
        out = np.empty_like(inputs[0])
        _evaluate(functions[name], out, *inputs)()
        return out

    return Native(
        value,
        lambda x: filled("gradient", x),
        gradient_into=gradient_into,
        asarray=np.array,
        borrow=lambda x: np.require(x, requirements="W"),
        bind=bind,
        hessian_vector=lambda x, v: filled("second", x, v),
    )


def interpreted(problem: Problem) -> Native:
    """The graph, run by CasADi's own virtual machine."""
    return _native(_functions(problem))


def compiled(problem: Problem) -> Native:
    """The C that CasADi generates, compiled by the system's compiler."""
    functions = _functions(problem)
    with tempfile.TemporaryDirectory(prefix="eam-casadi-") as directory:
        source = Path(directory, "generated.c")
        generator = cs.CodeGenerator(source.name)
        for function in functions.values():
            generator.add(function)
        generator.generate(f"{directory}/")
        try:
            library = shared_library(source, OPTIMISED)
        except CompilerError as error:
            raise NotOfferedError(f"casadi-compiled: {error}") from error
        # the library stays mapped after its file is gone
        return _native({name: cs.external(name, str(library)) for name in functions})
