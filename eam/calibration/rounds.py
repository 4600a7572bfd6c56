"""The rounds of the calibration: each compares every case once, through the gate or through asv.

What they find is stored after each round, so an interrupted calibration resumes.
"""

import hashlib
import inspect
import json
import tempfile
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, WorkerError
from ..gate import comparison, side_by_side, versions
from ..measure import timing, worker
from ..models import problem as make_problem
from ..tracking.machine import machine_name
from . import continuous, extra_work, load, series, slowdown
from .series import INSIDE, SAME_CODE, Series

# What decides a verdict; rounds from before an edit of these are not mixed with later ones.
PROTOCOL = [
    Path(inspect.getfile(module))
    for module in (comparison, side_by_side, timing, extra_work, slowdown, series)
]
MARKS = {
    comparison.SLOWER: "+",
    comparison.FASTER: "-",
    comparison.UNCLEAR: "?",
    comparison.TOO_BUSY: "?",
    comparison.SAME: "",
}


@dataclass
class Trial:
    """One comparison.

    Attributes:
        rule: what judged, such as "asv continuous, factor 1.1"; a series of the gate, by its name.
        change: of the new version.
        verdict: '+' slower, '-' faster, '?' unclear, or '' the same.
        ratio: new over old.
        ratios: that of each process.
    """

    rule: str
    change: str
    backend: str
    dimension: int
    verdict: str
    ratio: float | None = None
    ratios: list[float] = field(default_factory=list[float])


@dataclass
class Done:
    """The rounds of one series.

    Attributes:
        protocol: a hash of the files that decide a verdict.
        machine: on which they were measured.
        rounds: their number.
        seconds: that they took.
        work: steps of extra work for each percentage, by "backend dimension".
        sizes: x.size, by dimension.
    """

    protocol: str
    machine: str
    rounds: int = 0
    seconds: float = 0.0
    trials: list[Trial] = field(default_factory=list[Trial])
    work: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    sizes: dict[str, int] = field(default_factory=dict[str, int])

    def measure(self, root: Path, asked: Series) -> list[Trial]:
        """Measure the next round, add it, and return its trials."""
        began = time.monotonic()
        change = asked.changes[self.rounds % len(asked.changes)]
        self.sizes = {str(d): make_problem(asked.model, d).x0.size for d in asked.dimensions}
        if change not in (SAME_CODE, *INSIDE):
            self.work = self.work or _measured_work(asked)
        with tempfile.TemporaryDirectory(prefix="eam-calibrate-") as directory:
            through = _through_asv if asked.key == "asv" else _through_the_gate
            with load.load() if asked.is_loaded else nullcontext():
                trials = through(root, Path(directory), asked, change, self)
        self.trials += trials
        self.rounds += 1
        self.seconds += time.monotonic() - began
        return trials


def store_in(results: Path) -> Path:
    """The file of this machine below the folder of results."""
    return results / "calibration" / f"{machine_name()}.json"


def read(store: Path) -> dict[str, Done]:
    """Read the stored rounds, by the name of the series."""
    if not store.exists():
        return {}
    stored: dict[str, Any] = json.loads(store.read_text(encoding="utf-8"))
    found: dict[str, Done] = {}
    for name, done in stored.items():
        trials = [Trial(**trial) for trial in done.pop("trials")]
        found[name] = Done(**done, trials=trials)
    return found


def write(store: Path, found: dict[str, Done]) -> None:
    """Store them where :func:`read` finds them."""
    store.parent.mkdir(parents=True, exist_ok=True)
    new = store.with_suffix(".new")
    text = json.dumps({name: asdict(done) for name, done in found.items()})
    new.write_text(text, encoding="utf-8")
    new.replace(store)


def resume(found: dict[str, Done], asked: Series, machine: str, fresh: bool) -> Done:
    """The rounds of a series so far; new ones if there are none, or `fresh` ones are asked for.

    Raises:
        InputError: they were not measured as rounds are measured now, or elsewhere.
    """
    protocol = hashlib.sha256(b"".join(path.read_bytes() for path in PROTOCOL)).hexdigest()
    if fresh or asked.name not in found:
        found[asked.name] = Done(protocol, machine)
    done = found[asked.name]
    if (done.protocol, done.machine) != (protocol, machine):
        raise InputError(
            f"the stored rounds of '{asked.name}' were measured by another version of the gate, or "
            "on another machine; discard them with --fresh"
        )
    return done


def _measured_work(asked: Series) -> dict[str, list[int]]:
    question = {
        "model": asked.model,
        "backends": asked.backends,
        "dimensions": asked.dimensions,
        "fractions": series.percentages(asked.changes),
    }
    outcome = worker.run(extra_work.calibrate_work, question)
    if not outcome.succeeded:
        raise WorkerError(f"the extra work could not be calibrated: {outcome.failed}")
    return outcome.value


def _change(tree: Path, asked: Series, change: str, work: dict[str, list[int]]) -> None:
    """Edit the eam below `tree`."""
    if change in INSIDE:
        name, old, new = INSIDE[change]
        text = (tree / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} is not as the calibration knows it"
        (tree / name).write_text(text.replace(old, new), encoding="utf-8")
    elif change != SAME_CODE:
        fractions = series.percentages(asked.changes)
        column = fractions.index(series.percentages([change])[0])
        extra_work.slow_down(tree, {case: steps[column] for case, steps in work.items()})


def _through_the_gate(root: Path, top: Path, asked: Series, change: str, done: Done) -> list[Trial]:
    base = versions.snapshot(root, top / "base")
    head = versions.snapshot(root, top / "head")
    _change(head, asked, change, done.work)
    sizes = {d: done.sizes[str(d)] for d in asked.dimensions}
    rows = comparison.plan(asked.backends, sizes, [comparison.GRADIENT], asked.limits)
    comparison.compare(base, head, asked.model, rows)
    return [
        Trial(
            asked.name,
            change,
            row.backend,
            row.dimension,
            MARKS[row.verdict],
            round(row.ratio, 5),
            [round(ratio, 5) for ratio in row.ratios],
        )
        for row in rows
        if row.verdict in MARKS
    ]


def _through_asv(root: Path, top: Path, asked: Series, change: str, done: Done) -> list[Trial]:
    changes = continuous.compare(
        root, lambda tree: _change(tree, asked, change, done.work), asked.cases, top
    )
    return [
        Trial(f"{asked.name}, factor {factor:g}", change, *case, found.get(case, ""))
        for factor, found in changes.items()
        for case in asked.cases
    ]
