"""The measuring process of the gate: two versions of eam loaded in it, and timed interleaved.

The place of the memory makes one copy of the same code up to 10 % slower than the other
(casadi-compiled at N = 100: its work array). The measurement is therefore repeated a few times. For
each repeat both versions are prepared anew, in the other order and in a heap with other holes.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ..measure.check import check
from ..measure.outcome import Outcome
from ..measure.serve import Say
from ..measure.timing import interleave
from ..measure.worker import Case
from .versions import load, tell_apart

REPEATS = 3
# In all; large problems are noisier, and have fewer calls in a second.
SECONDS, SECONDS_IF_LARGE = 0.5, 1.2
LARGE = 10_000
# What takes longer to prepare, in seconds, is prepared once.
PATIENCE = 0.5

NOT_COMPARED, WRONG = "not compared", "WRONG"
OLD, NEW = "old", "new"


class _Pair(NamedTuple):
    """Both versions of a backend at one dimension, ready to be timed."""

    old: Callable[[], Any]
    new: Callable[[], Any]
    new_prepared: Any
    seconds: float


class _VersionError(Exception):
    """What one version does not do; the answer says which, and why."""

    def __init__(self, version: str, error: Exception) -> None:
        # by name: the classes of the two versions are their own
        kind = type(error).__name__
        reason = f"in the {version} version: {kind}: {error}"
        self.answer = {"problem": NOT_COMPARED, "reason": reason}
        if kind == "CheckError":
            self.answer = {"problem": WRONG, "reason": str(error)}


def measure_here(
    say: Say, cases: Sequence[Case], base: str, head: str, model: str, seed: int
) -> Iterator[Outcome]:
    """Load both versions in this process and compare them, case by case.

    The value of each outcome is {"ratio": t(head) / t(base)}, or {"problem": ..., "reason": ...}.
    """
    random = Random(seed)
    directories = [(OLD, base), (NEW, head)]
    if seed % 2:
        # each is the first in half of the processes, since that matters: numba calls what came
        # second 1 us slower where it takes named tuples
        directories.reverse()
    versions = {which: load(Path(path), f"eam_{which}") for which, path in directories}
    for dimension, name in cases:
        say(f"comparing {name} at dimension {dimension}", 0.0)
        try:
            yield Outcome({"ratio": _ratio(versions, model, name, dimension, random)})
        except _VersionError as fault:
            yield Outcome(fault.answer)


def _ratio(
    versions: dict[str, Any], model: str, name: str, dimension: int, random: Random
) -> float:
    x0 = versions[NEW].problem(model, dimension).x0
    seconds = (SECONDS if x0.size <= LARGE else SECONDS_IF_LARGE) / REPEATS
    order = list(versions)
    pair = _prepared(versions, order, model, name, dimension, x0)
    ratios: list[float] = []
    for repeat in range(REPEATS):
        if repeat > 0 and pair.seconds < PATIENCE:
            order.reverse()
            holes = _stirred(random)
            pair = _prepared(versions, order, model, name, dimension, x0)
            del holes
        times = interleave([pair.old, pair.new], seconds, seed=random.getrandbits(32), warm=False)
        ratios.append(float(np.median(times[:, 1] / times[:, 0])))
    try:
        # only now: a check of one side alone leaves JAX up to 10 % slower on that side
        check(pair.new_prepared)
    except Exception as error:
        raise _VersionError(NEW, error) from error
    return statistics.median(ratios)


def _prepared(
    versions: dict[str, Any], order: Sequence[str], model: str, name: str, dimension: int, x0: Any
) -> _Pair:
    memory: tuple[Any, ...] = ()
    prepared: dict[str, Any] = {}
    calls: dict[str, Callable[[], Any]] = {}
    seconds: list[float] = []
    for which in order:
        start = perf_counter()
        try:
            problem = versions[which].problem(model, dimension)
            if not np.array_equal(problem.x0, x0):
                raise ValueError("the problem itself has changed: x0 differs")
            prepared[which] = versions[which].prepare(replace(problem, x0=x0), name)
            tell_apart(versions[which].__name__)
            # the same for both: another address alone makes a loop 10 % slower or faster
            memory = memory or (prepared[which].native.asarray(x0), np.empty_like(x0))
            calls[which] = prepared[which].hot_gradient(*memory)
            calls[which]()  # compiles
        except Exception as error:
            raise _VersionError(which, error) from error
        seconds.append(perf_counter() - start)
    # of the two, since the first of all imports the library
    return _Pair(calls[OLD], calls[NEW], prepared[NEW], min(seconds))


def _stirred(random: Random) -> list[bytearray]:
    """Blocks of random sizes, with holes between them for small arrays to come into."""
    blocks = [bytearray(random.randrange(1, 4000)) for _ in range(200)]
    del blocks[:: random.randrange(2, 5)]
    return blocks
