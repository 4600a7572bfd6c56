"""The results that asv has stored for HEAD on this machine, and those still to be measured.

asv stores NaN both for a case that is n/a and for one that was not run. So this module keeps the
reasons of cases that were run and have no number in a file beside the result, and a case with a
reason is not run again. A case that failed has a reason too, for the report; it is run again.
"""

import itertools
import json
import math
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from asv.results import Results

from ..backends import backend_names, describe
from ..models import model as model_record
from ..models import model_names
from ..quantities import GRADIENT
from .saving import replace_file, setting_aside

CASE = ["dimension", "backend"]
# the reason of what today's suite has and an older commit has not; nothing else needs no result
ABSENT = "not among the benchmarks of this commit"


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
    """The results of HEAD in one environment, and the reasons beside them."""

    def __init__(self, result_file: Path, benchmarks: Mapping[str, Any]) -> None:
        """Read what is stored.

        Args:
            result_file: where asv stores the results; it need not exist.
            benchmarks: asv's record of each benchmark, by name.
        """
        self._benchmarks = benchmarks
        self._reasons_file = result_file.with_suffix(".reasons")  # asv would read a .json
        self._reasons: dict[str, str] = {}
        if self._reasons_file.exists():
            with setting_aside(self._reasons_file):
                content = json.loads(self._reasons_file.read_text(encoding="utf-8"))
                self._reasons = {str(case): str(reason) for case, reason in content.items()}
        self._values: dict[Wanted, Any] = {}
        if result_file.exists():
            with setting_aside(result_file):
                self._values = dict(_values(result_file, benchmarks))

    def missing(self, pattern: str) -> list[Wanted]:
        """The offered cases that match and have neither a number nor a reason to have none.

        Args:
            pattern: regular expression for NAME(100, 'jax').
        """
        return [
            wanted
            for wanted, record in self._every_case()
            if re.search(pattern, str(wanted))
            and not _is_number(value := self._values.get(wanted))
            and not (_is_nan(value) and str(wanted) in self._reasons)
            and self._reasons.get(str(wanted)) != ABSENT
            and _is_offered(wanted, record)
        ]

    def numbers(self) -> dict[Wanted, float]:
        """The numbers measured so far."""
        return {case: value for case, value in self._values.items() if _is_number(value)}

    def note(self, ran: Iterable[Wanted], notes: Iterable[tuple[str, str, str]]) -> None:
        """Keep the reason of each case that was run and has no number.

        Args:
            ran: what was measured before these results were read.
            notes: (class of the benchmark, parameters, reason), as the suite writes them.
        """
        why = {(benchmark, parameters): reason for benchmark, parameters, reason in notes}
        for wanted in ran:
            value = self._values.get(wanted)
            if _is_number(value):
                self._reasons.pop(str(wanted), None)
            else:
                case = wanted.benchmark.rpartition(".")[0], f"({', '.join(wanted.parameters)})"
                silent = "n/a" if _is_nan(value) else "failed"
                self._reasons[str(wanted)] = why.get(case, silent)
        self._write_reasons()

    def note_absent(self, cases: Iterable[Wanted]) -> None:
        """Keep that the commit does not have these cases, so they are not asked for again."""
        self._reasons |= {str(case): ABSENT for case in cases}
        self._write_reasons()

    def _write_reasons(self) -> None:
        replace_file(self._reasons_file, json.dumps(self._reasons, indent=1, sort_keys=True))

    def _every_case(self) -> Iterator[tuple[Wanted, Mapping[str, Any]]]:
        for name, record in self._benchmarks.items():
            for case in itertools.product(*record["params"]):
                yield Wanted(name, case), record


def _values(result_file: Path, benchmarks: Mapping[str, Any]) -> Iterator[tuple[Wanted, Any]]:
    result: Any = Results.load(str(result_file))
    for name in result.get_result_keys(benchmarks):
        params = benchmarks[name]["params"]
        values = result.get_result_value(name, params)
        for case, value in zip(itertools.product(*params), values, strict=True):
            yield Wanted(name, case), value


def newest_beside(result_file: Path) -> Path | None:
    """The result file of another commit that was written last in the same folder."""
    others = [path for path in result_file.parent.glob("*.json") if path.name != "machine.json"]
    others = [path for path in others if path != result_file]
    return max(others, key=lambda path: path.stat().st_mtime, default=None)


def head() -> str:
    """The full hash of the commit that is checked out."""
    return subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()


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
    asked = model_record(record["model"]), int(dimension), record.get("quantity", GRADIENT)
    return describe(backend).refusal(*asked) is None
