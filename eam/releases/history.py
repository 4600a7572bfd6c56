"""A git history of locks, for asv: a branch a library, a commit a release.

A commit is dated by the upload of its release and tagged with its name, and its tree is the locks
of that release. Author, dates and texts are fixed, so the hashes are the same on every machine and
results of several machines are shown together. In the folder of a library there is a configuration
of asv: `asv run`, `asv compare jax-0.7.2 jax-0.8.0`, `asv find` and `asv publish` work there.
"""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import TrackError
from .environments import HOME, ROOT
from .index import Release
from .locks import Lock, environments, locks

REPOSITORY = HOME / "history.git"
RESULTS = ROOT / "results" / "releases"
_AUTHOR = "eam releases <releases@eam.invalid>"


def folder(library: str) -> Path:
    """Where asv is run for a library."""
    return HOME / library


def write(releases: Sequence[Release]) -> dict[Release, str]:
    """Write the branch of a library, if it is not there as it should be.

    Args:
        releases: of one library, by upload date.

    Returns:
        The commit of each release.
    """
    library = releases[0].library
    if not REPOSITORY.exists():
        HOME.mkdir(parents=True, exist_ok=True)  # git makes one folder, not its parents
        _git("init", "--quiet", "--bare", f"--initial-branch={library}")
    _git("fast-import", "--quiet", "--force", text=_stream(library, releases))
    hashes = _git("rev-list", "--reverse", library).split()
    return dict(zip(releases, hashes, strict=True))


def _stream(library: str, releases: Iterable[Release]) -> str:
    """The branch as `git fast-import` reads it; `reset` makes the first commit a root."""
    parts = [f"reset refs/heads/{library}\n"]
    for release in releases:
        when = f"{_AUTHOR} {int(release.uploaded.timestamp())} +0000"
        parts += [
            f"commit refs/heads/{library}\n",
            f"author {when}\ncommitter {when}\n",
            _data(f"{release.library} {release.version}\n"),
            "deleteall\n",
        ]
        for lock in locks(release):
            parts += [f"M 100644 inline {lock.environment.file}\n", _data(lock.text)]
        parts.append(f"\nreset refs/tags/{release.name}\nfrom refs/heads/{library}\n\n")
    return "".join(parts)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def write_configuration(
    library: str, chosen: Mapping[Release, Sequence[Lock]], results: Path | None = None
) -> Path:
    """Write asv's configuration for a library, with the environments of its locks.

    Args:
        library: its name.
        chosen: the locks.
        results: the folder for results; that of this checkout without it.
    """
    configuration: dict[str, Any] = {
        "version": 1,
        "project": f"eam over releases of {library}",
        "repo": str(REPOSITORY),
        "branches": [library],
        "environment_type": "locked",
        "plugins": [".eam.releases.asv_environment"],
        "pythons": [],
        "include": [
            {"python": environment.python, "req": dict(environment.requirements)}
            for environment in environments(chosen)
        ],
        "launch_method": "auto",
        "default_benchmark_timeout": 180,
        "benchmark_dir": str(ROOT / "benchmarks"),
        "env_dir": "env",
        "results_dir": str(results or RESULTS / library),
        "html_dir": "html",
    }
    path = folder(library) / "asv.conf.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(configuration, indent=4) + "\n", encoding="utf-8")
    return path


def _git(*arguments: str, text: str | None = None) -> str:
    command = ["git", "--git-dir", str(REPOSITORY), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TrackError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout
