"""Results from nodes: checked as any file of results is, and merged into `results/`.

A file is merged cell by cell, so the parts of a commit, which come from several nodes, end in the
one result file that asv knows, and a cell that is there twice would be one cell.
"""

import fcntl
import itertools
import json
import math
import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..report.asv_format import FormatError, read_json, read_result
from ..tracking.machine import name_of
from ..tracking.saving import replace_file
from ..tracking.stored import Stored
from .jobs import COMMITS, Job


def merge(job: Job, files: Mapping[str, bytes], results: Path) -> None:
    """Put what was measured for a job where `eam track` and `eam releases` would have put it.

    Args:
        job: that was asked for.
        files: path below `results` -> content, from a node.
        results: the folder of the history's results.

    Raises:
        FormatError: a file is not what the job asks for, or of another machine; nothing is stored.
    """
    machine = Path(job.machine)
    result, facts, reasons, about = (
        Path(job.file),
        Path(job.file).with_suffix(".facts"),
        Path(job.file).with_suffix(".reasons"),
        machine / "machine.json",
    )
    if unknown := set(files) - {str(path) for path in (result, facts, reasons, about)}:
        raise FormatError(f"{sorted(unknown)[0]} was not asked for")
    with tempfile.TemporaryDirectory(prefix="eam-sweep-") as made:
        new = Path(made)
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        _check(job, new)
        with _alone(results):
            (results / machine).mkdir(parents=True, exist_ok=True)
            if (new / about).exists() and not (results / about).exists():
                replace_file(results / about, (new / about).read_text(encoding="utf-8"))
            if (new / result).exists():
                _combine(new / result, results / result, job)
                replace_file(results / result, (new / result).read_text(encoding="utf-8"))
            # last, since a release is stored when its facts are
            for path in (reasons, facts):
                if (new / path).exists():
                    _update(new / path, results / path, job)


def is_stored(job: Job, results: Path, benchmarks: Mapping[str, Any]) -> bool:
    """Whether somebody else has stored what a job asks for since it was planned."""
    if job.history != COMMITS:
        return (results / job.file).with_suffix(".facts").exists()
    missing = Stored(results / job.file, benchmarks).missing(".")
    return not set(missing) & set(job.cases)


def _check(job: Job, folder: Path) -> None:
    """Raise FormatError unless the files are those of the job."""
    result = folder / job.file
    facts = _object(result.with_suffix(".facts"))
    for text in _object(result.with_suffix(".reasons")).values():
        if not isinstance(text, str):
            raise FormatError("a reason is no text")
    if not result.exists():
        if "reason" in facts or result.with_suffix(".reasons").exists():
            return
        raise FormatError("it holds neither results nor a reason")
    stored = read_result(result)
    found = {"commit": stored["commit_hash"], "machine": stored["params"]["machine"]}
    found["environment"] = read_json(result)["env_name"]
    for what, value in found.items():
        if value != getattr(job, what):
            raise FormatError(f"it is of the {what} {value}, not {getattr(job, what)}")
    about = {"cpu": "", "arch": "", "num_cpu": ""} | stored["params"]
    if (really := name_of(about)) != job.machine:
        raise FormatError(f"it was measured on {really}, not {job.machine}")


def _object(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds; an empty one where there is no file."""
    content = read_json(path) if path.exists() else {}
    if not isinstance(content, dict):
        raise FormatError(f"{path.suffix} is no object")
    return content


def _combine(new: Path, old: Path, job: Job) -> None:
    """Add to a new result file all that the old one has beside the cells of a job."""
    if job.history != COMMITS or not old.exists():
        return
    read_result(old)  # or what follows could not trust it
    content, before = read_json(new), read_json(old)
    columns = content["result_columns"]
    if columns != before["result_columns"]:
        raise FormatError(f"its columns are not those of {old}, of another asv")
    measured: dict[str, set[tuple[str, ...]]] = {}
    for case in job.cases:
        measured.setdefault(case.benchmark, set()).add(case.parameters)
    combined = before["results"]
    for name, row in content["results"].items():
        known = combined.get(name)
        if known is None or known[1:3] != row[1:3]:  # other parameters, or another version
            combined[name] = row
        else:
            combined[name] = _joined(columns, known, row, measured.get(name, set()))
    content["results"] = combined
    content["durations"] = before.get("durations", {}) | content.get("durations", {})
    new.write_text(json.dumps(content), encoding="utf-8")


def _joined(
    columns: list[str], old: list[Any], new: list[Any], measured: set[tuple[str, ...]]
) -> list[Any]:
    """One benchmark's row: the cells that were measured from `new`, all others from `old`."""
    params = new[columns.index("params")]
    taken = [case in measured for case in itertools.product(*params)]
    row: list[Any] = []
    for column, before, after in zip_longest(columns, old, new):
        if column in ("result", "samples") or column.startswith("stats_"):
            empty = [None] * math.prod(len(axis) for axis in params)
            cells = zip(taken, before or empty, after or empty, strict=True)
            row.append([there if take else here for take, here, there in cells])
        else:
            row.append(after)
    return row


def _update(new: Path, old: Path, job: Job) -> None:
    """Replace an object on disk by a newer one; what is kept by part or by case is added to."""
    before, after = _object(old), _object(new)
    if new.suffix == ".reasons":
        measured = set(map(str, job.cases))
        after |= {case: why for case, why in before.items() if case not in measured}
    elif "seconds_by_part" in before:
        after["seconds_by_part"] = before["seconds_by_part"] | after.get("seconds_by_part", {})
    replace_file(old, json.dumps(after, indent=1, sort_keys=new.suffix == ".reasons") + "\n")


@contextmanager
def _alone(results: Path) -> Generator[None]:
    """Inside, no other client merges into this folder."""
    results.mkdir(parents=True, exist_ok=True)
    folder = os.open(results, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
