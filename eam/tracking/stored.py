"""What asv has stored for HEAD on this machine, and what is still to be measured.

asv stores NaN both for a case that is n/a and for one that was not run. So this module keeps the
reasons of cases that were run and have no number in a file beside the result, and a case with a
reason is not run again. A case that failed has a reason too, for the report; it is run again.
"""

import itertools
import json
import math
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.environment import get_environments
from asv.machine import Machine
from asv.results import get_filename, iter_results_for_machine_and_hash

from ..backends import backend_names, describe
from ..models import model as model_record
from ..models import model_names

CASE = ["dimension", "backend"]


class Wanted(NamedTuple):
    """A benchmark and its parameters as asv writes them: ("100", "'jax'")."""

    benchmark: str
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        """As asv matches it: NAME(100, 'jax')."""
        if not self.parameters:
            return self.benchmark
        return f"{self.benchmark}({', '.join(self.parameters)})"


class Stored:
    """HEAD's results on this machine, in the environments that asv.conf.json describes."""

    def __init__(self, pattern: str) -> None:
        """Read what is stored of the benchmarks that match a regular expression."""
        self._conf: Any = Config.load("asv.conf.json")
        self._benchmarks: Any = Benchmarks.load(self._conf, regex=[pattern])
        self._names = {environment.name for environment in get_environments(self._conf, [])}
        self._values = dict(self._read())

    def missing(self) -> list[Wanted]:
        """The offered cases that have neither a number nor a reason to have none."""
        known = reasons(self._result_files())
        return [
            wanted
            for wanted, record in self._wanted()
            if not _is_number(value := self._values.get(wanted))
            and not (_is_nan(value) and str(wanted) in known)
            and _is_offered(wanted, record)
        ]

    def note(self, ran: Iterable[Wanted], notes: Iterable[tuple[str, str, str]]) -> None:
        """Keep the reason of each case that was run and has no number.

        Args:
            ran: what asv was asked to run.
            notes: (class of the benchmark, parameters, reason), as the suite writes them.
        """
        why = {(benchmark, parameters): reason for benchmark, parameters, reason in notes}
        found: dict[str, str] = {}
        for wanted in ran:
            value = self._values.get(wanted)
            if not _is_number(value):
                case = wanted.benchmark.rpartition(".")[0], f"({', '.join(wanted.parameters)})"
                silent = "n/a" if _is_nan(value) else "failed"
                found[str(wanted)] = why.get(case, silent)
        for result in self._result_files():
            path = _reasons_path(result)
            kept = reasons([result]) | found
            path.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")

    def _wanted(self) -> Iterator[tuple[Wanted, Mapping[str, Any]]]:
        for name, record in self._benchmarks.items():
            cases = list(itertools.product(*record["params"]))
            for index in self._benchmarks.benchmark_selection[name] or range(len(cases)):
                yield Wanted(name, cases[index]), record

    def _read(self) -> Iterator[tuple[Wanted, Any]]:
        machine = Machine.get_unique_machine_name()
        if not Path(self._conf.results_dir, machine).exists():
            return
        results = iter_results_for_machine_and_hash(self._conf.results_dir, machine, head())
        for result in results:
            if result.env_name in self._names:
                for name in result.get_result_keys(self._benchmarks):
                    params = self._benchmarks[name]["params"]
                    values = result.get_result_value(name, params)
                    for case, value in zip(itertools.product(*params), values, strict=True):
                        yield Wanted(name, case), value

    def _result_files(self) -> list[Path]:
        return [path for path in result_files(self._conf) if path.exists()]


def result_files(conf: Any) -> list[Path]:
    """Where asv stores HEAD's results on this machine, one file an environment."""
    machine = Machine.get_unique_machine_name()
    return [
        Path(conf.results_dir, get_filename(machine, head(), environment.name))
        for environment in get_environments(conf, [])
    ]


def reasons(results: Iterable[Path]) -> dict[str, str]:
    """Why cases have no number: {"NAME(100, 'jax')": reason}, from the files beside results."""
    found: dict[str, str] = {}
    for result in results:
        path = _reasons_path(result)
        if path.exists():
            found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def head() -> str:
    """The full hash of the commit that is checked out."""
    return subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()


def _reasons_path(result: Path) -> Path:
    # not .json, or asv would take it for a result
    return result.with_suffix(".reasons")


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _is_number(value: Any) -> bool:
    return value is not None and not _is_nan(value)


def _is_offered(wanted: Wanted, record: Mapping[str, Any]) -> bool:
    """False for a case that the registry refuses; what only a run can tell is run."""
    if record["param_names"] != CASE or record.get("model") not in model_names():
        return True
    dimension, backend = wanted.parameters[0], wanted.parameters[1].strip("'")
    if backend not in backend_names():
        return True
    return describe(backend).refusal(model_record(record["model"]), int(dimension)) is None
