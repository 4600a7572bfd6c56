"""Jobs: the missing results of commits x releases x models x quantities.

A job is measured in one environment on one node. Of a commit, it is one quantity of one model; of a
library, it is one release in one environment, with everything that `eam releases` measures of it.
Every machine of the cluster gets its whole history, so a plan is made for a machine.
"""

import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asv.results import get_filename

from ..errors import InputError, TrackError
from ..quantities import GRADIENT
from ..releases import measuring
from ..tracking.batches import batches
from ..tracking.stored import Stored, Wanted

COMMITS = "commits"
OTHER = "other"
# A first guess of the seconds in which a commit is installed and its benchmarks are listed.
SETUP = 30.0


@dataclass(frozen=True)
class Job:
    """The work of one node in one go.

    Attributes:
        machine: whose history lacks it.
        history: `commits`, or the library whose releases these are.
        version: the commit, or the release.
        commit: what asv stores it by: the commit, or that of the generated history of releases.
        environment: as asv calls it.
        part: of a commit, model and quantity; empty for a release, which is measured whole.
        cases: that are missing of the part.
        seconds: what it will take, by those that were measured.
    """

    machine: str
    history: str
    version: str
    commit: str
    environment: str
    part: str = ""
    cases: tuple[Wanted, ...] = ()
    seconds: float = measuring.GUESS

    @classmethod
    def restored(cls, written: Mapping[str, Any]) -> "Job":
        """The job whose `vars` were written as JSON."""
        values: dict[str, Any] = dict(written)
        values["cases"] = tuple(Wanted(name, tuple(case)) for name, case in written["cases"])
        return cls(**values)

    @property
    def key(self) -> str:
        """The same for every client, so Dask takes two equal jobs for one."""
        words = self.machine, self.history, self.version, self.environment, self.part
        return "/".join(filter(None, words))

    @property
    def place(self) -> str:
        """The environment, which a node that has measured in it need not make again."""
        return f"{self.history}/{'' if self.history == COMMITS else self.version}"

    @property
    def file(self) -> str:
        """asv's result file, below the folder of the history's results."""
        return get_filename(self.machine, self.commit, self.environment)

    def __str__(self) -> str:
        """For people: commits 1a2b3c4d toy gradient; jax 0.7.2 locked-py3.11-..."""
        short = self.version[:8] if self.history == COMMITS else self.version
        return f"{self.history} {short} {self.part or self.environment}"


def part_of(record: Mapping[str, Any]) -> str:
    """The part that a benchmark belongs to, by asv's record of it: model and quantity."""
    if "model" not in record:
        return OTHER
    return f"{record['model']} {record.get('quantity', GRADIENT)}"


def is_asked(part: str, models: Collection[str] | None, quantities: Collection[str] | None) -> bool:
    """Whether a part is of these models and quantities; None stands for all of them."""
    model, _, quantity = part.rpartition(" ")
    return (models is None or model in models) and (quantities is None or quantity in quantities)


def of_commits(
    machine: str,
    environment: str,
    commits: Iterable[str],
    benchmarks: Mapping[str, Any],
    results: Path,
    models: Collection[str] | None = None,
    quantities: Collection[str] | None = None,
) -> list[Job]:
    """The jobs of some commits, in their order, for the results that are missing.

    Args:
        machine: its name.
        environment: as asv calls it.
        commits: full hashes.
        benchmarks: asv's record of each benchmark of today's suite, by name.
        results: the folder of the results of commits.
        models: names; all without it.
        quantities: names; all without it.
    """
    taken = seconds_by_part(results / machine)
    jobs: list[Job] = []
    for commit in commits:
        file = results / get_filename(machine, commit, environment)
        parts: dict[str, list[Wanted]] = {}
        for case in Stored(file, benchmarks).missing("."):
            parts.setdefault(part_of(benchmarks[case.benchmark]), []).append(case)
        for part, cases in parts.items():
            if is_asked(part, models, quantities):
                guess = SETUP + math.fsum(b.seconds for b in batches(cases, benchmarks))
                where = machine, COMMITS, commit, commit, environment
                jobs.append(Job(*where, part, tuple(cases), taken.get(part, guess)))
    return jobs


def seconds_by_part(folder: Path) -> dict[str, float]:
    """The mean seconds of each part, by the facts beside the stored results of a machine."""
    taken: dict[str, list[float]] = {}
    for path in folder.glob("*.facts"):
        facts = json.loads(path.read_text(encoding="utf-8"))
        for part, seconds in facts.get("seconds_by_part", {}).items():
            taken.setdefault(part, []).append(seconds)
    return {part: statistics.fmean(seconds) for part, seconds in taken.items()}


def of_releases(jobs: Sequence[measuring.Job], machine: str) -> list[Job]:
    """The jobs of the releases of a library that have no result, in the order of `jobs`.

    Args:
        jobs: of :func:`eam.releases.measuring.plan`, for this machine.
        machine: its name.
    """
    seconds = measuring.seconds_each(jobs)
    return [
        Job(
            machine,
            job.lock.release.library,
            job.lock.release.version,
            job.commit,
            measuring.asv_name(job.lock),
            seconds=seconds,
        )
        for job in jobs
        if job.facts is None
    ]


def list_commits(asked: str) -> list[str]:
    """The full hashes of commits and ranges with commas between, the newest first of each.

    Raises:
        InputError: git does not know one of them.
    """
    found: list[str] = []
    for text in asked.split(","):
        single = [] if ".." in text else ["--no-walk"]
        command = ["git", "rev-list", *single, text, "--"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise InputError(f"--commits {text}: {done.stderr.strip()}")
        found += done.stdout.split()
    return list(dict.fromkeys(found))


def list_benchmarks(suite: Path) -> dict[str, dict[str, Any]]:
    """asv's record of each benchmark of a suite, by name; listed by the Python that runs this.

    Raises:
        TrackError: the suite cannot be imported.
    """
    program = (
        "import sys\nfrom asv_runner.discovery import list_benchmarks\n"
        "with open(sys.argv[2], 'w') as file:\n    list_benchmarks(sys.argv[1], file)"
    )
    with tempfile.TemporaryDirectory(prefix="eam-sweep-") as folder:
        listed = Path(folder, "benchmarks.json")
        command = [sys.executable, "-c", program, str(suite), str(listed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise TrackError(f"{suite} cannot be listed: {done.stderr.strip()[-1000:]}")
        return {record["name"]: record for record in json.loads(listed.read_text("utf-8"))}
