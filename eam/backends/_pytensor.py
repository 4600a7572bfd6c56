"""PyTensor: a symbolic graph, rewritten and compiled by its default mode (C, or numba without g++).

`trust_input` leaves out the checks of the argument, which are half of the call at N = 100, and
borrowed arguments and results are not copied; both are what PyTensor's own advice on speed says.
Its JAX mode takes 5x as long at N = 100, its numba mode 1.5x.
"""

from typing import Any

import numpy as np
import pytensor
import pytensor.gradient
import pytensor.tensor

from ..ops import Ops
from ..problem import Problem
from .protocol import Native

pt: Any = pytensor.tensor


def reverse(problem: Problem) -> Native:
    """pytensor.grad of the energy."""
    x, v = pt.dvector("x"), pt.dvector("v")
    value = problem.energy(Ops(pt), x, problem.data)
    gradient: Any = pytensor.gradient.grad(value, x)
    second = pytensor.gradient.grad(pt.sum(gradient * v), x)
    return Native(
        _function([x], value),
        _function([x], gradient),
        hessian_vector=_function([x, v], second),
        asarray=np.array,
    )


def _function(inputs: list[Any], output: Any) -> Any:
    library: Any = pytensor
    borrowed = [library.In(variable, borrow=True) for variable in inputs]
    function = library.function(borrowed, library.Out(output, borrow=True))
    function.trust_input = True
    return function
