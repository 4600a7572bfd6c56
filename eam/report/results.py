"""Stored results: one `Run` a result file, and in it one `ModelResults` a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ..backends import MANUAL
from ..model import Model
from ..models import model_names
from . import names, ratios
from .ratios import Estimate, Ratio, divide
from .suite import Suite

REFERENCE = "numpy"  # the backend that overheads are over

OVERHEAD, TIME, VALUE_TIME = "track_overhead", "time_gradient", "time_value"

# What a gradient's time is divided by. 'AD against manual' depends on which manual is meant:
#     numpy    the allocating NumPy gradient, as the forum post's reader would write it
#     best     the fastest hand-written gradient at that dimension
#     value    the same backend's function value: omega, the cheap-gradient ratio
Denominator = Literal["numpy", "best", "value"]
# denominator -> the benchmark that measures the ratio with both times in one process
PAIRED: Mapping[Denominator, str] = {
    "numpy": OVERHEAD,
    "best": "track_overhead_best",
    "value": "track_omega",
}


class Key(NamedTuple):
    """One measurement of a model: `metric` is the benchmark's own name, as 'time_gradient'."""

    metric: str
    dimension: int
    backend: str


@dataclass(frozen=True)
class ModelResults:
    """The results of one run for one model.

    Attributes:
        model: its name.
        commit: full hash.
        versions: library -> version.
        numbers: every number measured.
        missing: every case without a number -> 'failed', or 'n/a' for what is not offered or was
            not selected, since asv stores both alike; and the reason, where it is known.
        suite: the benchmarks that measure it.
    """

    model: str
    commit: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    numbers: Mapping[Key, Estimate] = field(default_factory=dict[Key, Estimate])
    missing: Mapping[Key, tuple[str, str]] = field(default_factory=dict[Key, tuple[str, str]])
    suite: Suite = field(default_factory=lambda: Suite({}))

    @cached_property
    def record(self) -> Model:
        """The registered model, or where it is not registered, what the suite stored of it."""
        return names.registered(self.model) or self.suite.record(self.model)

    @property
    def unit(self) -> str:
        """The unit of the dimension: 'N', or a plural such as 'atoms'."""
        return self.record.unit

    def get(self, metric: str, dimension: int, backend: str) -> Estimate | None:
        """A measured number, or None."""
        return self.numbers.get(Key(metric, dimension, backend))

    def why(self, metric: str, dimension: int, backend: str) -> tuple[str, str]:
        """Why there is no number: 'failed', 'n/a' or 'not run'; and the reason, or ''."""
        return self.missing.get(Key(metric, dimension, backend), ("not run", ""))

    def dimensions(self, *metrics: str) -> tuple[int, ...]:
        """The dimensions with a number of any of `metrics`, rising."""
        return tuple(sorted({key.dimension for key in self.numbers if key.metric in metrics}))

    def backends(self, *metrics: str) -> tuple[str, ...]:
        """The backends with a number of any of `metrics`, in the order of the suite."""
        return tuple(dict.fromkeys(key.backend for key in self.numbers if key.metric in metrics))

    @cached_property
    def timed_dimensions(self) -> tuple[int, ...]:
        """The dimensions with an overhead or a time."""
        return self.dimensions(OVERHEAD, TIME)

    @cached_property
    def timed_backends(self) -> tuple[str, ...]:
        """The backends with an overhead or a time."""
        return self.backends(OVERHEAD, TIME)

    @property
    def reference_dimension(self) -> int | None:
        """The model's reference dimension if it was measured; else the smallest that was."""
        measured = self.dimensions(OVERHEAD) or self.dimensions(TIME)
        reference = self.record.dimensions.reference
        return reference if reference in measured else min(measured, default=None)

    def floor(self, dimension: int) -> float:
        """The difference that identical code shows (A/A) at a dimension, as a fraction."""
        return ratios.floor(dimension, self.get(OVERHEAD, dimension, REFERENCE))

    def overhead(
        self, dimension: int, backend: str, denominator: Denominator = "numpy"
    ) -> Ratio | None:
        """The gradient's time over the denominator's, or None where a number is missing.

        The paired ratio, or where there is none that of two separately measured times.
        """
        paired = self.get(PAIRED[denominator], dimension, backend)
        if paired is not None and paired.value > 0.0:
            return ratios.ratio(paired, self.floor(dimension), paired=True)
        above = self.get(TIME, dimension, backend)
        below = self._denominator(dimension, backend, denominator)
        quotient = divide(above, below) if above is not None and below is not None else None
        if quotient is None:
            return None
        return ratios.ratio(quotient, self.floor(dimension), paired=False)

    def _denominator(
        self, dimension: int, backend: str, denominator: Denominator
    ) -> Estimate | None:
        """The time that a separately measured time is divided by."""
        if denominator == "value":
            return self.get(VALUE_TIME, dimension, backend)
        other = REFERENCE if denominator == "numpy" else self.best_manual(dimension)
        return self.get(TIME, dimension, other) if other else None

    def overheads(self, backend: str) -> dict[int, Ratio]:
        """dimension -> overhead over NumPy: the paired ones, or where there is none, all."""
        ratios = {n: self.overhead(n, backend) for n in self.timed_dimensions}
        found = {n: ratio for n, ratio in ratios.items() if ratio is not None}
        return {n: ratio for n, ratio in found.items() if ratio.paired} or found

    def hand_written(self, dimension: int) -> dict[str, Ratio]:
        """The hand-written backends of one core and their overheads over NumPy, fastest first."""
        manual = [name for name in self.timed_backends if names.kind(name) == MANUAL]
        ratios = {name: self.overhead(dimension, name) for name in manual}
        found = {name: ratio for name, ratio in ratios.items() if ratio is not None}
        return dict(sorted(found.items(), key=lambda item: item[1].value))

    def best_manual(self, dimension: int) -> str | None:
        """The fastest hand-written backend, by paired overheads where there are any."""
        found = self.hand_written(dimension)
        paired = [name for name, ratio in found.items() if ratio.paired]
        return next(iter(paired or found), None)


@dataclass(frozen=True)
class Run:
    """The results of one commit, on one machine, in one environment.

    Attributes:
        path: of the result file.
        commit: full hash.
        date: of the commit, milliseconds since 1970, as asv stores it.
        machine: what asv knows of the machine: name, cpu, num_cpu, ram, arch, os.
        python: its version, or the path of the interpreter for an existing environment.
        versions: library -> pinned version.
        settings: environment variables that asv set.
        results: model -> what is stored of it.
        others: results that are not over (dimension, backend): (benchmark, *parameters) -> number.
        facts: what `make report` stored beside the results, see `eam.measure.facts`; else empty.
        measured: when its last benchmark began, milliseconds since 1970; None if not stored.
    """

    path: Path
    commit: str
    date: int
    machine: Mapping[str, str]
    python: str
    versions: Mapping[str, str]
    settings: Mapping[str, str]
    results: Mapping[str, ModelResults]
    others: Mapping[tuple[str, ...], Estimate] = field(
        default_factory=dict[tuple[str, ...], Estimate]
    )
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    measured: int | None = None

    def model(self, name: str) -> ModelResults:
        """The results of a model in this run; of an unknown model, empty ones."""
        return self.results.get(name) or ModelResults(name, self.commit, self.versions)

    def models(self) -> tuple[ModelResults, ...]:
        """The models with a time or an overhead: those of atoms first, the toy last."""
        order = [*reversed(model_names())]
        timed = [found for found in self.results.values() if found.timed_dimensions]
        known = [found for found in timed if found.model in order]
        others = [found for found in timed if found.model not in order]
        return (*sorted(known, key=lambda found: order.index(found.model)), *others)

    @property
    def size(self) -> int:
        """How many numbers of models it holds."""
        return sum(len(found.numbers) for found in self.results.values())

    @property
    def age(self) -> tuple[int, int]:
        """The key of the latest run: its date; of one commit (environments), its size."""
        return self.date, self.size


class Latest:
    """Each machine's latest run that holds a number, of the runs that are added."""

    def __init__(self) -> None:
        self._by_machine: dict[str, Run] = {}

    def add(self, run: Run) -> None:
        """Keep a run if it is its machine's latest so far."""
        name = run.machine["machine"]
        before = self._by_machine.get(name)
        if run.size and (before is None or run.age > before.age):
            self._by_machine[name] = run

    def runs(self) -> list[Run]:
        """The newest first."""
        return sorted(self._by_machine.values(), key=lambda run: run.age, reverse=True)
