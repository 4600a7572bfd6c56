"""eam.toml: what a repository of the reader's own measures, in the folder of its asv.conf.json.

::

    models = ["my_energy.py"]               # files, or package.module:object, or models' names
    backends = ["numpy", "autograd", "jax"] # the rows of every benchmark; all of eam's without it

The suite, the gate and `eam track` go by it. Names of plug-ins count in a benchmark only if they
stand here: its parameters must not depend on what is installed.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, UnknownNameError
from .source import is_reference, name_of

NAME = "eam.toml"
_KEYS = ("models", "backends")


@dataclass(frozen=True)
class Repository:
    """A repository of the reader's own, and the models and backends that it measures.

    Attributes:
        top: the folder of its eam.toml.
        models: as :func:`eam.problem` takes them; files by their whole path.
        backends: names; None for all that eam itself has.
    """

    top: Path
    models: tuple[str, ...]
    backends: tuple[str, ...] | None


def find_repository(start: Path) -> Repository | None:
    """The repository that a folder is in, by the eam.toml there or above; None if there is none.

    Raises:
        InputError: the file cannot be used.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return read_repository(folder / NAME)
    return None


def read_repository(path: Path) -> Repository:
    """Read an eam.toml.

    Raises:
        InputError: it is no TOML, a value has another type, or `models` is empty.
        UnknownNameError: a key that means nothing.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    for key in settings:
        if key not in _KEYS:
            raise UnknownNameError(f"key of {path}", key, _KEYS)
    models = _strings(settings.get("models", []), "models", path)
    if not models:
        raise InputError(f"{path}: models is empty; name a file, such as models = ['my_energy.py']")
    backends = _strings(settings["backends"], "backends", path) if "backends" in settings else None
    top = path.resolve().parent
    whole = [str(top / name) if name.endswith(".py") else name for name in models]
    _require_own_names(whole, path)
    return Repository(top, tuple(whole), None if backends is None else tuple(backends))


def _strings(given: Any, key: str, path: Path) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise InputError(f"{path}: {key} has to be a list of strings, and is {given!r}")
    return given


def _require_own_names(models: Sequence[str], path: Path) -> None:
    """Benchmarks are named by models, so two files must not have one name."""
    names: dict[str, str] = {}
    for reference in models:
        name = name_of(reference) if is_reference(reference) else reference
        if name in names:
            raise InputError(
                f"{path}: {names[name]} and {reference} have the same name; rename one of them"
            )
        names[name] = reference
