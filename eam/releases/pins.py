"""``make pins``: which pinned libraries have been behind their newest release for too long.

A pin is behind once a newer final release has a file for this Python. The dates are those of the
package index; without them it says that nothing is known, and does not fail. A pin whose line in
constraints.txt ends with `# held: REASON` may be behind for any time.

Exit status: 0 no pin is behind for longer than TOLERATED, as far as is known; 1 one is.
"""

import platform
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asv.config import Config
from asv.environment import iter_matrix
from packaging.requirements import Requirement

from ..errors import PackageIndexError
from .index import newer

TOLERATED = timedelta(days=120)


def main() -> int:
    """Print a line for each pin of asv.conf.json that is behind."""
    python = ".".join(platform.python_version_tuple()[:2])
    pins = pinned(Config.load("asv.conf.json"), python)
    try:
        found = {name: behind(name, version, python) for name, version in pins.items()}
    except PackageIndexError as reason:
        print(f"whether the pins are behind is unknown: {reason}", file=sys.stderr)
        return 0
    held = reasons(Path("constraints.txt").read_text(encoding="utf-8"), python)
    is_late = False
    for name, since in found.items():
        if since is None:
            continue
        remark = f"; it is held: {held[name]}" if name in held else ""
        if since > TOLERATED and not remark:
            is_late, remark = True, "; bump it in asv.conf.json and constraints.txt"
        print(f"{name} {pins[name]} has been behind for {since.days} days{remark}")
    return int(is_late)


def pinned(configuration: Any, python: str) -> dict[str, str]:
    """library -> its version, where asv measures with a Python.

    asv's own runner is no library that is measured.
    """
    untyped: Any = iter_matrix("virtualenv", [python], configuration)
    environments: list[dict[tuple[str, str], str | None]] = list(untyped)
    return {
        name: version
        for environment in environments
        for (kind, name), version in environment.items()
        if kind == "req" and version and not name.startswith("pip+")
    }


def reasons(constraints: str, python: str) -> dict[str, str]:
    """library -> why its pin for a Python is held, from the text of constraints.txt."""
    held = re.findall(r"^([^#\n]+)# held: (.+)$", constraints, flags=re.MULTILINE)
    pins = [(Requirement(pin.strip()), reason) for pin, reason in held]
    return {
        pin.name: reason
        for pin, reason in pins
        if pin.marker is None or pin.marker.evaluate({"python_version": python})
    }


def behind(library: str, version: str, python: str) -> timedelta | None:
    """How long a newer release than a version has been there; None if there is none.

    Raises:
        PackageIndexError: the index cannot be reached, or does not say when.
    """
    dates = newer(library, version, python)
    return datetime.now(UTC) - min(dates.values()) if dates else None


if __name__ == "__main__":
    sys.exit(main())
