"""The rounds of the calibration: each compares every case once, through the gate or through asv."""

import hashlib
import inspect
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, WorkerError
from ..gate import comparison, side_by_side, versions
from ..measure import timing, worker
from ..models import problem as make_problem
from . import continuous, extra_work, slowdown

# A sample of the ways to call a gradient, so that a night holds enough trials of each: an array
# operation, compiled code, and two dispatchers. It does not follow the registry: rounds that are
# stored would no longer belong together.
BACKENDS = ("numpy", "numba", "jax", "torch")
DIMENSIONS = (100, 10_000, 1_000_000)
CASES = [(backend, dimension) for backend in BACKENDS for dimension in DIMENSIONS]
PERCENT = (5, 10, 20)
TOOLS = ("gate", "asv")
# The order of rounds: (tool, extra work in %). Identical code most often, since it must never
# alarm, and a small rate needs many trials.
CYCLE = (
    *(("gate", percent) for percent in (0, 5, 0, 10, 0, 20)),
    *(("asv", percent) for percent in (0, 5, 10, 20)),
)
# What decides a verdict; rounds from before an edit of these are not mixed with later ones.
PROTOCOL = [
    Path(inspect.getfile(module))
    for module in (comparison, side_by_side, timing, extra_work, slowdown)
]
MARKS = {
    comparison.SLOWER: "+",
    comparison.FASTER: "-",
    comparison.UNCLEAR: "?",
    comparison.SAME: "",
}


@dataclass
class Trial:
    """One comparison: `verdict` is '+' slower, '-' faster, '?' unclear or '' the same."""

    rule: str
    percent: int
    backend: str
    dimension: int
    verdict: str
    ratio: float | None = None


@dataclass
class Rounds:
    """What was found so far.

    Attributes:
        protocol: a hash of the files that decide a verdict.
        rounds: how many of each tool.
        seconds: that they took.
        trials: their comparisons.
        work: steps of extra work for each of PERCENT, by "backend N", as measured here.
    """

    protocol: str
    rounds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOOLS, 0))
    seconds: float = 0.0
    trials: list[Trial] = field(default_factory=list[Trial])
    work: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    @staticmethod
    def load(store: Path, fresh: bool) -> "Rounds":
        """The rounds stored so far; new ones if there are none, or `fresh` ones are asked for.

        Raises:
            InputError: they were not measured as rounds are measured now.
        """
        protocol = hashlib.sha256(b"".join(path.read_bytes() for path in PROTOCOL)).hexdigest()
        if fresh or not store.exists():
            return Rounds(protocol)
        stored: dict[str, Any] = json.loads(store.read_text())
        if stored.get("protocol") != protocol:
            raise InputError(
                f"the rounds in {store} were measured by another version of the gate; discard "
                "them with --fresh"
            )
        stored["trials"] = [Trial(**trial) for trial in stored["trials"]]
        return Rounds(**stored)

    def save(self, store: Path) -> None:
        """Write them where :meth:`load` finds them."""
        store.parent.mkdir(exist_ok=True)
        store.write_text(json.dumps(asdict(self)))

    def next(self, tools: Sequence[str]) -> tuple[str, int]:
        """The tool and the extra work of the next round, each tool at its own pace."""
        order = {tool: [step for step in CYCLE if step[0] == tool] for tool in tools}
        tool = min(tools, key=lambda name: self.rounds[name] / len(order[name]))
        return order[tool][self.rounds[tool] % len(order[tool])]

    def measure(self, root: Path, tool: str, percent: int) -> list[Trial]:
        """Measure one round, add it, and return its trials."""
        began = time.monotonic()
        self.work = self.work or _measured_work()
        with tempfile.TemporaryDirectory(prefix="eam-calibrate-") as directory:
            through = _through_asv if tool == "asv" else _through_the_gate
            trials = through(root, Path(directory), percent, self.work)
        self.trials += trials
        self.rounds[tool] += 1
        self.seconds += time.monotonic() - began
        return trials


def _measured_work() -> dict[str, list[int]]:
    question = {
        "backends": BACKENDS,
        "dimensions": DIMENSIONS,
        "fractions": [percent / 100 for percent in PERCENT],
    }
    outcome = worker.run(extra_work.calibrate_work, question)
    if not outcome.succeeded:
        raise WorkerError(f"the extra work could not be calibrated: {outcome.failed}")
    return outcome.value


def _slow_down(tree: Path, percent: int, work: dict[str, list[int]]) -> None:
    if percent:
        column = PERCENT.index(percent)
        extra_work.slow_down(tree, {case: steps[column] for case, steps in work.items()})


def _through_the_gate(
    root: Path, top: Path, percent: int, work: dict[str, list[int]]
) -> list[Trial]:
    base = versions.snapshot(root, top / "base")
    head = versions.snapshot(root, top / "head")
    _slow_down(head, percent, work)
    rows = [
        comparison.Comparison(b, d, comparison.limit(make_problem("toy", d).x0.size))
        for b, d in CASES
    ]
    comparison.compare(base, head, "toy", rows)
    return [
        Trial("gate", percent, row.backend, row.dimension, MARKS[row.verdict], row.ratio)
        for row in rows
        if row.verdict in MARKS
    ]


def _through_asv(root: Path, top: Path, percent: int, work: dict[str, list[int]]) -> list[Trial]:
    changes = continuous.compare(root, lambda tree: _slow_down(tree, percent, work), CASES, top)
    return [
        Trial(f"asv continuous, factor {factor:g}", percent, *case, found.get(case, ""))
        for factor, found in changes.items()
        for case in CASES
    ]
