"""PyTensor: a symbolic graph, rewritten and compiled by its default mode (C, or numba without g++).

Both settings here follow PyTensor's own advice on speed. `trust_input` omits the checks of the
argument, which take half of the call at N = 100, and PyTensor does not copy borrowed arguments and
results. At N = 100 its JAX mode takes 5x as long, its numba mode 1.5x.
"""

from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy as np
import pytensor
import pytensor.gradient
import pytensor.tensor

from ..ops import Ops
from ..problem import Call, Problem
from ..quantities import quantity
from ._derivatives import functions
from .protocol import Native

pt: Any = pytensor.tensor
# with the only one of NumPy's names that PyTensor lacks
xp: Any = ModuleType("pytensor.tensor")
xp.__dict__.update(vars(pytensor.tensor), asarray=pt.as_tensor_variable)


def reverse(problem: Problem) -> Native:
    """pytensor.grad of the energy."""
    x = _symbol("x", problem.x0)
    value = problem.energy(Ops(xp), x, problem.data)
    gradient: Any = pytensor.gradient.grad(value, x)
    return Native(
        _function([x], value),
        _function([x], gradient),
        calls={name: _call(problem, name) for name in problem.model.quantities},
        asarray=np.array,
        borrow=np.asarray,
    )


def _symbol(name: str, like: Any) -> Any:
    return pt.tensor(name, dtype="float64", shape=(None,) * like.ndim)


class _Differentiation:
    """pytensor.grad of graphs, and reverse over reverse mode for the Hessian."""

    def value_and_gradient(
        self, function: Any, arguments: tuple[int, ...], again: bool = False
    ) -> Any:
        def both(*given: Any) -> Any:
            value = function(*given)
            by: Any = pytensor.gradient.grad(value, [given[k] for k in arguments])
            return value, tuple(by)

        return both

    def hessian_vector(self, function: Any) -> Any:
        def product(x: Any, v: Any, *others: Any) -> Any:
            gradient: Any = pytensor.gradient.grad(function(x, *others), x)
            return pytensor.gradient.grad(pt.sum(gradient * v), x)

        return product


def _call(problem: Problem, name: str) -> Call:
    """A quantity, compiled when it is first bound."""

    @cache
    def compiled() -> Any:
        given = quantity(name).inputs(problem, problem.x0)
        inputs = [_symbol(f"input{k}", array) for k, array in enumerate(given)]
        function = functions(problem, Ops(xp), _Differentiation(), np.eye(3))[name]
        results = function(*inputs, problem.data)
        return _function(inputs, list(results) if isinstance(results, tuple) else results)

    return lambda *inputs: partial(compiled(), *inputs)


def _function(inputs: list[Any], output: Any) -> Any:
    library: Any = pytensor
    borrowed = [library.In(variable, borrow=True) for variable in inputs]
    several = isinstance(output, list)
    outputs = output if several else [output]
    borrowed_out = [library.Out(variable, borrow=True) for variable in outputs]
    out = borrowed_out if several else borrowed_out[0]
    # a constant gradient depends on no input
    function = library.function(borrowed, out, on_unused_input="ignore")
    function.trust_input = True
    return function
