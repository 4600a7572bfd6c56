"""Reading stored results. A file at fault is left out and named, with the reason and what to do."""

import itertools
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from asv.machine import Machine

from ..formatting import conditions
from .asv_format import (
    LATEST_DATE,
    FormatError,
    StoredBenchmark,
    read_benchmarks,
    read_json,
    read_result,
)
from .ratios import Estimate, Spread
from .results import Key, ModelResults, Run
from .suite import Suite

_MACHINE_FIELDS = ("machine", "cpu", "num_cpu", "ram", "arch", "os")
_REMEDY = "the results beside it are shown, and eam track at their commit writes it anew"


def load_suite(results_dir: str) -> Suite:
    """The suite's benchmarks as asv last found them, each with its model.

    Raises:
        FormatError: asv's list of them is missing or at fault; says how to get it.
    """
    try:
        return Suite(read_benchmarks(Path(results_dir, "benchmarks.json")))
    except FormatError as error:
        message = f"benchmarks.json, asv's list of the benchmarks, is {error}"
        if "asv update" not in message:
            message += ". Use `asv run --bench just-discover` to regenerate it"
        raise FormatError(message) from error


def load_runs(results_dir: str, suite: Suite, faults: list[str]) -> Iterator[Run]:
    """The runs, one after the other; adds the files at fault to `faults`.

    A machine.json at fault keeps no run out: each result has the machine's facts too.
    """
    for folder, names in _result_files(results_dir):
        faults += _machine_faults(folder)
        for name in names:
            try:
                yield read_run(folder / name, suite, faults)
            except FormatError as error:
                faults.append(_fault(folder / name, error))


def _result_files(results_dir: str) -> Iterator[tuple[Path, list[str]]]:
    """The folders with results, and the names of their files."""
    for folder, _, names in sorted(os.walk(results_dir)):
        results = {name for name in names if name.endswith(".json")}
        results -= {"machine.json", "benchmarks.json"}
        # what an interrupted run has measured so far is no result yet
        if results and Path(folder).suffix != ".journal":
            yield Path(folder), sorted(results)


def _machine_faults(folder: Path) -> Iterator[str]:
    remedy = "the results beside it are shown, and asv's next run there writes it anew"
    try:
        content = read_json(folder / "machine.json")
    except FormatError as error:
        yield f"{folder.name}/machine.json: {error}; {remedy}"
        return
    named = isinstance(content, dict) and isinstance(content.get("machine"), str)
    if not (named and content.get("version") == Machine.api_version):
        yield f"{folder.name}/machine.json: not asv's facts of a machine; {remedy}"


def _fault(path: Path, error: FormatError) -> str:
    """The fault of a result file in words, and its remedy."""
    commit = path.name.partition("-")[0]
    remedy = f"; to measure it again, move the file away and run: asv run {commit}^!"
    return f"{path.parent.name}/{path.name}: {error}" + remedy * ("asv update" not in str(error))


def read_run(path: Path, suite: Suite, faults: list[str]) -> Run:
    """One result file, with the facts and reasons beside it.

    A benchmark of another version than the suite's is left out, as asv does. One that the suite
    no longer has is kept under its stored name.

    Raises:
        FormatError: the file is not as asv writes it.
    """
    stored = read_result(path)
    reasons = _beside(path, ".reasons", _reasons, faults)
    numbers: dict[str, dict[Key, Estimate]] = {}
    missing: dict[str, dict[Key, tuple[str, str]]] = {}
    others: dict[tuple[str, ...], Estimate] = {}
    for name, benchmark in sorted(stored["results"].items()):
        if not suite.has_version(name, benchmark["version"]):
            continue
        tracked = suite.tracked(name, benchmark["params"])
        for parameters, value in _cases(benchmark):
            if tracked is None:
                if isinstance(value, Estimate):
                    others[(name, *map(_unquoted, parameters))] = value
                continue
            model, metric = tracked
            key = Key(metric, int(parameters[0]), _unquoted(parameters[1]))
            if isinstance(value, Estimate):
                numbers.setdefault(model, {})[key] = value
            else:
                reason = reasons.get(f"{name}({', '.join(parameters)})", "")
                missing.setdefault(model, {})[key] = value, reason
    parameters = stored["params"]
    machine = {name: parameters.pop(name, "") for name in _MACHINE_FIELDS}
    python = parameters.pop("python", "")
    versions = {name.removeprefix("pip+"): text for name, text in parameters.items() if text}
    commit = stored["commit_hash"]
    return Run(
        path=path,
        commit=commit,
        date=stored["date"],
        machine=machine,
        python=python,
        versions=versions,
        settings=stored["env_vars"],
        results={
            model: ModelResults(
                model, commit, versions, numbers.get(model, {}), missing.get(model, {}), suite
            )
            for model in dict.fromkeys([*numbers, *missing])
        },
        others=others,
        facts=_beside(path, ".facts", _facts, faults),
        measured=_measured(stored["results"].values()),
    )


def _measured(benchmarks: Iterable[StoredBenchmark]) -> int | None:
    """When the last benchmark began."""
    begun = [start for b in benchmarks if (start := b["started_at"]) is not None]
    plausible = [int(start) for start in begun if 0 < start <= LATEST_DATE]
    return max(plausible, default=None)


def _cases(benchmark: StoredBenchmark) -> Iterator[tuple[tuple[str, ...], Estimate | str]]:
    """The parameters of each case, and its number, or 'failed' or 'n/a'."""
    columns = benchmark["columns"]
    names = ("ci_99_a", "ci_99_b", "q_25", "q_75", "repeat")
    none = [None] * len(benchmark["result"])
    statistics = zip(*(columns.get(f"stats_{name}", none) for name in names), strict=True)
    combinations = itertools.product(*benchmark["params"])
    samples = columns.get("samples", none)
    for parameters, value, stats, sampled in zip(
        combinations, benchmark["result"], statistics, samples, strict=True
    ):
        if value is None:
            yield parameters, "failed"
        elif math.isnan(value):
            yield parameters, "n/a"
        else:
            yield parameters, _estimate(value, stats, sampled)


def _estimate(
    value: float, stats: tuple[float | None, ...], samples: list[float] | None
) -> Estimate:
    low, high, first, third, count = map(_float, stats)
    spread = None
    if first is not None and third is not None and count is not None:
        spread = Spread(first, third, int(count), tuple(samples or ()))
    if low is None or high is None or low > high or (high <= 0.0 < value):
        low = high = None
    elif low <= 0.0 < value:
        low = value**2 / high  # as far below, by its factor, as the other end is above
    return Estimate(float(value), low, high, spread)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _beside(result: Path, suffix: str, read: Any, faults: list[str]) -> Mapping[str, Any]:
    """Apply `read` to the file beside a result; if that fails, return nothing and add a fault."""
    path = result.with_suffix(suffix)
    if not path.exists():
        return {}
    try:
        return read(read_json(path))
    except (FormatError, AttributeError, IndexError, TypeError, ValueError) as error:
        faults.append(f"{path.parent.name}/{path.name}: at fault ({error}); {_REMEDY}")
        return {}


def _facts(content: Any) -> Mapping[str, Any]:
    facts = dict(content)
    conditions(facts)  # facts that cannot be put into words are not facts
    json.dumps(facts, allow_nan=False)
    return facts


def _reasons(content: Any) -> Mapping[str, str]:
    return {str(case): str(reason) for case, reason in content.items()}


def _unquoted(parameter: str) -> str:
    """asv stores the repr of a parameter."""
    quoted = len(parameter) >= 2 and parameter[0] == parameter[-1] and parameter[0] in "'\""
    return parameter[1:-1] if quoted else parameter
