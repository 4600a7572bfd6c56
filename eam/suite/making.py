"""One class a model, which asv can distinguish."""

import re
import sys
from collections.abc import Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..backends import Backend
from ..model import Model
from .base import Grid


def one_class_a_model(
    module: str,
    base: type[Grid],
    models: Iterable[Model],
    backends: Mapping[str, Backend],
    suffix: str = "",
) -> dict[str, type[Grid]]:
    """Subclasses of `base` for a module of a suite: {class name: class}.

    To be used as ``globals().update(one_class_a_model(__name__, Overhead, MODELS, BACKENDS,
    "Overhead"))``, which makes ``SuttonChenOverhead`` and so on. A `base` takes its parameters from
    the record of a model in its classmethod `choose`. Each class has functions of its own: asv
    stores the attributes of a function, such as `model`, and it tells the caches of two classes
    apart by the module and line of their `setup_cache`.
    """
    names = {_words(model.name) + suffix: model for model in models}
    return {name: one_class(module, base, model, backends, name) for name, model in names.items()}


def _words(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"\W|_", name))


def one_class(
    module: str, base: type[Grid], model: Model, backends: Mapping[str, Backend], name: str
) -> type[Grid]:
    """The subclass of `base` that measures a model, as the class `name` of a module."""
    scope = sys.modules[f"{module}.{name}"] = ModuleType(f"{module}.{name}")
    own: dict[str, Any] = {
        "__doc__": f"{model.summary}.",
        "__module__": module,
        "model": model.name,
        "record": model,
        "backends": backends,
    }
    for key in dir(base):
        function = getattr(base, key)
        if isinstance(function, FunctionType) and not key.startswith("_"):
            own[key] = _copied(function, scope.__name__, model)
    made = type(name, (base,), own)
    made.choose(model, list(backends))
    return made


def _copied(function: FunctionType, module: str, model: Model) -> FunctionType:
    copied: Any = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copied.__dict__ |= function.__dict__
    copied.__doc__, copied.__module__ = function.__doc__, module
    # what the report needs to know of a model that it does not have
    copied.model, copied.dimension_unit = model.name, model.unit
    copied.summary, copied.reference_dimension = model.summary, model.dimensions.reference
    # asv stores this; without it, asv-tachyon takes a track for higher-is-better
    copied.less_is_better = True
    return copied
