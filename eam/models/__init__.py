"""The models: a literal, lazy registry of the functions whose gradients are compared."""

import operator
from importlib import import_module
from typing import Any

from ..errors import InputError, UnknownModelError
from ..problem import Problem
from .atomic import atomic_problem
from .strain import strain_problem

__all__ = ["atomic_problem", "model_names", "problem", "small_dimensions", "strain_problem"]

# name -> module below eam.models; the module defines problem(dimension, seed) -> Problem, and
# SMALL, the dimensions that tests use
_MODULES = {
    "toy": "toy",
    "sutton-chen": "sutton_chen",
    "finnis-sinclair": "finnis_sinclair",
    "cleri-rosato": "cleri_rosato",
    "tabulated": "tabulated",
}


def model_names() -> tuple[str, ...]:
    """Names of all models, in a fixed order."""
    return tuple(_MODULES)


def small_dimensions(model: str) -> tuple[int, ...]:
    """A few dimensions of a model that are quick to try; UnknownModelError lists the models."""
    return _module(model).SMALL


def problem(model: str, dimension: int, seed: int = 0) -> Problem:
    """The problem of a model at one dimension, with a reproducible input.

    Args:
        model: one of :func:`model_names`.
        dimension: N of f: R^N -> R for the toy, the number of atoms for atomic models; at least 1.
        seed: of the random input `x0`; the same seed gives the same bits.

    Raises:
        UnknownModelError: `model` is not registered.
        InputError: `dimension` or `seed` is not an integer, or out of range.
    """
    return _module(model).problem(
        _integer("dimension", dimension, minimum=1), _integer("seed", seed, minimum=0)
    )


def _module(model: str) -> Any:
    if model not in _MODULES:
        raise UnknownModelError(model, _MODULES)
    return import_module(f".{_MODULES[model]}", __name__)


def _integer(name: str, value: object, minimum: int) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"{name} must be an integer, not {value!r}") from None
    if number < minimum:
        raise InputError(f"{name} must be at least {minimum}, not {number}")
    return number
