"""Plug-ins: backends and models that another installed package adds, by entry points.

A package says in its pyproject.toml what it adds, under the name that it is to be called by::

    [project.entry-points."eam.backends"]
    mylib = "eam_mylib:BACKEND"          # a Backend; its module is given in full, "eam_mylib.mylib"

    [project.entry-points."eam.models"]
    well = "eam_mylib.well"              # a module with MODEL and problem(dimension, seed)

A plug-in that cannot be loaded is named in a warning, and harms nothing else. No benchmark's
parameters come from here: a suite measures a plug-in only if its eam.toml names it.
"""

import warnings
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

BACKENDS, MODELS = "eam.backends", "eam.models"


@cache
def plugins(group: str, taken: Collection[str], fault_of: Callable[[str, Any], str]) -> Any:
    """name -> what is installed under an entry point of a group, by name.

    Args:
        group: BACKENDS or MODELS.
        taken: names that a plug-in cannot have.
        fault_of: ``fault_of(name, loaded)`` says what is wrong with a plug-in; "" for nothing.
    """
    from importlib.metadata import entry_points  # takes half as long to import as the rest of eam

    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        try:
            loaded = entry.load()
            fault = fault_of(entry.name, loaded)
        except Exception as error:
            loaded, fault = None, f"{type(error).__name__}: {error}"
        if entry.name in taken or entry.name in found:
            fault = "there is another one of that name"
        if fault:
            owner = entry.dist.name if entry.dist else "an unknown package"
            warnings.warn(
                f"the plug-in {entry.name!r} of {owner} is left out: {fault}", stacklevel=2
            )
        else:
            found[entry.name] = loaded
    return found
