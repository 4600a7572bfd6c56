"""Is the new code slower? Old and new in one process, in turn, in several fresh processes.

Measured before this was written (docs/measuring.md): times of two runs differ by up to 1.7x on
identical code, those of two processes by some per cent, and the ratio of two versions of one
function that alternate in one process by less than 1 %, or 2 % at N = 10^6. Only the same function
is a control that good, so each backend is compared with itself.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from ..backends import describe
from ..errors import EamError, UnknownBackendError
from .check import check
from .child import ask, serve
from .timing import interleave
from .versions import load

PROCESSES = 5
# After so many, what is plainly the same is not measured again.
FIRST_PROCESSES = 3
SECONDS = 1.0
SAME, SLOWER, FASTER, UNCLEAR = "same", "SLOWER", "faster", "unclear"
NOT_COMPARED, WRONG, FAILED = "not compared", "WRONG", "not measured"


@dataclass
class Comparison:
    """New over old, of one backend at one dimension.

    Attributes:
        backend: its name.
        dimension: of the problem.
        limit: the ratio from which a difference is told from noise.
        ratios: t(new) / t(old), one a process.
        problem: NOT_COMPARED, WRONG or FAILED if there are no ratios.
        reason: why.
    """

    backend: str
    dimension: int
    limit: float
    ratios: list[float] = field(default_factory=list[float])
    problem: str | None = None
    reason: str | None = None

    @property
    def ratio(self) -> float:
        """The median of the processes, on logarithms; above 1 the new code is slower."""
        return math.exp(statistics.median(map(math.log, self.ratios)))

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and highest of the processes; of five, a 94 % interval of their median."""
        return min(self.ratios), max(self.ratios)

    @property
    def verdict(self) -> str:
        """A difference counts if it is beyond the limit and every process saw its sign."""
        if self.problem is not None:
            return self.problem
        low, high = self.interval
        if 1.0 / self.limit <= self.ratio <= self.limit:
            return SAME
        if low <= 1.0 <= high:
            return UNCLEAR
        return SLOWER if self.ratio > 1.0 else FASTER

    @property
    def is_settled(self) -> bool:
        """Whether the first processes leave no doubt that nothing changed."""
        if self.problem is not None:
            return True
        return abs(math.log(self.ratio)) < 0.4 * math.log(self.limit)


def limit(size: int) -> float:
    """The ratio that counts: 1.025, or 1.05 where memory placement decides (x.size > 10^4)."""
    return 1.025 if size <= 10_000 else 1.05


def compare(
    base: Path,
    head: Path,
    model: str,
    cells: Sequence[tuple[str, int, int]],
    *,
    tick: Callable[[float], None] = lambda done: None,
) -> list[Comparison]:
    """Compare the eam below two directories.

    Args:
        base, head: directories that hold an `eam` each, the old and the new.
        model: name of the model.
        cells: (backend, dimension, x.size) of each comparison.
        tick: called with the fraction done.
    """
    rows = [Comparison(name, dimension, limit(size)) for name, dimension, size in cells]
    for process in range(PROCESSES):
        groups = list(_by_library(rows, process))
        for done, group in enumerate(groups):
            tick((process + done / len(groups)) / PROCESSES)
            _measure(base, head, model, group, process)
    tick(1.0)
    return rows


def _by_library(rows: Sequence[Comparison], process: int) -> Iterator[list[Comparison]]:
    """What is still to be measured, in one process a library."""
    libraries: dict[str, list[Comparison]] = {}
    for row in rows:
        if process < FIRST_PROCESSES or not row.is_settled:
            libraries.setdefault(_library(row.backend), []).append(row)
    for group in libraries.values():
        if open_rows := [row for row in group if row.problem is None]:
            yield open_rows


def _library(name: str) -> str:
    try:
        return describe(name).library
    except UnknownBackendError:
        return name


def _measure(base: Path, head: Path, model: str, group: list[Comparison], process: int) -> None:
    question = {
        "base": str(base),
        "head": str(head),
        "model": model,
        "cells": [(row.backend, row.dimension) for row in group],
        "seed": process,
    }
    try:
        # compiled code of the two copies must not be mistaken for each other's
        cache = str(head.parent / "numba")
        answers = ask(__name__, question, NUMBA_CACHE_DIR=cache)
    except EamError as error:
        failure: dict[str, Any] = {"problem": FAILED, "reason": str(error)}
        answers = [failure] * len(group)
    for row, answer in zip(group, answers, strict=True):
        if "ratio" in answer:
            row.ratios.append(answer["ratio"])
        else:
            row.problem, row.reason = answer["problem"], answer["reason"]


def measure_here(
    base: str, head: str, model: str, cells: Sequence[tuple[str, int]], seed: int
) -> list[dict[str, Any]]:
    """Load both versions in this process and compare them, cell by cell.

    Returns:
        For each cell {"ratio": t(head) / t(base)}, or {"problem": ..., "reason": ...}.
    """
    # which of the two comes first, in memory and in the libraries' caches, is left to chance
    order = [("base", base), ("head", head)]
    Random(seed).shuffle(order)
    versions = {side: load(Path(directory), f"eam_{side}") for side, directory in order}
    return [_compare_here(versions, model, *cell, seed) for cell in cells]


def _compare_here(
    versions: dict[str, Any], model: str, name: str, dimension: int, seed: int
) -> dict[str, Any]:
    x0 = versions["head"].problem(model, dimension).x0
    memory: tuple[Any, ...] = ()
    ready: dict[str, Any] = {}
    calls: dict[str, Callable[[], Any]] = {}
    for side, version in versions.items():
        try:
            problem = version.problem(model, dimension)
            if not np.array_equal(problem.x0, x0):
                raise ValueError("the problem itself has changed: x0 differs")
            prepared = ready[side] = version.prepare(replace(problem, x0=x0), name)
            # the same for both: another address alone makes a loop 10 % slower or faster
            memory = memory or (prepared.native.asarray(x0), np.empty_like(x0))
            calls[side] = prepared.hot_gradient(*memory)
        except Exception as error:
            return _problem(side, error)
    times = interleave([calls["base"], calls["head"]], SECONDS, seed=seed)
    try:
        # only now: a check of one side alone leaves JAX up to 10 % slower on that side
        check(ready["head"])
    except Exception as error:
        return _problem("head", error)
    return {"ratio": float(np.median(times[:, 1] / times[:, 0]))}


def _problem(side: str, error: Exception) -> dict[str, Any]:
    # by name: the classes of the two versions are their own
    kind = type(error).__name__
    which = "new" if side == "head" else "old"
    if kind == "CheckError":
        return {"problem": WRONG, "reason": str(error)}
    return {"problem": NOT_COMPARED, "reason": f"in the {which} version: {kind}: {error}"}


if __name__ == "__main__":
    serve(measure_here)
