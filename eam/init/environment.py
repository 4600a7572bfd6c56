"""The environment that asv makes to measure in: every version as it is installed here."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from ..backends import Backend

DISTRIBUTION = "eam-gradients"
# what counts allocations, and what asv runs in the environment
_MEASURING = ("memray", "asv_runner")
_ROOT = Path(__file__).resolve().parents[2]
_DEPTH = 3  # of .asv/env/HASH, where asv makes an environment, below the repository


def pins(
    backends: Iterable[Backend], imported: Iterable[str], *, from_index: bool
) -> dict[str, str]:
    """Distribution -> version, of all that the measuring processes import.

    Args:
        backends: those that are measured.
        imported: packages that the reader's files import.
        from_index: whether eam itself comes from a package index.
    """
    named: set[str] = {*_own_requirements(), *_MEASURING}
    for backend in backends:
        named.add(backend.library.replace("_", "-"))
        if backend.needs_energy_loop or backend.kernel:
            named.add("numba")
    named |= _distributions(imported) | ({DISTRIBUTION} if from_index else set())
    found = {name: _version(name) for name in sorted(named)}
    return {name: version for name, version in found.items() if version}


def requirement(top: Path) -> str | None:
    """The requirement by which pip finds this eam; None where an index has it.

    A clone is installed from its folder as it is at that time. A repository within the clone, such
    as examples/template, names it by the way there from asv's environment.

    Args:
        top: of the repository.
    """
    if top.resolve().is_relative_to(_ROOT):
        return "/".join([".."] * (_DEPTH + len(top.resolve().relative_to(_ROOT).parts)))
    if (_ROOT / "pyproject.toml").is_file():
        return f"{DISTRIBUTION} @ {_ROOT.as_uri()}"
    try:
        recorded = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    return f"{DISTRIBUTION} @ {json.loads(recorded)['url']}" if recorded else None


def _own_requirements() -> set[str]:
    try:
        declared = distribution(DISTRIBUTION).requires or []
    except PackageNotFoundError:
        declared = []
    always = [text for text in declared if "extra ==" not in text]
    names = (re.match(r"[\w.-]+", text) for text in always)
    return {name[0] for name in names if name}


def _distributions(packages: Iterable[str]) -> set[str]:
    """The distributions of those packages that are neither Python's nor the reader's own."""
    known: Mapping[str, list[str]] = packages_distributions()
    wanted = set(packages) - set(sys.stdlib_module_names) - {"eam"}
    return {known[package][0] for package in wanted if package in known}


def _version(name: str) -> str | None:
    try:
        # the index knows no local part, such as that of 2.13.0+cpu
        return distribution(name).version.partition("+")[0]
    except PackageNotFoundError:
        return None
