"""A namespace of scalars, with which numba compiles the formulas of `eam/models/`."""

from typing import Any

import numpy as np

from .lowlevel import njit

OPTIONS: Any = {"error_model": "numpy"}


@njit(**OPTIONS)
def where(condition: Any, one: Any, other: Any) -> Any:
    """The one or the other."""
    return one if condition else other


@njit(**OPTIONS)
def sqrt(x: Any) -> Any:
    """The root."""
    return np.sqrt(x)


@njit(**OPTIONS)
def exp(x: Any) -> Any:
    """The exponential."""
    return np.exp(x)
