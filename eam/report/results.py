"""Reading asv's stored results: one `Run` a result file, its cells as numbers with intervals.

Everything is read through asv's own classes. A file that they cannot read is left out, and the
page says which, why, and what to do.
"""

import itertools
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from asv.benchmarks import Benchmarks
from asv.machine import Machine
from asv.results import Results
from asv.util import UserError, load_json

from ..formatting import conditions

PARAMETERS = ["dimension", "backend"]
_MACHINE_FIELDS = ("machine", "cpu", "num_cpu", "ram", "arch", "os")
# What asv's classes raise, beside UserError, at JSON of another shape than theirs.
_MALFORMED = (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError)


class Estimate(NamedTuple):
    """A measured number and its interval; `low` and `high` are None where none was stored.

    asv's interval of a few samples that differ much is symmetric, and may reach below 0, which no
    time and no ratio does: its lower end is then taken as far from the value as the upper end, on
    a logarithmic scale.
    """

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
        path: of the result file.
        commit: full hash.
        date: of the commit, milliseconds since 1970, as asv stores it.
        machine: what asv knows of the machine: name, cpu, num_cpu, ram, arch, os.
        python: its version, or the path of the interpreter for an existing environment.
        versions: library -> pinned version.
        settings: environment variables that asv set.
        cells: every number measured.
        missing: every cell of the run's grid without a number -> 'failed', or 'n/a' for what is not
            offered or was not selected: asv stores both alike.
        tracked: (model, quantity) of every benchmark of the suite over (dimension, backend).
        others: results that are not over (dimension, backend): (benchmark, *parameters) -> number.
        facts: what `make report` stored beside the results, see `eam.measure.facts`; else empty.
    """

    path: Path
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
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

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
    stem = re.sub(r"(Overhead|FirstCall)$", "", class_name) or "toy"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", stem).lower()


def load_benchmarks(conf: Any) -> Any:
    """The suite's benchmarks as asv last found them.

    Raises:
        UserError: asv's list of them is missing or cannot be read; says how to get it.
    """
    try:
        return Benchmarks.load(conf)
    except UserError as error:
        raise UserError(_short(error, conf.results_dir)) from error
    except _MALFORMED as error:
        raise UserError(
            f"benchmarks.json is not asv's list of benchmarks ({error!r}). "
            "Use `asv run --bench just-discover` to regenerate it"
        ) from error


def load_runs(
    results_dir: str, benchmarks: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Run], list[str]]:
    """All runs in the order of their commits' dates, and what was wrong with which files.

    A machine.json that cannot be read keeps no run out: each result has the machine's facts too.
    """
    runs: list[Run] = []
    faults: list[str] = []
    for folder, names in _result_files(results_dir):
        faults += _machine_faults(folder, results_dir)
        for name in names:
            try:
                run = read_run(folder / name, benchmarks)
                runs.append(replace(run, facts=_facts(folder / name, faults)))
            except UserError as error:
                faults.append(_fault(folder / name, _short(error, results_dir)))
            except _MALFORMED as error:
                faults.append(_fault(folder / name, f"not an asv result ({error!r})"))
    return sorted(runs, key=lambda run: (run.date, run.commit)), faults


def _result_files(results_dir: str) -> Iterator[tuple[Path, list[str]]]:
    """The folders with results, and the names of their files."""
    for folder, _, names in sorted(os.walk(results_dir)):
        results = {name for name in names if name.endswith(".json")}
        results -= {"machine.json", "benchmarks.json"}
        if results:
            yield Path(folder), sorted(results)


def _machine_faults(folder: Path, results_dir: str) -> Iterator[str]:
    path = folder / "machine.json"
    remedy = "the results beside it are shown, and asv's next run there writes it anew"
    try:
        load_json(str(path), api_version=Machine.api_version)["machine"]
    except UserError as error:
        yield f"{folder.name}/{path.name}: {_short(error, results_dir)}; {remedy}"
    except _MALFORMED as error:
        yield f"{folder.name}/{path.name}: not asv's facts of a machine ({error!r}); {remedy}"


def _facts(result: Path, faults: list[str]) -> Mapping[str, Any]:
    """What is known of the measurement beside its result; adds what is wrong to `faults`."""
    path = result.with_suffix(".facts")
    remedy = "the results beside it are shown, and make report at their commit writes it anew"
    if not path.exists():
        return {}
    try:
        facts = dict(json.loads(path.read_text(encoding="utf-8")))
        conditions(facts)  # facts that nobody can tell are none
        return facts
    except (*_MALFORMED, RecursionError) as error:
        name = f"{path.parent.name}/{path.name}"
        faults.append(f"{name}: not the facts of a run ({error!r}); {remedy}")
        return {}


def _fault(path: Path, reason: str) -> str:
    """What is wrong with a result file, and what to do unless asv has said so."""
    commit = path.name.partition("-")[0]
    remedy = f"; to measure it again, move the file away and run: asv run {commit}^!"
    return f"{path.parent.name}/{path.name}: {reason}" + remedy * ("asv update" not in reason)


def _short(error: UserError, results_dir: str) -> str:
    """asv's words on one line, without the way to the results."""
    text = " ".join(str(error).split())
    return text.replace(os.path.abspath(results_dir) + os.sep, "")  # noqa: PTH100


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


def read_run(path: Path, benchmarks: Mapping[str, Mapping[str, Any]]) -> Run:
    """One result file. Benchmarks of another version than the suite's are left out, as asv does."""
    results = Results.load(str(path))
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
        path=path,
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
    stored: Any = results.get_result_params(name)
    values: Any = results.get_result_value(name, parameters)
    statistics: Any = results.get_result_stats(name, parameters)
    for combination, value, stats in zip(
        itertools.product(*parameters), values, statistics, strict=False
    ):
        # asv fills in None, its mark of a failure, for what entered the suite after this run
        if all(value in axis for value, axis in zip(combination, stored, strict=True)):
            yield combination, _estimate(value, stats or {})


def _estimate(value: Any, stats: Mapping[str, Any]) -> Estimate | str:
    if isinstance(value, float) and math.isnan(value):
        return "n/a"
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "failed"
    low, high = (_finite(stats.get(name)) for name in ("ci_99_a", "ci_99_b"))
    if value > 0.0 and low is not None and high is not None and low <= 0.0 < high:
        low = value**2 / high  # as far below, by its factor, as the other end is above
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
