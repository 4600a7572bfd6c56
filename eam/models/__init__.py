"""The models: a literal, lazy registry of the functions whose gradients are compared.

Installed plug-ins add to it (:mod:`eam.plugins`). A name that is none of these may be a file or
object of the reader's own (:mod:`eam.own`).
"""

import operator
import os
from importlib import import_module
from typing import Any

from .. import own
from ..errors import InputError, UnknownModelError
from ..model import Model
from ..plugins import MODELS, plugins
from ..problem import Problem
from .atomic import atomic_problem
from .strain import strain_problem

__all__ = ["atomic_problem", "model", "model_names", "problem", "strain_problem"]

# name -> module below eam.models; the module defines MODEL, a record of that name, and
# problem(dimension, seed) -> Problem
_MODULES = {
    "toy": "toy",
    "log-sum-exp": "log_sum_exp",
    "sutton-chen": "sutton_chen",
    "finnis-sinclair": "finnis_sinclair",
    "cleri-rosato": "cleri_rosato",
    "tabulated": "tabulated",
}


def built_in_names() -> tuple[str, ...]:
    """Names of the models that eam itself has, in a fixed order."""
    return tuple(_MODULES)


def model_names() -> tuple[str, ...]:
    """Names of all models, in a fixed order; those of plug-ins last."""
    return (*_MODULES, *_plugins())


def model(name: str | os.PathLike[str]) -> Model:
    """The record of a model, of the registry or in a file.

    Raises:
        UnknownModelError: `name` is neither; the message lists the valid ones.
        FunctionFileError: the file cannot be used.
    """
    name = _text(name)
    return own.model(name) if own.is_reference(name) else _module(name).MODEL


def problem(model: str | os.PathLike[str], dimension: int, seed: int = 0) -> Problem:
    """The problem of a model at one dimension, with a reproducible input.

    Args:
        model: one of :func:`model_names`; or a function of your own, as the path of a file
            ("my_energy.py") or as "package.module:object", whose code is run (:mod:`eam.own`
            says what it has to define).
        dimension: N of f: R^N -> R for the toy, the number of atoms for atomic models; at least 1.
        seed: of the random input `x0`; the same seed gives the same bits.

    Raises:
        UnknownModelError: `model` is not registered.
        FunctionFileError: the file cannot be used; the message has its line and what is wrong.
        InputError: `dimension` or `seed` is not an integer, or out of range.
    """
    dimension = _integer("dimension", dimension, minimum=1)
    seed = _integer("seed", seed, minimum=0)
    name = _text(model)
    if own.is_reference(name):
        return own.problem(name, dimension, seed)
    return _module(name).problem(dimension, seed)


def _text(name: str | os.PathLike[str]) -> str:
    return os.fspath(name) if isinstance(name, os.PathLike) else name


def _module(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __name__)
    if name not in model_names():
        raise UnknownModelError(name, model_names())
    return _plugins()[name]


def _plugins() -> dict[str, Any]:
    return plugins(MODELS, tuple(_MODULES), _fault)


def _fault(name: str, module: Any) -> str:
    """The fault of a plug-in in words; empty if it has none."""
    record: Any = getattr(module, "MODEL", None)
    if type(record).__name__ != Model.__name__ or not callable(getattr(module, "problem", None)):
        return "it has to be a module with MODEL, an eam.model.Model, and problem(dimension, seed)"
    return "" if record.name == name else f"its MODEL has another name, {record.name!r}"


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
