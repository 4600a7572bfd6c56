"""Environments by uv: a second each from its cache, and hard links instead of copies.

An environment holds what its lock says and nothing else, and finds the eam of this checkout. What
grows is uv's cache, by some 350 MB a release of JAX, so there is one for releases alone, which is
emptied of the library when it grows beyond a limit.
"""

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from ..errors import InstallError, MissingToolError
from .axes import axis
from .locks import Lock

ROOT = Path(__file__).parents[2]
# where environments are kept, of releases and of commits
ENVIRONMENTS = Path(os.environ.get("EAM_ENVIRONMENTS", ROOT / ".asv"))
HOME = ENVIRONMENTS / "releases"
CACHE = HOME / "cache"
# of uv's cache, in bytes, and what must be free on the disk before anything is installed
LARGEST_CACHE = 12_000_000_000
LEAST_FREE = 2_000_000_000
# of environments that are compared, each a few MB of its own
KEPT = 40
_LOCK = "lock.txt"
_TIMEOUT = 900


def interpreter(python: str) -> Path:
    """A Python of a version such as 3.12, on the path or among pyenv's; InstallError if none."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += [version / "bin" for version in sorted(pyenv.glob(f"versions/{python}.*"))]
    for folder in folders:
        candidate = folder / f"python{python}"
        # pyenv's shims are there for Pythons that do not run
        if candidate.exists() and _runs(candidate):
            return candidate
    raise InstallError(f"Python {python} is not on this machine; install it as python{python}")


def _runs(python: Path) -> bool:
    command = [str(python), "-I", "-c", "import venv"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def install(lock: Lock, folder: Path) -> None:
    """Make an environment, or change one in place, to hold exactly what a lock says.

    Raises:
        InstallError: no such Python, no room, or uv's reason; the environment is removed.
    """
    written = folder / _LOCK
    if written.exists() and written.read_text(encoding="utf-8") == lock.text:
        return
    HOME.mkdir(parents=True, exist_ok=True)
    _require_room(lock)
    written.unlink(missing_ok=True)
    shutil.rmtree(folder / "caches", ignore_errors=True)
    try:
        if not python_of(folder).exists():
            python = interpreter(lock.environment.python)
            _uv("venv", "--clear", "--python", str(python), str(folder))
        _sync(lock, folder)
    except InstallError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    written.write_text(lock.text, encoding="utf-8")


def _sync(lock: Lock, folder: Path) -> None:
    along = axis(lock.release.library)
    requirements = folder / "requirements.txt"
    requirements.write_text(lock.text, encoding="utf-8")
    # only the library itself may be built from source: old ones of pure Python have no wheels
    others = [word for name in lock.pins for word in ("--only-binary", name)]
    at = others.index(along.library)
    del others[at - 1 : at + 1]
    python = str(python_of(folder))
    _uv("pip", "sync", "--python", python, *along.install_options, *others, str(requirements))
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "eam.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def variables(folder: Path) -> dict[str, str]:
    """The variables that place compiled code in the environment of the release that compiled it."""
    caches = folder / "caches"
    return {
        "NUMBA_CACHE_DIR": str(caches / "numba"),
        "PYTENSOR_FLAGS": f"base_compiledir={caches / 'pytensor'}",
        "TORCHINDUCTOR_CACHE_DIR": str(caches / "torch"),
    }


def environment(lock: Lock, copy: int = 0) -> Path:
    """A folder with the environment of a lock; copies of it are alike in all but a digit.

    All paths are equally long, since that alone may move a time. Those not used for longest go.

    Raises:
        InstallError: as :func:`install`.
    """
    key = hashlib.sha256(f"{lock.release.library} {copy} {lock.text}".encode()).hexdigest()[:12]
    folder = HOME / "environments" / key
    install(lock, folder)
    os.utime(folder)
    others = sorted(folder.parent.iterdir(), key=lambda other: other.stat().st_mtime)
    for old in others[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def trim_cache(library: str, largest: int = LARGEST_CACHE) -> None:
    """Empty uv's cache of a library and its companion where all of it is larger than `largest`."""
    if _size(CACHE) > largest:
        along = axis(library)
        _uv("cache", "clean", *filter(None, (along.library, along.companion)))


def _size(top: Path) -> int:
    """Bytes in all files below a folder; what goes meanwhile counts as nothing."""
    total = 0
    for folder, _, names in os.walk(top):
        for name in names:
            with suppress(OSError):
                total += Path(folder, name).lstat().st_size
    return total


def _require_room(lock: Lock) -> None:
    free = shutil.disk_usage(HOME).free
    if free < LEAST_FREE:
        raise InstallError(
            f"{free / 1e9:.1f} GB are free at {HOME}, less than the {LEAST_FREE / 1e9:.0f} GB that "
            f"installing {lock.release.name} may take; remove {CACHE} or make room"
        )


def _uv(*arguments: str) -> str:
    try:
        from uv import find_uv_bin
    except ModuleNotFoundError as error:
        raise MissingToolError("an axis of releases", "uv", "releases") from error
    command = [find_uv_bin(), *arguments, "--cache-dir", str(CACHE), "--quiet"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"uv did not end within {_TIMEOUT} s") from None
    if done.returncode:
        raise InstallError(" ".join(done.stderr.split()) or f"uv ended with {done.returncode}")
    return done.stdout
