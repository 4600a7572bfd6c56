"""Whether two nodes of one machine are equal, before their numbers are joined.

Two nodes with one processor and as many cores need not be equally fast: one may be hotter, or share
its memory with a neighbour. So the first node of a machine gives a yardstick, one job, and every
other node measures that job again before it measures anything else. It is joined if the control
agrees within what two processes differ by, and the job within the floor.
"""

import itertools
import json
import math
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..report.asv_format import read_result
from ..report.ratios import BETWEEN_PROCESSES, repeatability
from ..tracking.saving import replace_file
from .jobs import Job
from .worker import Answer


@dataclass
class Bridge:
    """The yardstick of a machine, and the nodes that agree with it.

    Attributes:
        file: where it is kept between sweeps.
        job: the one that every node measures; None until one was measured.
        control: seconds.
        numbers: case -> result.
        hosts: that agree; the first is the one that gave the yardstick.
    """

    file: Path
    job: Job | None = None
    control: float = 0.0
    numbers: dict[str, float] = field(default_factory=dict[str, float])
    hosts: list[str] = field(default_factory=list[str])

    @classmethod
    def load(cls, file: Path) -> "Bridge":
        """The bridge that was kept, or one without a yardstick."""
        if not file.exists():
            return cls(file)
        kept = json.loads(file.read_text(encoding="utf-8"))
        kept["job"] = Job.restored(kept["job"])
        return cls(file, **kept)

    def begin(self, host: str, job: Job, answer: Answer) -> None:
        """Take a job that was measured for the yardstick, if it has numbers."""
        self.numbers = numbers(job, answer)
        if self.numbers:
            self.job, self.control, self.hosts = job, answer.control, [host]
            self._save()

    def join(self, host: str, answer: Answer) -> str | None:
        """Let a node in that measured the yardstick; or say why its numbers cannot be joined."""
        assert self.job is not None
        control = abs(math.log(answer.control / self.control))
        if control > math.log(BETWEEN_PROCESSES):
            return f"its control takes {answer.control / self.control:.2f} times that of {self}"
        again = numbers(self.job, answer)
        common = self.numbers.keys() & again.keys()
        if not common:
            return f"it gave no number for {self.job}, unlike {self}"
        ratio = math.exp(statistics.median(math.log(again[c] / self.numbers[c]) for c in common))
        if abs(math.log(ratio)) > math.log1p(repeatability(1)):
            return f"{self.job} gives {ratio:.2f} times the numbers of {self}"
        self.hosts.append(host)
        self._save()
        return None

    def _save(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in vars(self).items() if name != "file"}
        replace_file(self.file, json.dumps({**kept, "job": vars(self.job)}, indent=1))

    def __str__(self) -> str:
        """The node that gave the yardstick."""
        return self.hosts[0]


def numbers(job: Job, answer: Answer) -> dict[str, float]:
    """The positive numbers of a job: of its tracks, which are ratios mostly, or else all.

    Raises:
        FormatError: the result is not as asv writes it.
    """
    content = answer.files.get(job.file)
    if content is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="eam-sweep-") as folder:
        path = Path(folder, "result.json")
        path.write_bytes(content)
        results = read_result(path)["results"]
    found: dict[str, float] = {}
    for name, row in results.items():
        for case, value in zip(itertools.product(*row["params"]), row["result"], strict=True):
            if value is not None and value > 0.0:
                found[f"{name}({', '.join(case)})"] = value
    tracks = {case: value for case, value in found.items() if ".track_" in case}
    return tracks or found
