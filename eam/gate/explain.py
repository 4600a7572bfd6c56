"""From a verdict to its cause: the files that a row runs, and where its time goes."""

import cProfile
import pstats
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from ..measure.outcome import Outcome, attempt
from ..measure.serve import Say
from ..measure.worker import run
from .side_by_side import NEW, OLD, bound, memory_of
from .versions import PACKAGE, load

PROFILE_SECONDS = 0.5

Profile = dict[str, float]
"""Seconds per call, by function, without what it calls."""


def examine(
    base: Path, head: Path, model: str, name: str, dimension: int, quantity: str
) -> Outcome:
    """Run one row of both versions in a fresh process.

    Args:
        base, head: directories that hold an `eam` each, the old and the new.
        model, name, dimension, quantity: the row.

    Returns:
        The value is {version: {"files": [...], "profile": {...}} or {"failed": reason}}.
    """
    versions = {OLD: str(base), NEW: str(head)}
    row = {"model": model, "name": name, "dimension": dimension, "quantity": quantity}
    return run(examine_here, {"versions": versions, **row})


def examine_here(
    say: Say, versions: dict[str, str], model: str, name: str, dimension: int, quantity: str
) -> dict[str, dict[str, Any]]:
    """:func:`examine`, in this process."""
    found: dict[str, dict[str, Any]] = {}
    for which, directory in versions.items():
        say(f"examining the {which} {name} at dimension {dimension}", 0.0)
        row = model, name, dimension, quantity
        outcome = attempt(_examine, Path(directory), f"eam_{which}", *row)
        found[which] = outcome.value or {"failed": outcome.missing or outcome.failed}
    return found


def _examine(
    directory: Path, package: str, model: str, name: str, dimension: int, quantity: str
) -> dict[str, Any]:
    version = load(directory, package)
    imported = set(sys.modules)
    called: set[str] = set()

    def see(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            called.add(frame.f_code.co_filename)

    sys.setprofile(see)
    try:
        ready = version.prepare(version.problem(model, dimension), name)
        call = bound(ready, quantity, memory_of(ready, quantity))
        call()
    finally:
        sys.setprofile(None)
    # compiled functions call nothing that can be seen, but their modules are imported when needed
    lazily = [module for key, module in sys.modules.items() if key not in imported]
    called.update(str(getattr(module, "__file__", None)) for module in lazily)
    tree = directory.resolve() / PACKAGE
    files = sorted(
        str(Path(file).relative_to(tree.parent))
        for file in called
        if Path(file).is_relative_to(tree)
    )
    return {"files": files, "profile": _profile(call, tree)}


def _profile(call: Callable[[], Any], tree: Path) -> Profile:
    calls = 0
    profiler = cProfile.Profile()
    start = perf_counter()
    with profiler:
        while calls < 3 or perf_counter() - start < PROFILE_SECONDS:
            call()
            calls += 1
    seconds: Profile = {}
    stats: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    for (file, _, function), (_, _, own, _, _) in stats.items():
        place = _short(file, tree)
        key = f"{place}: {function}" if place else function
        seconds[key] = seconds.get(key, 0.0) + own / calls
    return seconds


def _short(file: str, tree: Path) -> str:
    """A file of ours below the tree, one of a library by its last two names, none for built-ins."""
    if file == "~":
        return ""
    path = Path(file)
    inside = path.is_relative_to(tree)
    return str(path.relative_to(tree.parent)) if inside else "/".join(path.parts[-2:])
