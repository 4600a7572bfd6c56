"""Reading asv's stored results: one `Run` a result file, its cells as numbers with intervals.

Everything is read through asv's own classes, so an older or a corrupt file is treated as
`asv publish` treats it: it is left out. Here the reason is kept, for the page to say.
"""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from asv.results import Results, iter_results_paths
from asv.util import UserError

PARAMETERS = ["dimension", "backend"]
_MACHINE_FIELDS = ("machine", "cpu", "num_cpu", "ram", "arch", "os")


class Estimate(NamedTuple):
    """A measured number and its interval; `low` and `high` are None where none was stored."""

    value: float
    low: float | None = None
    high: float | None = None


class Key(NamedTuple):
    """What was measured: `quantity` is the benchmark's own name, such as 'time_gradient'."""

    model: str
    quantity: str
    dimension: int
    backend: str


@dataclass(frozen=True)
class Run:
    """The results of one commit, on one machine, in one environment.

    Attributes:
        commit: full hash.
        date: of the commit, milliseconds since 1970, as asv stores it.
        machine: what asv knows of the machine: name, cpu, num_cpu, ram, arch, os.
        python: its version, or the path of the interpreter for an existing environment.
        versions: library -> pinned version.
        settings: environment variables that asv set.
        cells: every number measured.
        missing: every cell of the grid without a number -> 'failed', or 'n/a' for what is not
            offered or was not selected: asv stores both alike.
        tracked: (model, quantity) of every benchmark of the suite over (dimension, backend).
        others: results that are not over (dimension, backend): (benchmark, *parameters) -> number.
    """

    commit: str
    date: int
    machine: Mapping[str, str]
    python: str
    versions: Mapping[str, str]
    settings: Mapping[str, str]
    cells: Mapping[Key, Estimate]
    missing: Mapping[Key, str]
    tracked: frozenset[tuple[str, str]] = frozenset()
    others: Mapping[tuple[str, ...], Estimate] = field(
        default_factory=dict[tuple[str, ...], Estimate]
    )

    def get(self, model: str, quantity: str, dimension: int, backend: str) -> Estimate | None:
        """The number of a cell, or None."""
        return self.cells.get(Key(model, quantity, dimension, backend))

    def why(self, model: str, quantity: str, dimension: int, backend: str) -> str:
        """Why a cell has no number: 'failed', 'n/a' or 'not run'."""
        return self.missing.get(Key(model, quantity, dimension, backend), "not run")

    def models(self) -> tuple[str, ...]:
        """Models with a time or an overhead, the toy first."""
        timed = {k.model for k in self.cells if k.quantity in ("track_overhead", "time_gradient")}
        return tuple(sorted(timed, key=lambda model: (model != "toy", model)))

    def dimensions(self, model: str, *quantities: str) -> tuple[int, ...]:
        """Dimensions with a number of any of `quantities`, rising."""
        return tuple(sorted({k.dimension for k in self._of(model, quantities)}))

    def backends(self, model: str, *quantities: str) -> tuple[str, ...]:
        """Backends with a number of any of `quantities`, in the order of the suite."""
        return tuple(dict.fromkeys(k.backend for k in self._of(model, quantities)))

    def _of(self, model: str, quantities: tuple[str, ...]) -> Iterator[Key]:
        return (k for k in self.cells if k.model == model and k.quantity in quantities)


def model_of(class_name: str) -> str:
    """The model that a benchmark class measures: 'FinnisSinclairOverhead' -> 'finnis-sinclair'.

    A class named by what it measures alone, such as 'FirstCall', measures the toy.
    """
    stem = re.sub(r"(Overhead|Memory|FirstCall)$", "", class_name) or "toy"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", stem).lower()


def load_runs(
    results_dir: str, benchmarks: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Run], list[str]]:
    """All runs in the order of their commits' dates, and what keeps each other file out."""
    runs: list[Run] = []
    unreadable: list[str] = []
    for folder, filename, machine in iter_results_paths(results_dir):
        path = Path(folder, filename)
        try:
            runs.append(read_run(Results.load(str(path), machine), benchmarks))
        except UserError as error:
            unreadable.append(f"{path.parent.name}/{filename}: {error}")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            unreadable.append(f"{path.parent.name}/{filename}: not an asv result ({error!r})")
    return sorted(runs, key=lambda run: (run.date, run.commit)), unreadable


def latest(runs: Iterable[Run]) -> list[Run]:
    """Each machine's latest run that holds a number, the newest first.

    Of several runs of one commit (environments), the one with the most numbers.
    """
    last: dict[str, Run] = {}
    for run in sorted((run for run in runs if run.cells), key=_age):
        last[run.machine["machine"]] = run
    return sorted(last.values(), key=_age, reverse=True)


def _age(run: Run) -> tuple[int, int]:
    return run.date, len(run.cells)


def read_run(results: Results, benchmarks: Mapping[str, Mapping[str, Any]]) -> Run:
    """One result file. Benchmarks of another version than the suite's are left out, as asv does."""
    cells: dict[Key, Estimate] = {}
    missing: dict[Key, str] = {}
    others: dict[tuple[str, ...], Estimate] = {}
    for name in sorted(results.get_result_keys(benchmarks)):
        benchmark = benchmarks[name]
        for parameters, estimate in _estimates(results, name, benchmark):
            key = _key(name, benchmark, parameters)
            if key is None:
                if isinstance(estimate, Estimate):
                    others[(name, *map(_unquoted, parameters))] = estimate
            elif isinstance(estimate, Estimate):
                cells[key] = estimate
            else:
                missing[key] = estimate
    parameters = {name: str(value or "") for name, value in results.params.items()}
    machine = {name: parameters.pop(name, "") for name in _MACHINE_FIELDS}
    python = parameters.pop("python", "")
    return Run(
        commit=results.commit_hash,
        date=int(results.date),
        machine=machine,
        python=python,
        versions={name.removeprefix("pip+"): text for name, text in parameters.items() if text},
        settings={name: str(value) for name, value in results.env_vars.items()},
        cells=cells,
        missing=missing,
        tracked=frozenset(filter(None, map(_tracked, benchmarks.values()))),
        others=others,
    )


def _estimates(
    results: Results, name: str, benchmark: Mapping[str, Any]
) -> Iterable[tuple[tuple[str, ...], Estimate | str]]:
    parameters = benchmark["params"] or []
    values: Any = results.get_result_value(name, parameters)
    statistics: Any = results.get_result_stats(name, parameters)
    for combination, value, stats in zip(
        itertools.product(*parameters), values, statistics, strict=False
    ):
        yield combination, _estimate(value, stats or {})


def _estimate(value: Any, stats: Mapping[str, Any]) -> Estimate | str:
    if isinstance(value, float) and math.isnan(value):
        return "n/a"
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "failed"
    low, high = (_finite(stats.get(name)) for name in ("ci_99_a", "ci_99_b"))
    return Estimate(float(value), low, high)


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _tracked(benchmark: Mapping[str, Any]) -> tuple[str, str] | None:
    parts = benchmark["name"].split(".")
    if benchmark.get("param_names") != PARAMETERS or len(parts) < 2:
        return None
    return model_of(parts[-2]), parts[-1]


def _key(name: str, benchmark: Mapping[str, Any], parameters: tuple[str, ...]) -> Key | None:
    tracked = _tracked({**benchmark, "name": name})
    if tracked is None or not parameters[0].isdecimal():
        return None
    return Key(*tracked, int(parameters[0]), _unquoted(parameters[1]))


def _unquoted(parameter: str) -> str:
    """asv stores the repr of a parameter."""
    quoted = len(parameter) >= 2 and parameter[0] == parameter[-1] and parameter[0] in "'\""
    return parameter[1:-1] if quoted else parameter
