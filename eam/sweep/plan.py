"""A request for results, the folders that hold them, and the jobs that a machine lacks."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.environment import get_environments
from asv.util import write_json

from ..releases import history, index, measuring
from . import store
from .bridge import Bridge
from .jobs import COMMITS, Job, list_benchmarks, of_commits, of_releases
from .worker import Answer


@dataclass(frozen=True)
class Plan:
    """A request for results, in the repository of the working directory.

    Attributes:
        commits: full hashes.
        libraries: whose releases.
        most: releases of each library.
        models: of the commits; None for all.
        quantities: of the commits; None for all.
    """

    commits: Sequence[str]
    libraries: Sequence[str] = ()
    most: int = measuring.USUAL
    models: Collection[str] | None = None
    quantities: Collection[str] | None = None

    @cached_property
    def _conf(self) -> Any:
        return Config.load("asv.conf.json")

    @cached_property
    def _benchmarks(self) -> dict[str, dict[str, Any]]:
        return list_benchmarks(Path(self._conf.benchmark_dir).resolve())

    def jobs(self, machine: str) -> list[Job]:
        """The jobs that a machine lacks: the releases, then the commits."""
        found: list[Job] = []
        for library in self.libraries:
            known = index.releases(library)
            chosen = measuring.spread(known, self.most)
            found += of_releases(measuring.plan(known, chosen, machine), machine)
        if self.commits:
            (environment,) = get_environments(self._conf, [])
            asked = self.models, self.quantities
            where = machine, environment.name, self.commits
            found += of_commits(*where, self._benchmarks, self._folder(COMMITS), *asked)
        return found

    def is_stored(self, job: Job) -> bool:
        """Whether a job that was missing has been stored since."""
        if job.history != COMMITS:
            return store.is_stored(job, self._folder(job.history), {})
        return store.is_stored(job, self._folder(COMMITS), self._benchmarks)

    def merge(self, job: Job, answer: Answer) -> None:
        """Store what was measured for a job; FormatError if it is not what was asked for."""
        folder = self._folder(job.history)
        store.merge(job, answer.files, folder)
        listed = Path(Benchmarks.get_benchmark_file_path(str(folder)))
        if not listed.exists():  # asv publishes only what is listed there
            write_json(str(listed), self._benchmarks, Benchmarks.api_version)

    def bridge(self, machine: str) -> Bridge:
        """The bridge between the nodes of a machine, beside asv's environments."""
        return Bridge.load(Path(".asv", "sweep", f"{machine}.json"))

    def _folder(self, name: str) -> Path:
        return Path(self._conf.results_dir) if name == COMMITS else history.RESULTS / name


def seconds_on(jobs: Sequence[Job], nodes: int) -> float:
    """The time of the jobs on so many nodes: never less than the longest of them."""
    seconds = [job.seconds for job in jobs]
    return max(max(seconds, default=0.0), math.fsum(seconds) / nodes)
