"""CasADi: symbolic expression graphs with reverse mode, in place through its buffer interface.

The graph is one of matrices (MX): its interpreter runs one instruction for a whole array. A graph
of scalars (SX) has a node for every element; it takes 0.35x the time at N = 1, and 1.7x from
N = 100 on. At N = 100, a call of the function with arrays, as in the tutorial, takes 15x as long as
a call through its buffers, and sharing common subexpressions (cse) saves 4 %. The scalar polynomial
as a function of scalars gains nothing.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import casadi
import numpy as np

from ..compiler import OPTIMISED, shared_library
from ..errors import CompilerError, NotOfferedError
from ..ops import Ops
from ..problem import Array, Call, Problem
from ..quantities import quantity, results_of
from ._derivatives import functions
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


class _Differentiation:
    """Derivatives of graphs; jtimes takes the one along v."""

    def value_and_gradient(
        self, function: Any, arguments: tuple[int, ...], again: bool = False
    ) -> Any:
        def both(*given: Any) -> Any:
            value = function(*given)
            return value, tuple(cs.gradient(value, given[k]) for k in arguments)

        return both

    def hessian_vector(self, function: Any) -> Any:
        def product(x: Any, v: Any, *others: Any) -> Any:
            return cs.jtimes(cs.gradient(function(x, *others), x), x, v)

        return product


def _functions(problem: Problem) -> dict[str, Any]:
    x = cs.MX.sym("x", problem.x0.size)
    value = problem.energy(Ops(xp), x, problem.data)
    return {
        "value": cs.Function("value", [x], [value]),
        "gradient": cs.Function("gradient", [x], [cs.cse(cs.gradient(value, x))]),
    }


def _quantity(problem: Problem, name: str) -> Any:
    given = quantity(name).inputs(problem, problem.x0)
    inputs = [cs.MX.sym(f"input{k}", array.size) for k, array in enumerate(given)]
    function = functions(problem, Ops(xp), _Differentiation(), cs.DM.eye(3))[name]
    outputs = results_of(function(*inputs, problem.data))
    return cs.Function(name, inputs, [cs.cse(output) for output in outputs])


def _evaluate(function: Any, outputs: Sequence[Any], *inputs: Any) -> Any:
    """A call without arguments that evaluates into `outputs` and keeps its buffers alive."""
    buffer, call = function.buffer()
    for k, array in enumerate(inputs):
        buffer.set_arg(k, memoryview(array))
    for k, array in enumerate(outputs):
        buffer.set_res(k, memoryview(array))
    call.__dict__["kept"] = function, buffer, outputs, inputs
    return call


def _call(make: Callable[[str], Any], name: str) -> Call:
    """A quantity, made when it is first bound; a bound call writes into results of its own."""
    function = cache(partial(make, name))

    def bind(*inputs: Any) -> Any:
        made = function()
        sizes = [made.size1_out(k) for k in range(made.n_out())]
        outputs: list[Any] = [
            np.empty(() if size == 1 and len(sizes) > 1 else size) for size in sizes
        ]
        call = _evaluate(made, outputs, *inputs)
        result = outputs[0] if len(outputs) == 1 else tuple(outputs)

        def run() -> Any:
            call()
            return result

        return run

    return bind


def _native(problem: Problem, made: dict[str, Any], make: Callable[[str], Any]) -> Native:
    result: Any = np.empty(1)
    buffer, evaluate = made["value"].buffer()
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
        return _evaluate(made["gradient"], [out], x)

    unbound, write = made["gradient"].buffer()

    def gradient_into(out: Any, x: Any) -> None:
        unbound.set_arg(0, memoryview(x))
        unbound.set_res(0, memoryview(out))
        write()

    def gradient(x: Array) -> Array:
        out = np.empty_like(x)
        gradient_into(out, x)
        return out

    return Native(
        value,
        gradient,
        gradient_into=gradient_into,
        asarray=np.array,
        borrow=lambda x: np.require(x, requirements="W"),
        bind=bind,
        calls={name: _call(make, name) for name in problem.model.quantities},
    )


def interpreted(problem: Problem) -> Native:
    """The graph, run by CasADi's own virtual machine."""
    return _native(problem, _functions(problem), partial(_quantity, problem))


def compiled(problem: Problem) -> Native:
    """The C that CasADi generates, compiled by the system's compiler."""

    def make(name: str) -> Any:
        return _compiled({name: _quantity(problem, name)})[name]

    return _native(problem, _compiled(_functions(problem)), make)


def _compiled(made: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="eam-casadi-") as directory:
        source = Path(directory, "generated.c")
        generator = cs.CodeGenerator(source.name)
        for function in made.values():
            generator.add(function)
        generator.generate(f"{directory}/")
        try:
            library = shared_library(source, OPTIMISED)
        except CompilerError as error:
            raise NotOfferedError(f"casadi-compiled: {error}") from error
        # the library stays mapped after its file is gone
        return {name: cs.external(name, str(library)) for name in made}
