"""Is automatic differentiation yet as fast, and as lean, as the gradient I wrote by hand?

>>> import eam
>>> problem = eam.problem("toy", 100, seed=0)
>>> jax = eam.prepare(problem, "jax")
>>> jax.gradient(problem.x0)            # a NumPy array of shape (100,)

Importing eam imports NumPy and nothing else. The first `prepare` that needs a library imports it,
and so does the first use of `eam.ase`, the calculator for ASE.
"""

from importlib import import_module
from typing import Any

from . import errors, models, quantities
from .atoms import Configuration, crystal
from .atoms.setfl import read_funcfl, read_setfl, write_funcfl, write_setfl
from .backends import backend_names, is_available, prepare
from .backends.protocol import Prepared
from .models import atomic_problem, model_names, problem, strain_problem
from .problem import Problem

__version__ = "0.1.0"

__all__ = [
    "Configuration",
    "Prepared",
    "Problem",
    "atomic_problem",
    "backend_names",
    "crystal",
    "errors",
    "is_available",
    "model_names",
    "models",
    "prepare",
    "problem",
    "quantities",
    "read_funcfl",
    "read_setfl",
    "strain_problem",
    "write_funcfl",
    "write_setfl",
]


def __getattr__(name: str) -> Any:
    """Import `eam.ase` when it is first used: ASE and numba are optional."""
    if name == "ase":
        return import_module(".ase", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
