"""How often the gate of releases is wrong: a release against itself, and against slower selves.

Each trial is a comparison as the gate makes it, of one release in four environments; side B does
0, 5 or 10 % more real work. Trials are stored one by one, so an interrupted run resumes.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..releases import environments, pair, sides
from ..releases.axes import axis

EXTRA = (0.0, 0.05, 0.10)
# of trials without extra work for one with 5 % and one with 10 %
ALIKE = 5
DIMENSIONS = (100, 10_000, 1_000_000)


@dataclass(frozen=True)
class Trial:
    """One comparison: `extra` is the fraction of work that side B did more."""

    release: str
    backend: str
    dimension: int
    extra: float
    ratio: float
    floor: float
    verdict: str


def load(store: Path) -> list[Trial]:
    """Read the stored trials."""
    if not store.exists():
        return []
    return [Trial(**json.loads(line)) for line in store.read_text(encoding="utf-8").splitlines()]


def next_extra(trials: Sequence[Trial]) -> float:
    """The extra work of the next trial: mostly none, since false alarms are the rarer ones."""
    done = Counter(trial.extra for trial in trials if trial.dimension == DIMENSIONS[0])
    turn = sum(done.values()) % (ALIKE + len(EXTRA) - 1)
    return EXTRA[max(0, turn - ALIKE + 1)]


def measure(release: str, store: Path) -> list[Trial]:
    """Run the next trial, of every dimension, and store it.

    Args:
        release: such as jax==0.7.2.
        store: a file of JSON lines.
    """
    earlier = [trial for trial in load(store) if trial.release == release]
    extra, seed = next_extra(earlier), len(earlier)
    lock, _ = sides.pair(sides.parse(release), sides.parse(release))
    backend = axis(lock.release.library).backends[0]
    folders = [environments.environment(lock, copy) for copy in range(4)]
    if seed % 2:
        folders.reverse()
    cases = [pair.Case(backend, dimension) for dimension in DIMENSIONS]
    rows = pair.compare(folders[:2], folders[2:], cases, seed=seed, extra=extra)
    trials = [
        Trial(release, *row.case, extra, round(row.ratio, 5), round(row.floor, 5), row.verdict)
        for row in rows
        if row.reason is None
    ]
    store.parent.mkdir(parents=True, exist_ok=True)
    with store.open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(asdict(trial)) + "\n" for trial in trials)
    return trials


def page(trials: Sequence[Trial]) -> str:
    """The page of the calibration, as Markdown."""
    return "\n".join(
        [
            "# How often the gate of releases is wrong",
            "",
            "One release is compared with itself in four environments. Side B does no extra work",
            "(a step is then a false alarm), or 5 or 10 % more.",
            "`python -m eam calibrate --releases jax==0.7.2` adds trials and writes this page.",
            "",
            "| release | dimension | extra work | trials | called a step | ratios |",
            "|---|---|---|---|---|---|",
            *_rows(trials),
            "",
        ]
    )


def _rows(trials: Sequence[Trial]) -> Iterator[str]:
    groups: dict[tuple[str, int, float], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.release, trial.dimension, trial.extra), []).append(trial)
    for (release, dimension, extra), group in sorted(groups.items()):
        called = sum(trial.verdict != pair.SAME for trial in group)
        ratios = sorted(trial.ratio for trial in group)
        yield (
            f"| {release} | {dimension} | {extra:.0%} | {len(group)} | {called} | "
            f"{ratios[0]:.3f} to {ratios[-1]:.3f} |"
        )
