"""asv's files, read and checked to the last field before asv or the report uses them.

asv 0.6.6 trusts its files: one that is nested too deeply, or has text where a number belongs, ends
`asv publish` with a traceback. So nothing reaches asv that has not passed here.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from asv.benchmarks import Benchmarks
from asv.results import Results

# asv makes a folder of the value of each parameter, and a file name has 255 bytes.
LONGEST = 200
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
LATEST_DATE = 253_402_300_799_000  # the last of the year 9999, milliseconds since 1970
# No time, ratio or number of bytes is outside, and asv's step detection fails far outside.
SMALLEST, LARGEST = 1e-18, 1e18


class FormatError(ValueError):
    """A file that is not as asv writes it; the message says what is wrong and, if known, why."""


class StoredBenchmark(TypedDict):
    """One benchmark's row of a result file.

    Attributes:
        result: a number for each combination of `params`; None where it failed, NaN for n/a.
        params: the values of each parameter, as text.
        version: of the benchmark.
        started_at: milliseconds since 1970.
        columns: the other columns that asv stores, such as 'stats_ci_99_a'.
    """

    result: list[float | None]
    params: list[list[str]]
    version: str | None
    started_at: float | None
    columns: Mapping[str, list[Any]]


class StoredResult(TypedDict):
    """A result file."""

    commit_hash: str
    date: int
    params: dict[str, str]
    env_vars: dict[str, str]
    results: dict[str, StoredBenchmark]


def failed_if_infinite(constant: str) -> float | None:
    """The meaning of a constant in asv's JSON: NaN is n/a; an infinite number failed: None."""
    return float(constant) if constant == "NaN" else None


def read_json(path: Path) -> Any:
    """The content of a JSON file; NaN is a number, as asv writes it, and Infinity is None.

    Raises:
        FormatError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text, parse_constant=failed_if_infinite)
        if _SURROGATE.search(text):  # half a character, which no file can be written with
            json.dumps(content, ensure_ascii=False).encode("utf-8")
        return content
    except RecursionError as error:
        raise FormatError("nested too deeply") from error
    except (OSError, ValueError) as error:
        raise FormatError(f"not JSON ({error})") from error


def read_benchmarks(path: Path) -> dict[str, dict[str, Any]]:
    """asv's list of the suite's benchmarks.

    Raises:
        FormatError: it is missing, or not as asv writes it.
    """
    if not path.exists():
        raise FormatError("missing")
    content = _versioned(read_json(path), Benchmarks.api_version)
    for name, benchmark in content.items():
        _expect(isinstance(benchmark, dict), f"benchmark {name!r} is no object")
        _expect(benchmark.get("name") == name, f"benchmark {name!r} has another name inside")
        for key in ("type", "unit", "version"):
            _expect(isinstance(benchmark.get(key), str), f"{key} of {name!r} is no text")
        _expect(isinstance(benchmark.get("model", ""), str), f"model of {name!r} is no text")
        params, names = benchmark.get("params"), benchmark.get("param_names")
        _check_params(params, name)
        _expect(_is_list_of(names, _is_text), f"param_names of {name!r} are no texts")
        _expect(len(params) == len(names), f"params and param_names of {name!r} do not fit")
    return content


def read_result(path: Path) -> StoredResult:
    """A result file.

    Raises:
        FormatError: it is not as asv writes it.
    """
    content = _versioned(read_json(path), Results.api_version)
    commit, date = content.get("commit_hash"), content.get("date")
    _expect(_is_text(commit) and re.fullmatch(r"[0-9a-zA-Z]{7,64}", commit), "no commit_hash")
    _expect(_is_integer(date) and 0 <= date <= LATEST_DATE, "date is no date")
    for key in ("python", "env_name"):
        _expect(_is_text(content.get(key)), f"{key} is no text")
    _expect(isinstance(content.get("requirements"), dict | list), "requirements are no list")
    durations = content.setdefault("durations", {})
    _expect(_is_mapping_of(durations, _is_number), "durations are no numbers")
    environment = content.setdefault("env_vars", {})
    _expect(_is_mapping_of(environment, _is_text), "env_vars are no texts")
    params = content.get("params")
    _expect(_is_mapping_of(params, _is_text_or_none), "params are no texts")
    _expect(params.get("machine"), "params do not name the machine")
    columns, results = content.get("result_columns"), content.get("results")
    _expect(_is_list_of(columns, _is_text) and columns[:3] == _FIRST, "result_columns differ")
    _expect(set(columns) <= _CHECKS.keys(), "result_columns are unknown")
    _expect(isinstance(results, dict), "results are no object")
    return {
        "commit_hash": commit,
        "date": date,
        "params": {name: value or "" for name, value in params.items()},
        "env_vars": environment,
        "results": {name: _benchmark(name, columns, row) for name, row in results.items()},
    }


def _benchmark(name: str, columns: list[str], row: Any) -> StoredBenchmark:
    _expect(_is_text(name), "the name of a benchmark is too long")
    _expect(isinstance(row, list) and 2 <= len(row) <= len(columns), f"{name} is no row")
    values = dict(zip(columns, row, strict=False))
    params = values.pop("params")
    _check_params(params, name)
    size = math.prod(len(axis) for axis in params)
    for column, value in values.items():
        if value is not None:
            _expect(_CHECKS[column](value, size), f"{column} of {name} does not fit")
    version = values.pop("version", None)
    return {
        "result": values.pop("result") or [None] * size,
        "params": params,
        "version": version,
        "started_at": values.get("started_at"),
        "columns": {c: v for c, v in values.items() if isinstance(v, list)},
    }


def _versioned(content: Any, version: int) -> Any:
    """The content without its version, which must be the one that asv writes."""
    _expect(isinstance(content, dict), "no object")
    found = content.pop("version", None)
    _expect(_is_integer(found), "without a version")
    _expect(found >= version, "of an older format. Run `asv update` to update it")
    _expect(found <= version, "of a newer format than this asv's. Update asv to use it")
    return content


def _check_params(params: Any, name: str) -> None:
    fits = _is_list_of(params, lambda axis: _is_list_of(axis, _is_text))
    _expect(fits, f"params of {name} are no lists of texts")


def _expect(condition: object, message: str) -> None:
    if not condition:
        raise FormatError(message)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_text_or_none(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    """A number that asv can compute with; NaN is, but not 1e999, which JSON reads as infinite."""
    if isinstance(value, float):
        return value == 0.0 or SMALLEST <= abs(value) <= LARGEST or math.isnan(value)
    return _is_integer(value) and abs(value) <= LARGEST


def _is_number_or_none(value: Any) -> bool:
    return value is None or _is_number(value)


def _is_list_of(value: Any, is_item: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(is_item, value))


def _is_mapping_of(value: Any, is_item: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(_is_text(k) and is_item(v) for k, v in value.items())


def _are_numbers(value: Any, size: int) -> bool:
    return _is_list_of(value, _is_number_or_none) and len(value) == size


def _are_statistics(value: Any, size: int) -> bool:
    """Numbers without a NaN, which asv would take for the weight of a point."""
    return _are_numbers(value, size) and not any(item != item for item in value)


def _are_samples(value: Any, size: int) -> bool:
    def fits(item: Any) -> bool:
        return item is None or _is_list_of(item, _is_number)

    return _is_list_of(value, fits) and len(value) == size


_FIRST = ["result", "params", "version"]
_CHECKS: Mapping[str, Callable[[Any, int], bool]] = {
    "result": _are_numbers,
    "params": lambda value, size: True,  # checked before the others
    "version": lambda value, size: isinstance(value, str),
    "started_at": lambda value, size: _is_number(value),
    "duration": lambda value, size: _is_number(value),
    "stats_ci_99_a": _are_statistics,
    "stats_ci_99_b": _are_statistics,
    "stats_q_25": _are_statistics,
    "stats_q_75": _are_statistics,
    "stats_number": _are_statistics,
    "stats_repeat": _are_statistics,
    "samples": _are_samples,
    "profile": lambda value, size: isinstance(value, str),
}
