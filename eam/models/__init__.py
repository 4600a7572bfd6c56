"""The models: a literal, lazy registry of the functions whose gradients are compared."""

import operator
from importlib import import_module
from typing import Any

from ..errors import InputError, UnknownModelError
from ..model import Model
from ..problem import Problem
from .atomic import atomic_problem
from .strain import strain_problem

__all__ = ["atomic_problem", "model", "model_names", "problem", "strain_problem"]

# name -> module below eam.models; the module defines MODEL, a record of that name, and
# problem(dimension, seed) -> Problem
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


def model(name: str) -> Model:
    """The record of a model; UnknownModelError lists the valid names."""
    return _module(name).MODEL


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


def _module(name: str) -> Any:
    if name not in _MODULES:
        raise UnknownModelError(name, _MODULES)
    return import_module(f".{_MODULES[name]}", __name__)


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
