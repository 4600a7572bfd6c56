"""The stored comparisons of two releases of a library, a line of JSON each.

The bisection asks here before it measures, and the page of releases draws its steps from here. A
step counts as confirmed when two comparisons, of different seeds and so of different processes,
found it independently of each other.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .history import RESULTS
from .locks import Lock
from .pair import Comparison

CONFIRMATIONS = 2


@dataclass(frozen=True)
class Entry:
    """One comparison of two releases, b over a.

    Attributes:
        a, b: their versions.
        environment: the file name of their locks, which tells Python, NumPy and numba.
        model, backend, dimension: the case.
        ratio: t(b) / t(a), with `low` and `high` of its sets of processes.
        floor: what two processes of one side differed by.
        limit: from which a ratio may be a step.
        verdict: as :class:`eam.releases.pair.Comparison` tells it.
        seed: of the run.
        measured: its date.
        variables: of the environment of b alone, such as XLA_FLAGS=...
    """

    a: str
    b: str
    environment: str
    model: str
    backend: str
    dimension: int
    ratio: float
    low: float
    high: float
    floor: float
    limit: float
    verdict: str
    seed: int
    measured: str
    variables: str = ""

    @property
    def case(self) -> tuple[str, str, str, int, str]:
        """The fields that it shares with comparisons of the same kind."""
        return self.environment, self.model, self.backend, self.dimension, self.variables


def entry(
    a: Lock,
    b: Lock,
    model: str,
    row: Comparison,
    seed: int,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Entry:
    """The entry of a comparison that has a ratio."""
    low, high = row.interval
    environment = a.environment.file if a.environment == b.environment else ""
    return Entry(
        a=a.release.version,
        b=b.release.version,
        environment=environment,
        model=model,
        backend=row.case.backend,
        dimension=row.case.dimension,
        ratio=_rounded(row.ratio),
        low=_rounded(low),
        high=_rounded(high),
        floor=_rounded(row.floor),
        limit=row.limit,
        verdict=row.verdict,
        seed=seed,
        measured=datetime.now(UTC).date().isoformat(),
        variables=" ".join(f"{name}={value}" for name, value in variables.items()),
    )


def _rounded(ratio: float) -> float:
    return float(f"{ratio:.5g}")


def path(library: str, machine: str, results: Path = RESULTS) -> Path:
    """The file of a machine, beside its results."""
    return results / library / machine / "comparisons.jsonl"


def read(file: Path) -> list[Entry]:
    """All entries of a file, oldest first; none where there is no file."""
    if not file.exists():
        return []
    return [Entry(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def add(file: Path, entries: Sequence[Entry]) -> None:
    """Append entries to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        for one in entries:
            lines.write(json.dumps(asdict(one)) + "\n")


def confirmed(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The steps that enough comparisons agree on, each as the first of them found it."""
    groups: dict[Any, list[Entry]] = {}
    for one in entries:
        groups.setdefault((one.a, one.b, *one.case), []).append(one)
    for group in groups.values():
        seeds = {one.seed for one in group}
        verdicts = {one.verdict for one in group}
        if len(seeds) >= CONFIRMATIONS and len(verdicts) == 1 and verdicts <= {"SLOWER", "faster"}:
            yield group[0]
