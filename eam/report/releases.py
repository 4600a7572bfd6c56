"""Releases of libraries: what was measured of each, and which of them changed the speed.

Read are asv's results of the generated histories (:mod:`eam.releases.history`), the facts beside
them, and what was compared by the gate of releases. A step is marked only where that gate has
confirmed it: an overhead from one run to another moves by some per cent by itself.
"""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.version import Version

from ..releases import comparisons, index
from ..releases.axes import Axis, axis, libraries
from ..releases.comparisons import Entry
from .ratios import Estimate
from .reading import load_runs, load_suite
from .results import OVERHEAD, PAIRED, Run

# what `eam calibrate --releases` stores
CALIBRATION = "calibration.jsonl"
MOVED = 1.10
RECENT = timedelta(days=730)
LAST = 12
REFERENCE = ("toy", 100)


@dataclass(frozen=True)
class Measured:
    """One release in one environment.

    Attributes:
        version: of the library.
        uploaded: to the index.
        environment: Python and what is held, such as 'Python 3.11, numpy 2.2.6, numba 0.68.1'.
        facts: what was stored beside the result.
        run: the result; None where there is none.
        reason: why there is none.
        unmeant: what changed against the release before it, and should not have.
    """

    version: str
    uploaded: datetime
    environment: str
    facts: Mapping[str, Any]
    run: Run | None = None
    reason: str | None = None
    unmeant: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Version and month, as on the axis of a chart."""
        return f"{self.version} {self.uploaded:%Y-%m}"

    def get(self, model: str, metric: str, dimension: int, backend: str) -> Estimate | None:
        """A measured number, or None."""
        return self.run.model(model).get(metric, dimension, backend) if self.run else None


@dataclass(frozen=True)
class LibraryReleases:
    """The axis of one library on one machine.

    Attributes:
        axis: of the library.
        machine: its name.
        releases: by version, and by environment where a release was measured in two.
        steps: the confirmed ones, by version.
        causes: what an environment variable changed of one release, confirmed as steps are.
        newest: the newest release that exists, measured or not.
        faults: what could not be read.
        calibrated: whether it is known how often the gate of releases is wrong.
    """

    axis: Axis
    machine: str
    releases: Sequence[Measured]
    steps: Sequence[Entry]
    causes: Sequence[Entry]
    newest: index.Release
    faults: Sequence[str] = field(default_factory=list[str])
    calibrated: bool = False

    @property
    def metric(self) -> str:
        """The benchmark of the overhead: NumPy's own axis is over the best hand-written one."""
        return PAIRED["best"] if self.axis.library == "numpy" else OVERHEAD

    @property
    def file(self) -> str:
        """The name of its page."""
        return f"releases-{self.axis.library}-{self.machine}.html"

    def overhead(self, release: Measured, backend: str, model: str, n: int) -> Estimate | None:
        """The overhead of a release."""
        return release.get(model, self.metric, n, backend)

    def cases(self, backend: str) -> list[tuple[str, int]]:
        """(model, dimension) of every overhead that some release has."""
        found = {
            (model, dimension): None
            for release in self.releases
            if release.run
            for model in ("toy", "tabulated")
            for dimension in release.run.model(model).dimensions(self.metric)
            if self.overhead(release, backend, model, dimension)
        }
        return sorted(found, key=lambda case: (case[0] != "toy", case[1]))

    @property
    def newest_measured(self) -> Measured | None:
        """The newest release with a number."""
        return next((found for found in reversed(self.releases) if found.run), None)

    @property
    def busy(self) -> tuple[float, float] | None:
        """The least and the largest load while this was measured; None if it never exceeded 1.

        A measurement uses one core, and adds 1 to the load itself.
        """
        loads = [
            max(0.0, load[0] - 1.0) for found in self.releases if (load := found.facts.get("load"))
        ]
        return (min(loads), max(loads)) if loads and max(loads) > 1.0 else None

    @property
    def largest_step(self) -> Entry | None:
        """The largest confirmed step of the last two years before the newest release."""
        since = self.newest.uploaded - RECENT
        dates = {found.version: found.uploaded for found in self.releases}
        recent = [step for step in self.steps if dates.get(step.b, since) > since]
        return max(recent, key=lambda step: max(step.ratio, 1.0 / step.ratio), default=None)

    @property
    def moved(self) -> tuple[int, int]:
        """(k, n): in k of the last n releases the overhead moved by more than 10 %."""
        model, dimension = REFERENCE
        changes: list[bool] = []
        for old, new in neighbours(self.releases):
            values = [self.overhead(r, self.axis.backends[0], model, dimension) for r in (old, new)]
            if values[0] and values[1]:
                ratio = values[1].value / values[0].value
                changes.append(not 1.0 / MOVED <= ratio <= MOVED)
        return sum(changes[-LAST:]), len(changes[-LAST:])


def neighbours(releases: Sequence[Measured]) -> Iterator[tuple[Measured, Measured]]:
    """Releases that follow each other in one environment, and have results."""
    with_result = [release for release in releases if release.run]
    for environment in dict.fromkeys(release.environment for release in with_result):
        yield from itertools.pairwise(r for r in with_result if r.environment == environment)


def read(results: Path) -> list[LibraryReleases]:
    """Every axis that has been measured.

    Args:
        results: the folder with a folder for each library.
    """
    return [
        found
        for library in libraries()
        for folder in sorted((results / library).glob("*"))
        if folder.is_dir() and (found := _axis(library, folder)) is not None
    ]


def _axis(library: str, folder: Path) -> LibraryReleases | None:
    facts = {path: _facts(path) for path in sorted(folder.glob("*.facts"))}
    runs: list[Run] = []
    faults: list[str] = []
    if any(folder.parent.glob("benchmarks.json")):
        runs = list(load_runs(str(folder.parent), load_suite(str(folder.parent)), faults))
    results = {run.path.with_suffix(".facts"): run for run in runs if run.path.parent == folder}
    found = [
        Measured(
            version=known["release"],
            uploaded=datetime.fromisoformat(known["uploaded"]),
            environment=_environment(known),
            facts=known,
            run=results.get(path),
            reason=known.get("reason"),
        )
        for path, known in facts.items()
        if known
    ]
    if not found:
        return None
    found.sort(key=lambda release: (Version(release.version), release.environment))
    newest = max(index.releases(library, offline=True), key=lambda release: release.order)
    compared = comparisons.read(comparisons.path(library, folder.name, folder.parent.parent))
    confirmed = sorted(comparisons.confirmed(compared), key=lambda step: Version(step.b))
    steps = [step for step in confirmed if not step.variables]
    causes = [step for step in confirmed if step.variables]
    return LibraryReleases(
        axis(library),
        folder.name,
        _with_unmeant(library, found),
        steps,
        causes,
        newest,
        faults,
        calibrated=(folder.parents[1] / CALIBRATION).exists(),
    )


def _facts(path: Path) -> dict[str, Any]:
    """Empty where the file cannot be read: the release is then as if not measured."""
    try:
        facts = dict(json.loads(path.read_text(encoding="utf-8")))
        datetime.fromisoformat(facts["uploaded"]).astimezone(UTC)
        Version(facts["release"])
        return facts
    except (KeyError, TypeError, ValueError):
        return {}


def _environment(facts: Mapping[str, Any]) -> str:
    held = [f"{name} {version}" for name, version in facts.get("locked", {}).items()]
    return ", ".join([f"Python {facts.get('python_locked', '?')}", *held])


def _with_unmeant(library: str, releases: Sequence[Measured]) -> list[Measured]:
    """Add to each release what else is installed than with the one before it."""
    meant = {library, axis(library).companion}
    before: dict[str, Mapping[str, str]] = {}
    found: list[Measured] = []
    for release in releases:
        packages: Mapping[str, str] = release.facts.get("packages", {})
        old = before.get(release.environment, packages)
        changed = [
            f"{name} {old.get(name, 'none')} → {packages.get(name, 'none')}"
            for name in sorted({*old, *packages})
            if old.get(name) != packages.get(name) and name not in meant
        ]
        if packages:
            before[release.environment] = packages
        found.append(replace(release, unmeant=tuple(changed)))
    return found
