"""Run in the environment of a release: what is installed there, and does it pass the check?

``python -m eam.releases.probe LIBRARY`` prints one line of JSON.
"""

import json
import sys
from importlib.metadata import distributions
from typing import Any

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
        installed, and `checks`, for each backend None or why it did not pass.
    """
    installed = {found.metadata["Name"]: found.version for found in distributions()}
    checks = {name: _fault(name) for name in axis(library).backends}
    return {**facts(), "packages": dict(sorted(installed.items())), "checks": checks}


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
