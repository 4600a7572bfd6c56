"""Reading the result files that asv stored.

Everything is read through asv's own classes. A file that they cannot read is left out, and the
page names it, with the reason and what to do.
"""

import itertools
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from asv.benchmarks import Benchmarks
from asv.machine import Machine
from asv.results import Results
from asv.util import UserError, load_json

from ..formatting import conditions
from .ratios import Estimate
from .results import Key, ModelResults, Run
from .suite import Suite

_MACHINE_FIELDS = ("machine", "cpu", "num_cpu", "ram", "arch", "os")
# What asv's classes raise, beside UserError, at JSON of another shape than theirs.
_MALFORMED = (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError)


def load_suite(conf: Any) -> Suite:
    """The suite's benchmarks as asv last found them, each with its model.

    Raises:
        UserError: asv's list of them is missing or cannot be read; says how to get it.
    """
    try:
        return Suite(Benchmarks.load(conf))
    except UserError as error:
        raise UserError(_short(error, conf.results_dir)) from error
    except _MALFORMED as error:
        raise UserError(
            f"benchmarks.json is not asv's list of benchmarks ({error!r}). "
            "Use `asv run --bench just-discover` to regenerate it"
        ) from error


def load_runs(results_dir: str, suite: Suite) -> tuple[list[Run], list[str]]:
    """All runs in the order of their commits' dates, and which files are at fault, and why.

    A machine.json that cannot be read keeps no run out: each result has the machine's facts too.
    """
    runs: list[Run] = []
    faults: list[str] = []
    for folder, names in _result_files(results_dir):
        faults += _machine_faults(folder, results_dir)
        for name in names:
            try:
                run = read_run(folder / name, suite)
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
    """The facts stored beside a result; a file that cannot be read is added to `faults`."""
    path = result.with_suffix(".facts")
    remedy = "the results beside it are shown, and make report at their commit writes it anew"
    if not path.exists():
        return {}
    try:
        facts = dict(json.loads(path.read_text(encoding="utf-8")))
        conditions(facts)  # facts that cannot be put into words are not facts
        return facts
    except (*_MALFORMED, RecursionError) as error:
        name = f"{path.parent.name}/{path.name}"
        faults.append(f"{name}: not the facts of a run ({error!r}); {remedy}")
        return {}


def _fault(path: Path, reason: str) -> str:
    """What is wrong with a result file, and what to do, unless asv has already said it."""
    commit = path.name.partition("-")[0]
    remedy = f"; to measure it again, move the file away and run: asv run {commit}^!"
    return f"{path.parent.name}/{path.name}: {reason}" + remedy * ("asv update" not in reason)


def _short(error: UserError, results_dir: str) -> str:
    """asv's message on one line, without the path of the results."""
    text = " ".join(str(error).split())
    return text.replace(os.path.abspath(results_dir) + os.sep, "")  # noqa: PTH100


def read_run(path: Path, suite: Suite) -> Run:
    """One result file. Benchmarks of another version than the suite's are left out, as asv does."""
    stored = Results.load(str(path))
    numbers: dict[str, dict[Key, Estimate]] = {}
    missing: dict[str, dict[Key, str]] = {}
    others: dict[tuple[str, ...], Estimate] = {}
    for name in sorted(stored.get_result_keys(suite.benchmarks)):
        tracked = suite.tracked.get(name)
        for parameters, estimate in _estimates(stored, name, suite.benchmarks[name]):
            if tracked is None or not parameters[0].isdecimal():
                if isinstance(estimate, Estimate):
                    others[(name, *map(_unquoted, parameters))] = estimate
                continue
            model, metric = tracked
            key = Key(metric, int(parameters[0]), _unquoted(parameters[1]))
            if isinstance(estimate, Estimate):
                numbers.setdefault(model, {})[key] = estimate
            else:
                missing.setdefault(model, {})[key] = estimate
    parameters = {name: str(value or "") for name, value in stored.params.items()}
    machine = {name: parameters.pop(name, "") for name in _MACHINE_FIELDS}
    python = parameters.pop("python", "")
    versions = {name.removeprefix("pip+"): text for name, text in parameters.items() if text}
    commit, pairs = stored.commit_hash, frozenset(suite.tracked.values())
    return Run(
        path=path,
        commit=commit,
        date=int(stored.date),
        machine=machine,
        python=python,
        versions=versions,
        settings={name: str(value) for name, value in stored.env_vars.items()},
        results={
            model: ModelResults(
                model, commit, versions, numbers.get(model, {}), missing.get(model, {}), pairs
            )
            for model in dict.fromkeys([*numbers, *missing])
        },
        others=others,
    )


def _estimates(
    stored: Results, name: str, benchmark: Mapping[str, Any]
) -> Iterable[tuple[tuple[str, ...], Estimate | str]]:
    parameters = benchmark["params"] or []
    axes: Any = stored.get_result_params(name)
    values: Any = stored.get_result_value(name, parameters)
    statistics: Any = stored.get_result_stats(name, parameters)
    for combination, value, stats in zip(
        itertools.product(*parameters), values, statistics, strict=False
    ):
        # asv fills in None, its mark of a failure, for what entered the suite after this run
        if all(value in axis for value, axis in zip(combination, axes, strict=True)):
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


def _unquoted(parameter: str) -> str:
    """asv stores the repr of a parameter."""
    quoted = len(parameter) >= 2 and parameter[0] == parameter[-1] and parameter[0] in "'\""
    return parameter[1:-1] if quoted else parameter
