"""The jobs that wait for a node, those that come back, and those that are given up."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence

from .jobs import Job

ATTEMPTS = 3


class Queue:
    """What each machine lacks, job by job.

    Attributes:
        total: how many jobs were missing.
        done: how many are stored now.
        failed: key -> reason, of those that were given up.
        seconds_planned: what all of them but the failed ones should take.
        seconds_done: what those that were measured here should have taken.
    """

    def __init__(
        self, plan: Callable[[str], Iterable[Job]], is_stored: Callable[[Job], bool]
    ) -> None:
        """Nothing is planned yet.

        Args:
            plan: the jobs that a machine lacks, by its name.
            is_stored: whether a job has been stored by somebody else.
        """
        self._plan, self._is_stored = plan, is_stored
        # machine -> place -> jobs, so that a node finds those that it has the environment for
        self._jobs: dict[str, dict[str, deque[Job]]] = {}
        self._again: list[Job] = []
        self._faults: dict[str, list[tuple[str, str]]] = {}  # key -> (host, why it failed there)
        self.total = self.done = 0
        self.failed: dict[str, str] = {}
        self.seconds_planned = self.seconds_done = 0.0

    @property
    def machines(self) -> list[str]:
        """Those that have been planned for."""
        return list(self._jobs)

    def plan_for(self, machine: str) -> bool:
        """Take up what a machine lacks; False if that has been done before."""
        if machine in self._jobs:
            return False
        places = self._jobs[machine] = {}
        for job in self._plan(machine):
            places.setdefault(job.place, deque()).append(job)
            self.seconds_planned += job.seconds
            self.total += 1
        return True

    def take(
        self, machine: str, host: str, places: Sequence[str], others: Collection[str]
    ) -> Job | None:
        """The next job for a node, one that was given back before one that nobody has tried.

        Args:
            machine: of the node.
            host: of the node.
            places: whose environments it has, the best last.
            others: the hosts of the other nodes of its machine that may measure.
        """
        return self._take_again(machine, host, set(others)) or self._take_new(machine, places)

    def _take_again(self, machine: str, host: str, others: set[str]) -> Job | None:
        """A job that was given back; on a node where it failed, only if it failed on all others."""
        for job in self._again:
            tried = {name for name, _ in self._faults.get(job.key, ())}
            if job.machine == machine and (host not in tried or others <= tried):
                self._again.remove(job)
                return job
        return None

    def _take_new(self, machine: str, had: Sequence[str]) -> Job | None:
        """The next job that nobody has stored, at best where the node has the environment."""
        places = self._jobs[machine]
        while places:
            place = next((p for p in reversed(had) if p in places), next(iter(places)))
            job = places[place].popleft()
            if not places[place]:
                del places[place]
            if not self._is_stored(job):
                return job
            self.done += 1
            self.seconds_planned -= job.seconds
        return None

    def return_unmeasured(self, job: Job) -> None:
        """Take a job back that was not begun."""
        self._again.append(job)

    def finish(self, job: Job) -> None:
        """Count a job that is stored."""
        self.done += 1
        self.seconds_done += job.seconds

    def fail(self, job: Job, host: str, why: str) -> int:
        """Take back a job that failed, or give it up after ATTEMPTS; which attempt that was."""
        faults = self._faults.setdefault(job.key, [])
        faults.append((host, why))
        if len(faults) < ATTEMPTS:
            self._again.append(job)
        else:
            self.failed[job.key] = "; ".join(f"{name}: {reason}" for name, reason in faults)
            self.seconds_planned -= job.seconds
        return len(faults)
