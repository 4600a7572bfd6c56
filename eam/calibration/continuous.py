"""The answer of `asv continuous` on two versions of eam, run as a user would run it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from asv import util

from ..errors import VersionError
from . import borrow

# asv's default, and the gate's limit at N <= 10^4
FACTORS = (1.1, 1.025)
_CHANGE = re.compile(r"^\|\s*([+-])\s*\|.*\btime_gradient\((\d+), '([\w-]+)'\)")

Changes = dict[tuple[str, int], str]


def compare(
    root: Path, edit: Callable[[Path], None], cases: list[tuple[str, int]], top: Path
) -> dict[float, Changes]:
    """Commit an edit in a clone of HEAD and compare the two commits by `asv continuous`.

    Args:
        root: the checkout to clone.
        edit: changes the clone; it may also do nothing.
        cases: (backend, dimension) of gradients.Toy.time_gradient.
        top: an empty directory to work in.

    Returns:
        For each factor the cases that asv calls changed: "+" slower, "-" faster.
    """
    clone = top / "clone"
    _run(["git", "clone", "-q", str(root), str(clone)], top)
    edit(clone)
    _run(["git", "add", "-A"], clone)
    identity = ["-c", "user.name=eam", "-c", "user.email=eam@localhost"]
    _run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "slower"], clone)
    _configure(clone)
    _run([*_ASV, "machine", "--yes"], clone)
    backends = "|".join(sorted({backend for backend, _ in cases}))
    dimensions = "|".join(sorted({str(dimension) for _, dimension in cases}))
    chosen = rf"gradients\.Toy\.time_gradient\(({dimensions}), '({backends})'\)"
    _run([*_ASV, "continuous", "HEAD~1", "HEAD", "--bench", chosen], clone)
    return {
        factor: parse(
            _run([*_ASV, "compare", "--factor", str(factor), "HEAD~1", "HEAD"], clone), cases
        )
        for factor in FACTORS
    }


def parse(table: str, cases: list[tuple[str, int]]) -> Changes:
    """The marks in the table that `asv compare` prints, for `cases` only."""
    found = (_CHANGE.match(line) for line in table.splitlines())
    marks = {(m[3], int(m[2])): m[1] for m in found if m is not None}
    return {case: mark for case, mark in marks.items() if case in cases}


_ASV = [sys.executable, "-m", "asv"]


def _configure(clone: Path) -> None:
    """An environment that borrows this one's libraries, instead of installing them again."""
    path = clone / "asv.conf.json"
    config = util.load_json(str(path), js_comments=True)
    script = shutil.copy(borrow.__file__, clone)
    borrowing = f"python {script} {Path(np.__file__).parents[1]}"
    runner = "pip+asv_runner"
    matrix = {"req": {runner: config["matrix"]["req"][runner]}}
    install = [borrowing, *config["install_command"]]
    build = [borrowing, *config["build_command"]]
    changed = {**config, "matrix": matrix, "install_command": install, "build_command": build}
    changed.pop("exclude", None)
    path.write_text(json.dumps(changed))


def _run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    # asv continuous ends with 1 where it sees a slowdown
    if done.returncode > 1 or (done.returncode and "continuous" not in command):
        words = (done.stdout + done.stderr).strip()[-2000:]
        raise VersionError(f"{' '.join(command)} failed:\n{words}")
    return done.stdout
