"""Private names of other packages: each is asked for here, so its absence has a clear error.

A package may drop a private name in any release. Code that only assigns to the name, or that
catches AttributeError around it, would then do the wrong thing without a word.
"""

from importlib import import_module
from types import ModuleType
from typing import Any

from .errors import PrivateNameError


def private(owner: Any, path: str) -> Any:
    """A private name of another package.

    Args:
        owner: the name of a module, which is imported; a module; or an object that the package
            made.
        path: an attribute of `owner`, such as "entry_point", or one of an attribute, such as
            "loader.run".

    Raises:
        PrivateNameError: this version of the package has no such name.
    """
    try:
        found: Any = import_module(owner) if isinstance(owner, str) else owner
        for name in path.split("."):
            found = getattr(found, name)
    except (ModuleNotFoundError, AttributeError) as error:
        home = _home(owner)
        raise PrivateNameError(home.partition(".")[0], f"{home}.{path}") from error
    return found


def _home(owner: Any) -> str:
    """The dotted name of a module, or of an object's class."""
    if isinstance(owner, str):
        return owner
    if isinstance(owner, ModuleType):
        return owner.__name__
    return f"{type(owner).__module__}.{type(owner).__qualname__}"
