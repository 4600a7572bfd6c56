"""Ways to compare two versions of one function, tried on identical code: by how much is each off?

    python -m tests.tried.pairing

Every way has the same time in each of several fresh processes. A way that is off by less finds a
smaller slowdown. The table has the typical and the largest deviation from 1, in per cent.

The ways: the median ratio of alternating blocks, which the gate takes; the ratio of the 5 %
quantiles of these blocks; the mean of their differences without the outer quarters, as Tango.rs
takes it; the least extreme of the ratios of two old and two new versions; and duet benchmarking,
where old and new run at the same time on two cores, and change cores half-way.
"""

import math
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from timeit import Timer
from typing import Any

import numpy as np

from eam.backends import prepare
from eam.cores import pin
from eam.gate.side_by_side import bound, memory_of
from eam.measure.environment import PROTOCOL
from eam.measure.timing import calls_per_block, interleave, no_garbage_collection
from eam.models import problem
from eam.quantities import GRADIENT

SPAWN = multiprocessing.get_context("spawn")
CASES = [(name, n) for name in ("numpy", "jax") for n in (100, 10_000, 1_000_000)]
PROCESSES = 8
SECONDS = 0.6
# of a duet, on each core: both sides make the same number
ROUNDS = {100: 1000, 10_000: 1000, 1_000_000: 30}


def versions(backend: str, dimension: int, count: int) -> list[Callable[[], Any]]:
    """The same call, prepared several times."""
    posed = problem("toy", dimension)
    prepared = [prepare(posed, backend) for _ in range(count)]
    memory = memory_of(prepared[0], GRADIENT)
    return [bound(ready, GRADIENT, memory) for ready in prepared]


def in_turn(backend: str, dimension: int, seed: int) -> dict[str, float]:
    """What the ways that alternate see in this process."""
    pin()
    old, new, old_too, new_too = versions(backend, dimension, 4)
    times = interleave([old, new], SECONDS, seed=seed, warm=False)
    low = np.quantile(times, 0.05, axis=0)
    differences = np.sort(times[:, 1] - times[:, 0])
    inner = differences[len(differences) // 4 : -(len(differences) // 4) or None]
    four = interleave([old, new, old_too, new_too], SECONDS, seed=seed, warm=False)
    crossed = [math.log(np.median(four[:, b] / four[:, a])) for a in (0, 2) for b in (1, 3)]
    agree = min(crossed) > 0.0 or max(crossed) < 0.0
    return {
        "median of ratios": float(np.median(times[:, 1] / times[:, 0])),
        "quantiles": float(low[1] / low[0]),
        "mean difference": 1.0 + float(inner.mean() / np.median(times[:, 0])),
        "four cross-pairs": math.exp(min(crossed, key=abs)) if agree else 1.0,
    }


def side(backend: str, dimension: int, core: int, barrier: Any, answer: Any) -> None:
    """One side of a duet: a block between two barriers, first on one core, then on the other."""
    (call,) = versions(backend, dimension, 1)
    timer = Timer(call)
    number = calls_per_block(timer)
    halves: list[list[float]] = []
    for cores in (core, 1 - core):
        os.sched_setaffinity(0, {cores})
        timer.timeit(number)
        rounds: list[float] = []
        with no_garbage_collection():
            for _ in range(ROUNDS[dimension]):
                barrier.wait()
                rounds.append(timer.timeit(number) / number)
        halves.append(rounds)
    answer.put((core, halves))


def duet(backend: str, dimension: int) -> float:
    """New over old, each in a process of its own, at the same time."""
    barrier, answer = SPAWN.Barrier(2), SPAWN.Queue()
    sides = [
        SPAWN.Process(target=side, args=(backend, dimension, core, barrier, answer))
        for core in (0, 1)
    ]
    for process in sides:
        process.start()
    found = dict(answer.get() for _ in sides)
    for process in sides:
        process.join()
    halves = [np.divide(b[: len(a)], a[: len(b)]) for a, b in zip(found[0], found[1], strict=True)]
    return math.exp(statistics.mean(math.log(np.median(ratios)) for ratios in halves))


def off(ratios: Sequence[float]) -> str:
    """The typical and the largest deviation from 1, in per cent."""
    away = [100.0 * abs(math.log(ratio)) for ratio in ratios]
    return f"{statistics.median(away):.2f} ({max(away):.2f})"


def main() -> int:
    """Print a row for each case, and a column for each way."""
    began = time.monotonic()
    os.environ.update(PROTOCOL)
    for position, (backend, dimension) in enumerate(CASES):
        found: dict[str, list[float]] = {}
        for seed in range(PROCESSES):
            with SPAWN.Pool(1) as fresh:
                ratios = fresh.apply(in_turn, (backend, dimension, seed))
            for way, ratio in ratios.items():
                found.setdefault(way, []).append(ratio)
            found.setdefault("duet", []).append(duet(backend, dimension))
        if position == 0:
            print(f"| case | {' | '.join(found)} |\n|---{'|---' * len(found)}|")
        row = " | ".join(off(ratios) for ratios in found.values())
        print(f"| {backend}, {dimension} | {row} |", flush=True)
    print(f"{PROCESSES} processes a case, {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
