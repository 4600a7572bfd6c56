"""Finding the files of a repository that define a function to track, without running them."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from ..own.source import REQUIRED


def top_of_repository(folder: Path) -> Path:
    """The top of the git repository that a folder is in.

    Raises:
        InputError: it is in none.
    """
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode:
        raise InputError(f"{folder} is in no git repository, whose commits asv measures; git init")
    return Path(done.stdout.strip())


def functions_in(top: Path) -> list[str]:
    """The files that define `energy`, `gradient` and `x0`, by their paths from the top."""
    listed = _git(top, "ls-files", "-co", "--exclude-standard", "*.py").stdout.splitlines()
    return [name for name in sorted(listed) if _defined(top / name) >= REQUIRED.keys()]


def imports_of(path: Path) -> set[str]:
    """The packages that a file imports, at its top or within a function."""
    return set(_imported(path))


def _defined(path: Path) -> set[str]:
    return {node.name for node in _tree(path).body if isinstance(node, ast.FunctionDef)}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _tree(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
