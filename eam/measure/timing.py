"""Interleaved timing: blocks of several calls alternate in one process, so they share its luck.

A shared machine changes its clock by up to 1.7x between minutes, so times from separate runs cannot
be divided by each other. Here every round times a short block of each call, in random order: both
blocks of a ratio see the same machine. Blocks of 0.2 ms in random order were the steadiest of those
tried; a fixed order has a bias of 0.3 %.

A call that comes after other libraries finds the caches full of their code and data. So each call
runs a few times untimed before its block. Without that, autograd and torch read 1.6 times too slow
at N = 100, and slower the more backends take part.
"""

import gc
import random
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from time import perf_counter
from timeit import Timer
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

BLOCK_SECONDS = 2e-4
# Untimed calls before each block; one is enough for calls that are longer than a few blocks.
WARM_CALLS = 3
LONG_CALL_SECONDS = 2e-3


@contextmanager
def no_garbage_collection():
    """Keep the cyclic garbage collector out of the timed blocks."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Timed(Protocol):
    """A timer with a loop of its own, in C say, like :class:`timeit.Timer`."""

    def timeit(self, number: int) -> float:
        """Seconds for `number` calls."""
        ...


def calls_per_block(timer: Timed, block_seconds: float = BLOCK_SECONDS) -> int:
    """How many calls fill a block; at least one. Warms the call up on the way."""
    number = 1
    while True:
        seconds = min(timer.timeit(number), timer.timeit(number))
        if seconds >= block_seconds / 2:
            return max(1, round(number * block_seconds / seconds))
        number *= 2


def _warm_calls(timer: Timed) -> int:
    return WARM_CALLS if timer.timeit(1) < LONG_CALL_SECONDS else 1


def interleave(
    calls: Sequence[Callable[[], Any] | Timed],
    seconds: float,
    *,
    seed: int = 0,
    warm: bool = True,
    progress: Callable[[float], None] = lambda fraction: None,
) -> NDArray[np.float64]:
    """Time `calls` in alternating blocks, for about `seconds` in all.

    Args:
        calls: hot functions of no argument, or objects that time themselves.
        seconds: the total to spend; at least three rounds are made.
        seed: of the random order within the rounds.
        warm: run each call untimed before its block; needless for versions of one function, which
            find the caches as they need them.
        progress: called after each round with the fraction of the time that has passed.

    Returns:
        Seconds per call, shape (rounds, len(calls)); a row is one round.
    """
    timers = [Timer(call) if callable(call) else call for call in calls]
    numbers = [calls_per_block(timer) for timer in timers]
    warm_calls = [_warm_calls(timer) if warm else 0 for timer in timers]
    order = list(range(len(calls)))
    shuffle = random.Random(seed).shuffle
    rounds: list[list[float]] = []
    with no_garbage_collection():
        start = perf_counter()
        while (spent := perf_counter() - start) < seconds or len(rounds) < 3:
            shuffle(order)
            row = [0.0] * len(calls)
            for i in order:
                timers[i].timeit(warm_calls[i])
                row[i] = timers[i].timeit(numbers[i]) / numbers[i]
            rounds.append(row)
            progress(min(1.0, spent / seconds))
    return np.array(rounds)
