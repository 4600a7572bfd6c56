"""The reader's own function: a Python file with an energy and its gradient by hand.

A file such as `my_energy.py` defines

- ``energy(x, xp)``, a scalar, written over the namespace `xp` of any library (:mod:`eam.ops` lists
  the operations that every library has); with a third parameter ``sum_of`` it may hand an inner sum
  and its derivative over to libraries that take a custom adjoint:
  ``sum_of(function, derivative, x)`` is the sum of ``function(x, xp)``;
- ``gradient(x)``, the gradient by hand, a new NumPy array of the shape of `x`;
- ``x0(dimension)``, the input, a float64 array

and, where it likes,

- ``gradient_into(out, x)``, the gradient written into `out`;
- ``value_and_gradient(x)``, a tuple of both, where one call takes less than the two do;
- ``hessian_vector(x, v)``, the Hessian at x times v, a new array of the shape of `x`;
- ``energy_loop(x)``, the energy as a loop that numba compiles, over x flattened to one dimension,
  for Enzyme to differentiate; with ``gradient_loop(out, x)`` beside it, numba has a row;
- ``DIMENSIONS``, where the function is measured, ``SUMMARY``, a phrase (else the first line of
  the file's docstring), and ``UNIT``, what a dimension counts, such as ``"beads"`` (else ``"N"``).

``eam.problem("my_energy.py", 100)`` makes a problem of it, and so does
``eam.problem("package.module:object", 100)`` of an importable object with these attributes. Both
run the reader's code. A name that ends with .py or has a path separator is always a file; a file
``toy.py`` is shown and stored as "toy.py", as eam has a model of the name "toy".
"""

from .problem import model, problem
from .source import is_reference

__all__ = ["is_reference", "model", "problem"]
