"""Two releases compared as two commits are: by alternating blocks, here between live processes.

Two releases of a library cannot be loaded into one process, so each has processes of its own, in
its own environment. A coordinator gives them turns in random order, on one core, so a busy machine
slows all alike. Each side is there twice (A, A' and B, B', in four environments), so every run
shows what two alike differ by. Several sets of processes are started one after another, and either
side is the first to start in half of them.

Notation: r = t(B) / t(A). Of a set, the logarithm of a ratio is estimated by the median over the
rounds and by the 5 % quantiles of all blocks; what counts is the smaller of the two, or 0 where
they disagree on the sign. A step is a ratio beyond the limit in all four cross-pairs (A B, A B',
A' B, A' B'), beyond what A' and B' differ from A and B by, and on one side of 1 in all sets.
"""

import json
import math
import os
import random
import selectors
import statistics
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..errors import WorkerError
from ..measure.environment import PROTOCOL
from . import environments

SETS = 6
# of turns, for each case and set; large problems are noisier and have fewer turns in a second
SECONDS, SECONDS_IF_LARGE = 2.0, 4.0
LARGE = 10_000
LEAST_ROUNDS = 5
LIMIT, LIMIT_IF_LARGE = 1.03, 1.04
QUANTILE = 0.05
_PATIENCE = 600.0
SAME, SLOWER, FASTER = "same", "SLOWER", "faster"
NOT_COMPARED = "not compared"

# the processes of a set: A, A', B, B'
_A, _A2, _B, _B2 = range(4)
_CROSS = ((_A, _B), (_A, _B2), (_A2, _B), (_A2, _B2))
_WITHIN = ((_A, _A2), (_B, _B2))


class Case(NamedTuple):
    """A backend at a dimension, to be compared."""

    backend: str
    dimension: int


class _Change(NamedTuple):
    """The differences of side B from side A, beside the release."""

    extra: float
    variables: Mapping[str, str]


@dataclass
class Comparison:
    """B over A, of one case; every list has an entry for each set of processes.

    Attributes:
        case: the backend and the dimension.
        cross: log(r) of the four cross-pairs.
        within: log of A' over A, and of B' over B.
        reason: why there is nothing to compare.
    """

    case: Case
    cross: list[list[float]] = field(default_factory=list[list[float]])
    within: list[list[float]] = field(default_factory=list[list[float]])
    reason: str | None = None

    @property
    def limit(self) -> float:
        """The ratio from which a difference may be a step."""
        return LIMIT if self.case.dimension <= LARGE else LIMIT_IF_LARGE

    @property
    def ratio(self) -> float:
        """The median over the sets; above 1, B is slower."""
        return math.exp(statistics.median(self._sets()))

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and the highest set: of six, a 97 % interval of their median."""
        sets = self._sets()
        return math.exp(min(sets)), math.exp(max(sets))

    @property
    def floor(self) -> float:
        """The difference of identical sides in this run: the larger of A' over A and B' over B."""
        return math.exp(max(abs(value) for value in _medians(self.within)))

    @property
    def verdict(self) -> str:
        """SAME, SLOWER, FASTER or NOT_COMPARED."""
        if self.reason is not None:
            return NOT_COMPARED
        beyond = math.log(max(self.limit, self.floor))
        pairs, sets = _medians(self.cross), self._sets()
        if min(pairs) > beyond and min(sets) > 0.0:
            return SLOWER
        return FASTER if max(pairs) < -beyond and max(sets) < 0.0 else SAME

    def _sets(self) -> list[float]:
        return [statistics.mean(pairs) for pairs in self.cross]


def _medians(sets: Sequence[Sequence[float]]) -> list[float]:
    """Over the sets, of each pair."""
    return [statistics.median(values) for values in zip(*sets, strict=True)]


def compare(
    a: Sequence[Path],
    b: Sequence[Path],
    cases: Sequence[Case],
    *,
    model: str = "toy",
    sets: int = SETS,
    seed: int = 0,
    extra: float = 0.0,
    variables: Mapping[str, str] = MappingProxyType({}),
    progress: Callable[[float], None] = lambda done: None,
) -> list[Comparison]:
    """Compare the environments of two releases.

    Args:
        a, b: two environments of each side, alike.
        cases: backends and dimensions.
        model: their model.
        sets: of processes.
        seed: of the random order.
        extra: a fraction of extra work for side B, for calibration.
        variables: of the environment of side B's processes.
        progress: called with the fraction done.
    """
    rows = [Comparison(case) for case in cases]
    change = _Change(extra, variables)
    for number in range(sets):
        shuffle = random.Random(f"{seed} {number}")
        with _processes([*a, *b], rows, model, change, reverse=number % 2 == 1) as processes:
            for index, row in enumerate(rows):
                if row.reason is None:
                    times = _rounds(processes, index, row.case, shuffle)
                    row.cross.append([_log_ratio(times, *pair) for pair in _CROSS])
                    row.within.append([_log_ratio(times, *pair) for pair in _WITHIN])
                progress((number + (index + 1) / len(rows)) / sets)
    return rows


def _rounds(
    processes: Sequence["_Process"], index: int, case: Case, shuffle: random.Random
) -> list[np.ndarray[Any, Any]]:
    """Seconds per call of each process, shape (rounds, blocks)."""
    seconds = SECONDS if case.dimension <= LARGE else SECONDS_IF_LARGE
    times: list[list[list[float]]] = [[] for _ in processes]
    order = list(range(len(processes)))
    start = perf_counter()
    while perf_counter() - start < seconds or len(times[0]) < LEAST_ROUNDS:
        shuffle.shuffle(order)
        for which in order:
            times[which].append(processes[which].ask(index))
    return [np.array(rounds) for rounds in times]


def _log_ratio(times: Sequence[np.ndarray[Any, Any]], under: int, over: int) -> float:
    """log(t over / t under): the smaller of two estimates, 0 where their signs differ."""
    below, above = times[under], times[over]
    paired = float(np.median(np.log(np.median(above, axis=1) / np.median(below, axis=1))))
    low = math.log(np.quantile(above, QUANTILE) / np.quantile(below, QUANTILE))
    if paired * low <= 0.0:
        return 0.0
    return min(paired, low, key=abs)


class _Process:
    """A live process of :mod:`eam.releases.pair_worker`."""

    def __init__(self, folder: Path, question: Mapping[str, Any], more: Mapping[str, str]) -> None:
        command = [str(environments.python_of(folder)), "-P", "-m", "eam.releases.pair_worker"]
        variables = {**PROTOCOL, **os.environ, **environments.variables(folder), **more}
        variables["PYTHONPATH"] = str(environments.ROOT)
        self._process = subprocess.Popen(
            command,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
        self._name = folder.name
        self._write(json.dumps(question))

    def ask(self, index: int) -> list[float]:
        """Let it time a turn."""
        self._write(str(index))
        return self.read()

    def read(self) -> Any:
        """Its next answer; WorkerError if it ends or hangs."""
        stdout: Any = self._process.stdout
        if not self._selector.select(_PATIENCE):
            raise WorkerError(f"the process of {self._name} gave no answer in {_PATIENCE:.0f} s")
        line = stdout.readline()
        if not line:
            status = self._process.wait()
            raise WorkerError(f"the process of {self._name} ended with status {status}")
        return json.loads(line)

    def _write(self, line: str) -> None:
        stdin: Any = self._process.stdin
        stdin.write(line + "\n")
        stdin.flush()

    def end(self) -> None:
        """End it, whatever it does."""
        self._selector.close()
        self._process.kill()
        self._process.communicate()


@contextmanager
def _processes(
    folders: Sequence[Path], rows: Sequence[Comparison], model: str, change: _Change, reverse: bool
) -> Generator[list[_Process]]:
    """A set of processes, one after another ready; what one cannot do is noted in the rows."""
    order = [_A, _B, _A2, _B2]
    if reverse:
        order = [_B, _A, _B2, _A2]
    started: dict[int, _Process] = {}
    try:
        for which in order:
            is_b = which in (_B, _B2)
            question = {
                "model": model,
                "cases": [list(row.case) for row in rows],
                "extra": change.extra if is_b else 0.0,
            }
            more = change.variables if is_b else {}
            started[which] = _Process(folders[which], question, more)
            for row, reason in zip(rows, started[which].read(), strict=True):
                row.reason = row.reason or reason
        yield [started[which] for which in sorted(started)]
    finally:
        for process in started.values():
            process.end()
