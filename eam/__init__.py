"""Is automatic differentiation yet as fast, and as lean, as the gradient I wrote by hand?

>>> import eam
>>> problem = eam.problem("toy", 100, seed=0)
>>> jax = eam.prepare(problem, "jax")
>>> jax.gradient(problem.x0)            # a NumPy array of shape (100,)

Importing eam imports NumPy and nothing else; a library is imported by the first `prepare` that
needs it.
"""

from . import errors, models
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
    "read_funcfl",
    "read_setfl",
    "strain_problem",
    "write_funcfl",
    "write_setfl",
]
