"""Two versions of eam, each in a directory of its own, loaded beside each other in one process."""

import importlib.util
import io
import shutil
import subprocess
import sys
import tarfile
from inspect import signature
from pathlib import Path
from typing import Any

from ..errors import VersionError
from ..measure.serve import Say
from ..measure.worker import run

PACKAGE = "eam"


def repository() -> Path:
    """The git checkout that this eam was imported from, and this process works in.

    Raises:
        VersionError: there is none, or this is another folder.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        raise VersionError(
            f"eam was imported from {root}, which is no git checkout; run this from the top of one"
        )
    if not Path.cwd().is_relative_to(root):
        raise VersionError(
            f"eam was imported from {root}, and this is another folder, without an eam.toml; "
            "to compare functions of your own here, write one with: eam init"
        )
    return root


def commit(root: Path, reference: str) -> str:
    """The full hash of a commit, branch or tag; VersionError if git does not know it."""
    done = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", reference + "^{commit}"
    )
    if done.returncode:
        raise VersionError(
            f"git knows no commit {reference!r}; give a branch, a tag or a hash, such as main or "
            "HEAD~1"
        )
    return done.stdout.decode().strip()


def is_modified(root: Path, below: str = PACKAGE) -> bool:
    """Whether the working tree differs from HEAD, files that git does not know included."""
    return bool(_git(root, "status", "--porcelain", "--", below).stdout.strip())


def extract(root: Path, reference: str, directory: Path, below: str = PACKAGE) -> Path:
    """Write the eam of a commit, or what else is `below` there, to `directory`; returns it."""
    done = _git(root, "archive", "--format=tar", commit(root, reference), "--", below)
    if done.returncode:
        raise VersionError(f"the commit {reference!r} holds no {below}/")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(directory, filter="data")
    return directory


def snapshot(root: Path, directory: Path) -> Path:
    """Copy the working tree's eam below `directory`, as uncommitted as it is."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / PACKAGE, directory / PACKAGE, ignore=ignored)
    return directory


def snapshot_of_all(root: Path, directory: Path) -> Path:
    """Copy the files of the working tree below `directory`, but for those that git ignores."""
    listed = _git(root, "ls-files", "-coz", "--exclude-standard").stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():  # a file that was removed is still listed
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, directory / name)
    return directory


def load(directory: Path, name: str) -> Any:
    """Import the eam below `directory` under another name, apart from any other eam.

    The package imports itself by relative imports only, so the copies share nothing but the
    libraries.
    """
    source = directory / PACKAGE
    spec = importlib.util.spec_from_file_location(
        name, source / "__init__.py", submodule_search_locations=[str(source)]
    )
    if spec is None or spec.loader is None:
        raise VersionError(f"{source} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# What the gate asks of a version.
_REQUIRED = ("backend_names", "prepare", "problem", "Prepared")


def require_comparable(directory: Path, reference: str) -> list[str]:
    """The backends of the eam below `directory`, which is loaded in a process of its own.

    Raises:
        VersionError: it cannot be loaded, is another package, or is too old for the gate.
    """
    outcome = run(examine_here, {"directory": str(directory)})
    if not outcome.succeeded:
        raise VersionError(
            f"the {PACKAGE} of {reference!r} cannot be compared: {outcome.failed}; compare with a "
            "later commit"
        )
    return outcome.value


def examine_here(say: Say, directory: str) -> list[str]:
    """The backends of the eam below `directory`, which this process loads."""
    module = load(Path(directory), "eam_examined")
    lacking = [name for name in _REQUIRED if not hasattr(module, name)]
    if lacking:
        raise VersionError(f"it has no {lacking[0]}, so it is another package or too old")
    if len(signature(module.Prepared.hot_gradient).parameters) < len(("self", "x", "out")):
        raise VersionError("it is too old: its gradients cannot share their memory")
    return list(module.backend_names())


def tell_apart(name: str) -> None:
    """Give the named tuples of the eam that was loaded as `name` names of their own.

    numba's fast way to a compiled function goes by the name of a named tuple's class: with two
    versions in a process, calls of the second take the slow way, 0.3 ms longer.
    """
    for module in [m for key, m in sys.modules.items() if key.startswith(f"{name}.")]:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, tuple)
                and value.__module__ == module.__name__
            ):
                value.__name__ = f"{name}_{value.__qualname__}"


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
