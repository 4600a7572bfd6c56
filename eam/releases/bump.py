"""``make bump``: a newer release of each pinned library, each in a commit of its own.

A pin stands in asv.conf.json, where asv measures it, and in constraints.txt, where CI tests it. A
pin with `# held: REASON` stays. `make lock` then says whether the new release fits the others; if
it does not, the pin stays too, and the reason is printed. The commits are proposals: the tests
have not run.

Exit status: 0 every newer release is committed, 1 some do not fit the others, 2 the working tree
has changes, or the package index does not answer.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asv.config import Config
from packaging.requirements import Requirement
from packaging.version import Version

from ..errors import EamError, InputError
from .axes import PYTHONS
from .index import newest
from .pins import pinned

CONFIGURATION, CONSTRAINTS, LOCK = "asv.conf.json", "constraints.txt", "requirements-ci.txt"


@dataclass(frozen=True)
class Bump:
    """A pin and the release that it is behind."""

    library: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.library} {self.old} -> {self.new}"


def main() -> int:
    """Commit each bump that fits; print a line for each."""
    try:
        # the last first: the new version of one pin may be the old one of the pin below it
        bumps = list(proposals())[::-1]
        if _git("status", "--porcelain", "--untracked-files=no"):
            raise InputError("commit the changes of the working tree first")
    except EamError as reason:
        print(f"eam: {reason}", file=sys.stderr)
        return 2
    fits = [_committed(bump) for bump in bumps]
    if not bumps:
        print("every pin is the newest release that its Pythons can have, or is held")
    return 0 if all(fits) else 1


def proposals() -> Iterator[Bump]:
    """The pins that are behind, of what asv measures.

    Raises:
        PackageIndexError: the index cannot be reached.
    """
    configuration = Config.load(CONFIGURATION)
    measured = {name for python in PYTHONS for name in pinned(configuration, python)}
    for line in Path(CONSTRAINTS).read_text(encoding="utf-8").splitlines():
        pin, _, remark = line.partition("#")
        if not pin.strip() or "held:" in remark:
            continue
        requirement = Requirement(pin.strip())
        if requirement.name in measured and (new := _newest(requirement)):
            old = str(requirement.specifier).removeprefix("==")
            if Version(new) > Version(old):
                yield Bump(requirement.name, old, new)


def _newest(pin: Requirement) -> str | None:
    """The newest release that each Python of a pin can have; None if one can have none."""
    marker = pin.marker
    pythons = [p for p in PYTHONS if marker is None or marker.evaluate({"python_version": p})]
    found = [newest(pin.name, python)[0] for python in pythons]
    versions = [Version(version) for version in found if version]
    return str(min(versions)) if versions and len(versions) == len(found) else None


def _committed(bump: Bump) -> bool:
    """Write a bump and commit it, if `make lock` finds that it fits."""
    edit(bump)
    locked = subprocess.run(["make", "-s", "lock"], capture_output=True, text=True, check=False)
    if locked.returncode:
        _git("checkout", "--", CONFIGURATION, CONSTRAINTS, LOCK)
        print(f"{bump}: not bumped. {locked.stderr.strip()}")
        return False
    _git("commit", "-q", "-m", f"Pins: {bump}", "--", CONFIGURATION, CONSTRAINTS, LOCK)
    print(f"{bump}: committed")
    return True


def edit(bump: Bump) -> None:
    """Replace a version in both files, also in the rules of asv.conf.json that exclude it."""
    name = re.escape(bump.library)
    _replace(CONSTRAINTS, rf"(?m)^({name}==){re.escape(bump.old)}(?![\w.])", bump.new)
    # a rule is a regular expression, in which JSON doubles the backslashes
    rules = [re.escape(version).replace("\\", "\\\\") for version in (bump.old, bump.new)]
    for old, new in ((bump.old, bump.new), rules):
        before = rf'("{name}"\s*:\s*(?:\[[^\]]*)?"){re.escape(old)}(?=")'
        _replace(CONFIGURATION, before, new)


def _replace(file: str, pattern: str, new: str) -> None:
    """Replace what a pattern matches in a file, except for its first group."""
    text = Path(file).read_text(encoding="utf-8")
    text = re.sub(pattern, lambda found: found[1] + new, text)
    Path(file).write_text(text, encoding="utf-8")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
