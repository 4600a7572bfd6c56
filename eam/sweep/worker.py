"""The code that runs on a node: its facts, and a job measured as `eam track` and `eam releases` do.

A job runs in a process of its own, which a Dask worker starts and which ends with that worker. It
takes the lock that all measurements on a machine take, and refuses where the machine is busy. Its
results go to a new folder and from there to the client, so what a node has stored before, or shares
with other nodes, is neither read nor written.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import timeit
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np
from asv.machine import Machine

from .. import __version__
from ..errors import BusyError, EamError, InstallError, TrackError
from ..measure.lock import only_measurement
from ..measure.processes import group_of_processes
from ..releases import history, index, measuring
from ..releases.environments import ENVIRONMENTS, KEPT, ROOT
from ..releases.locks import locks
from ..tracking import rot
from ..tracking.batches import batches
from ..tracking.ending import ending_at_signals
from ..tracking.machine import describe_machine, machine_name, name_of
from ..tracking.measuring import measure as measure_batch
from ..tracking.measuring import store_facts
from ..tracking.session import Session
from ..tracking.stored import Stored
from .jobs import COMMITS, Job

_BUSY = 75  # the exit status of a job's process that found the machine busy (EX_TEMPFAIL)
LONGEST = 7200.0  # seconds until a job is given up
_TOOLS = ("pip", "virtualenv", "uv")


class Facts(TypedDict):
    """The facts that a node tells of itself.

    Attributes:
        host: its name in the network.
        machine: its name in results.
        is_really: what its processor and cores would be named.
        eam: the version.
        suite: the commit of the checkout that it measures with, and whether files differ from it.
        python: such as 3.11.
        lacks: the tools that it needs and does not have.
        free: bytes on the disk where environments are made.
        clock: seconds since 1970.
        places: of the jobs whose environments it has.
    """

    host: str
    machine: str
    is_really: str
    eam: str
    suite: str
    python: str
    lacks: list[str]
    free: int
    clock: float
    places: list[str]


class Answer(NamedTuple):
    """The answer of a node to a job.

    Attributes:
        files: path below the folder of the history's results -> content.
        control: seconds that the control took just before.
        busy: how busy the machine is, if it is too busy to measure.
        failure: why there are no results, if there are none.
    """

    files: dict[str, bytes]
    control: float = 0.0
    busy: str = ""
    failure: str = ""


def top() -> Path:
    """The checkout that is measured: where this process runs, or else eam's own."""
    here = Path.cwd()
    return here if (here / "asv.conf.json").exists() else ROOT


def home() -> Path:
    """Where environments are kept: EAM_ENVIRONMENTS, or a folder that no other node has."""
    own = ROOT / ".asv" / "nodes" / platform.node()
    return Path(os.environ.get("EAM_ENVIRONMENTS", own)).resolve()


def examine() -> Facts:
    """The facts of this node."""
    home().mkdir(parents=True, exist_ok=True)
    for left in home().glob("job-*"):  # by workers that were killed
        if time.time() - left.stat().st_mtime > LONGEST:
            shutil.rmtree(left, ignore_errors=True)
    lacks = [name for name in _TOOLS if find_spec(name) is None]
    return {
        "host": platform.node(),
        "machine": machine_name(),
        "is_really": name_of(Machine.get_defaults()),
        "eam": __version__,
        "suite": suite_version(),
        "python": python_version(),
        "lacks": lacks + ["git"] * (shutil.which("git") is None),
        "free": shutil.disk_usage(home()).free,
        "clock": time.time(),
        "places": _places(),
    }


def suite_version() -> str:
    """The commit of the checkout, with -dirty if a file differs from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, cwd=top(), capture_output=True, text=True, check=False)
    return done.stdout.strip()


def python_version() -> str:
    """The Python of this process: 3.11."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _places() -> list[str]:
    file = home() / "places"
    return file.read_text(encoding="utf-8").split("\n")[-KEPT:] if file.exists() else []


def measure(job: Job, *, even_if_busy: bool = False) -> Answer:
    """Measure a job in a process of its own; runs in a Dask worker."""
    with (
        tempfile.TemporaryDirectory(dir=home(), prefix="job-") as folder,
        group_of_processes() as group,
        Path(folder, "log").open("w+", encoding="utf-8") as log,
    ):
        Path(folder, "job.json").write_text(json.dumps(vars(job)), encoding="utf-8")
        variables = {**os.environ, "EAM_ENVIRONMENTS": str(home())}
        # Dask sets this for its workers; a measurement is as it is without Dask
        variables.pop("MALLOC_TRIM_THRESHOLD_", None)
        done = subprocess.run(
            [sys.executable, "-m", "eam.sweep.worker", folder, *["busy"] * even_if_busy],
            cwd=top(),
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=group,
            timeout=LONGEST,
            check=False,
        )
        log.seek(0)
        last = " | ".join(log.read().strip().splitlines()[-3:])
        if done.returncode == _BUSY:
            return Answer({}, busy=last)
        if done.returncode:
            return Answer({}, failure=f"status {done.returncode}: {last}")
        with (home() / "places").open("a", encoding="utf-8") as places:
            places.write(f"\n{job.place}")
        results = Path(folder, "results")
        files = (path for path in (results / job.machine).glob("*.*") if path.is_file())
        return Answer(
            {str(path.relative_to(results)): path.read_bytes() for path in files},
            control=float(Path(folder, "control").read_text(encoding="utf-8")),
        )


def main() -> int:
    """Measure the job of a folder into it; 0, _BUSY, or 1 if that did not work."""
    folder, even_if_busy = Path(sys.argv[1]), "busy" in sys.argv[2:]
    job = Job.restored(json.loads((folder / "job.json").read_text(encoding="utf-8")))
    try:
        with only_measurement() as temporary, ending_at_signals(temporary):
            state = rot.busy()
            if state and not even_if_busy:
                raise BusyError(state)
            (folder / "control").write_text(str(control()), encoding="utf-8")
            here = measure_commit if job.history == COMMITS else measure_release
            here(job, folder / "results", state)
    except BusyError as error:
        print(error)
        return _BUSY
    except EamError as error:
        print(error)
        return 1
    return 0


def control() -> float:
    """Seconds of a frozen kernel, one that the benchmark `control.Control` times too."""
    x = np.linspace(0.0, 1.0, 100_000)
    out = np.empty_like(x)
    return min(timeit.repeat(lambda: np.exp(x, out), number=20, repeat=25)) / 20.0


def measure_commit(job: Job, results: Path, state: str | None) -> None:
    """Measure what is missing of one part of a commit, as `eam track` does.

    Raises:
        TrackError: asv cannot, or it would make another environment here.
    """
    start = time.perf_counter()
    session = Session(commit=job.commit, results=results, environments=ENVIRONMENTS / "env")
    if session.environment.name != job.environment:
        raise TrackError(f"asv makes {session.environment.name} here, not {job.environment}")
    stored = Stored(session.result_file, session.benchmarks)
    offered = set(stored.missing("."))
    wanted = [case for case in job.cases if case in offered]
    for batch in batches(wanted, session.benchmarks):
        measure_batch(session, batch)
    absent = [case for case in job.cases if case not in offered]
    Stored(session.result_file, session.benchmarks).note_absent(absent)
    seconds = round(time.perf_counter() - start, 1)
    store_facts(session, state, seconds_by_part={job.part: seconds})


def measure_release(job: Job, results: Path, state: str | None) -> None:
    """Measure a release in one environment, as `eam releases` does.

    Raises:
        InstallError: this node knows the releases otherwise than the client does.
        TrackError: asv cannot.
    """
    describe_machine()
    known = index.releases(job.history)
    release = index.find(known, job.version)
    found = [lock for lock in locks(release) if measuring.asv_name(lock) == job.environment]
    if not found or history.write(known)[release] != job.commit:
        raise InstallError(f"{release.name} has another lock on this node than on the client")
    history.write_configuration(job.history, {release: found}, results)
    facts = (results / job.file).with_suffix(".facts")
    log = measuring.log_file(job.history)
    measuring.measure(measuring.Job(found[0], job.commit, facts), job.machine, log)


if __name__ == "__main__":
    sys.exit(main())
