"""NumPy: the model's hand-written gradient."""

from ..problem import Problem
from .protocol import Native


def allocating(problem: Problem) -> Native:
    """The gradient as one would first write it, in a new array."""
    manual = problem.manual
    return Native(manual.value, manual.gradient, calls=manual.calls)


def in_place(problem: Problem) -> Native:
    """The gradient written into the caller's array."""
    manual = problem.manual
    return Native(
        manual.value,
        manual.gradient,
        gradient_into=manual.gradient_into,
    )
