"""PyTensor: a symbolic graph, rewritten and compiled by its default mode (C, or numba without g++).

Both settings here follow PyTensor's own advice on speed. `trust_input` omits the checks of the
argument, which take half of the call at N = 100, and PyTensor does not copy borrowed arguments and
results. At N = 100 its JAX mode takes 5x as long, its numba mode 1.5x.
"""

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytensor
import pytensor.gradient
import pytensor.tensor

from ..ops import Ops
from ..problem import Problem
from .protocol import Native

pt: Any = pytensor.tensor
# with the only one of NumPy's names that PyTensor lacks
xp: Any = ModuleType("pytensor.tensor")
xp.__dict__.update(vars(pytensor.tensor), asarray=pt.as_tensor_variable)


def reverse(problem: Problem) -> Native:
    """pytensor.grad of the energy."""
    shape = (None,) * problem.x0.ndim
    x, v = (pt.tensor(name, dtype="float64", shape=shape) for name in ("x", "v"))
    value = problem.energy(Ops(xp), x, problem.data)
    gradient: Any = pytensor.gradient.grad(value, x)

    @cache
    def second() -> Any:
        """Compiled on the first call, since not every operation has a second derivative."""
        return _function([x, v], pytensor.gradient.grad(pt.sum(gradient * v), x))

    return Native(
        _function([x], value),
        _function([x], gradient),
        hessian_vector=lambda x, v: second()(x, v),
        asarray=np.array,
        borrow=np.asarray,
    )


def _function(inputs: list[Any], output: Any) -> Any:
    library: Any = pytensor
    borrowed = [library.In(variable, borrow=True) for variable in inputs]
    out = library.Out(output, borrow=True)
    # a constant gradient depends on no input
    function = library.function(borrowed, out, on_unused_input="ignore")
    function.trust_input = True
    return function
