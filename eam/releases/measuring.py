"""Measuring an axis: asv's suite on the commits of the generated history, one release at a time.

Releases are taken in the order that spreads them best over the years, so an interrupted run has
the whole axis, only coarser, and no drift of the machine looks like a trend of the library. Beside
each result lie its facts, which say why there is none where there is none.
"""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from asv import environment as asv_environments
from asv.results import get_filename

from ..errors import InstallError, TrackError
from . import environments, history
from .axes import Axis, axis
from .environments import ROOT
from .index import Release
from .locks import Lock, measured

USUAL = 24
# a first guess of the seconds that a release takes, before any was measured
GUESS = 60.0
_TIMEOUT = 3600


@dataclass(frozen=True)
class Job:
    """One release in one environment, to be measured or stored already.

    Attributes:
        lock: what is installed.
        commit: its commit in the generated history.
        path: of its facts, beside asv's result.
    """

    lock: Lock
    commit: str
    path: Path

    @property
    def facts(self) -> dict[str, Any] | None:
        """The stored facts; None if it is yet to be measured."""
        if not self.path.exists():
            return None
        return json.loads(self.path.read_text(encoding="utf-8"))


def plan(releases: Sequence[Release], chosen: Sequence[Release], name: str) -> list[Job]:
    """The jobs of an axis in the order to do them; writes the history and asv's configuration.

    Args:
        releases: all of one library, by upload date.
        chosen: those to measure, in order.
        name: of the machine.
    """
    library = releases[0].library
    commits = history.write(releases)
    history.write_configuration(library, measured(releases))
    results = history.RESULTS / library
    locks = measured(chosen)
    jobs: list[Job] = []
    for release in chosen:
        for lock in locks[release]:
            file = get_filename(name, commits[release], asv_name(lock))
            jobs.append(Job(lock, commits[release], (results / file).with_suffix(".facts")))
    return jobs


def spread(releases: Sequence[Release], most: int) -> list[Release]:
    """At most so many releases: those at a join, the newest, then always the one in a largest gap.

    More of them are the same ones and some others. Distances are in time.
    """
    left = sorted(releases, key=lambda release: (release.uploaded, release.order))
    taken = [left.pop(), *(release for release in left if _is_join(release))]
    left = [release for release in left if release not in taken]
    while left and len(taken) < most:
        furthest = max(left, key=lambda release: _distance(release, taken))
        left.remove(furthest)
        taken.append(furthest)
    return taken


def _is_join(release: Release) -> bool:
    """Whether a release belongs to several stretches of its axis."""
    return sum(part.holds(release.order) for part in axis(release.library).stretches) > 1


def _distance(release: Release, others: Sequence[Release]) -> float:
    return min(abs((release.uploaded - other.uploaded).total_seconds()) for other in others)


def asv_name(lock: Lock) -> str:
    """The name that asv gives the environment of a lock."""
    requirements = dict(lock.environment.requirements)
    return asv_environments.get_env_name("locked", lock.environment.python, requirements, {})


def measure(job: Job, name: str, log: Path) -> dict[str, Any]:
    """Measure one release and store the result; returns its facts, with the reason for none.

    Args:
        job: what to measure.
        name: of the machine.
        log: to append asv's output to.

    Raises:
        TrackError: asv itself failed.
    """
    start = perf_counter()
    library = job.lock.release.library
    facts: dict[str, Any] = _identity(job.lock)
    try:
        folder = environments.environment(job.lock)
        facts |= _probe(folder, library)
    except InstallError as error:
        facts["reason"] = str(error)
    else:
        along = axis(library)
        if passed := [b for b in along.backends if facts["checks"].get(b) is None]:
            _run_asv(job, along, passed, name, log)
        else:
            facts["reason"] = facts["checks"][along.backends[0]]
    facts["seconds"] = round(perf_counter() - start, 1)
    job.path.parent.mkdir(parents=True, exist_ok=True)
    job.path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    environments.trim_cache(library)
    return facts


def _identity(lock: Lock) -> dict[str, Any]:
    release = lock.release
    return {
        "library": release.library,
        "release": release.version,
        "uploaded": release.uploaded.isoformat(),
        "companion": release.companion,
        "python_locked": lock.environment.python,
        "locked": dict(lock.environment.requirements),
        "pins": dict(sorted(lock.pins.items())),
    }


def _probe(folder: Path, library: str) -> dict[str, Any]:
    """Import and check the library in its environment; InstallError with its last words."""
    command = [str(environments.python_of(folder)), "-P", "-m", "eam.releases.probe", library]
    variables = {**os.environ, **environments.variables(folder)}
    variables["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
    if done.returncode:
        words = " | ".join(done.stderr.strip().splitlines()[-3:])
        raise InstallError(f"its check ended with status {done.returncode}: {words}")
    return json.loads(done.stdout.splitlines()[-1])


def _run_asv(job: Job, along: Axis, backends: Sequence[str], name: str, log: Path) -> None:
    patterns = [word for text in benchmarks(along, backends) for word in ("--bench", text)]
    tag = job.lock.release.name
    command = ["run", f"{tag}^!", "--machine", name, "--environment", asv_name(job.lock)]
    command += ["--show-stderr", "--launch-method", "forkserver", *patterns]
    variables = {
        **os.environ,
        "EAM_DIMENSIONS": "1,100,10000,1000000,4000",
        "EAM_BACKENDS": ",".join(backends),
        "PYTHONPATH": str(ROOT),
    }
    with log.open("a", encoding="utf-8") as file:
        print(f"\n{tag}: asv {' '.join(command)}", file=file, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "asv", *command],
            cwd=history.folder(along.library),
            env=variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT,
            check=False,
        )
    # 2: a benchmark failed, which its result says
    if done.returncode not in (0, 2):
        raise TrackError(f"asv failed on {tag} with status {done.returncode}; {log} says why")


def benchmarks(along: Axis, backends: Sequence[str]) -> Iterator[str]:
    """The benchmarks of an axis, each as a pattern that matches the cases to measure."""
    names = "|".join(map(re.escape, backends))
    yield rf"^gradients\.ToyOverhead\.track_.*\((1|100|10000|1000000), '({names})'\)$"
    yield rf"^startup\.FirstCall\.track_first_call\(10000, '({names})'\)$"
    yield rf"^startup\.Import\.timeraw_import\('{re.escape(along.library)}'\)$"
    yield rf"^memory\.Toy\.track_.*\((100|1000000), '({names})'\)$"
    yield rf"^memory\.Toy\.peakmem_gradient\(1000000, '({names})'\)$"
    if along.atoms:
        yield rf"^atoms\.TabulatedOverhead\.track_.*\(4000, '({names})'\)$"


def log_file(library: str) -> Path:
    """Where the output of asv goes."""
    return history.folder(library) / "asv.log"


def seconds_each(jobs: Sequence[Job]) -> float:
    """The mean duration of a release, from those that were measured."""
    taken = [job.facts["seconds"] for job in jobs if job.facts and "reason" not in job.facts]
    return math.fsum(taken) / len(taken) if taken else GUESS
