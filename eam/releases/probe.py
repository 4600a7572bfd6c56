"""Run in the environment of a release: what is installed there, and does it pass the check?

``python -m eam.releases.probe LIBRARY`` prints one line of JSON.
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from ..backends import prepare
from ..errors import EamError
from ..measure.check import check
from ..measure.environment import settle
from ..measure.facts import facts
from ..models import problem
from .axes import axis

DIMENSION = 100


def probe(library: str) -> dict[str, Any]:
    """The facts of this environment.

    Returns:
        What :func:`eam.measure.facts.facts` tells, with `packages`, name -> version of all that is
        installed, `checks`, for each backend None or why it did not pass, and `installed_bytes`,
        the files of the library and of all that it requires.
    """
    installed = {found.metadata["Name"]: found.version for found in distributions()}
    checks = {name: _fault(name) for name in axis(library).backends}
    return {
        **facts(),
        "packages": dict(sorted(installed.items())),
        "checks": checks,
        "installed_bytes": installed_bytes(library),
    }


def installed_bytes(library: str) -> int:
    """The size of the files of a library and of what it requires, extras left out."""
    total, seen, left = 0, set[str](), [library]
    while left:
        name = left.pop()
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # required under a condition that does not hold here
        if found.metadata["Name"] in seen:
            continue
        seen.add(found.metadata["Name"])
        files = (found.locate_file(file) for file in found.files or [])
        total += sum(Path(str(file)).stat().st_size for file in files if Path(str(file)).is_file())
        requirements = map(Requirement, found.requires or [])
        left += [r.name for r in requirements if r.marker is None or r.marker.evaluate()]
    return total


def _fault(backend: str) -> str | None:
    try:
        check(prepare(problem("toy", DIMENSION), backend))
    except EamError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    settle()
    print("\n" + json.dumps(probe(sys.argv[1])))
