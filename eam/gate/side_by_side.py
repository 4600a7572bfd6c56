"""The measuring process of the gate: two versions of eam loaded in it, and timed interleaved.

What is timed is a quantity of a backend, or its value; the answers of both versions are compared
too. The place of the memory makes one copy of the same code up to 10 % slower than the other
(casadi-compiled at N = 100: its work array). The measurement is therefore repeated a few times. For
each repeat both versions are prepared anew, in the other order and in a heap with other holes.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NotOfferedError
from ..measure.check import TOLERANCE, check
from ..measure.outcome import Outcome, describe_error
from ..measure.serve import Say
from ..measure.timing import interleave
from ..quantities import GRADIENT, QUANTITIES, results_of
from .functions import Functions
from .versions import load, tell_apart

REPEATS = 3
# In all; large problems are noisier, and have fewer calls in a second.
SECONDS, SECONDS_IF_LARGE = 0.5, 1.2
LARGE = 10_000
# What takes longer to prepare, in seconds, is prepared once.
PATIENCE = 0.5

# What is compared beside the quantities.
VALUE = "value"
Case = tuple[int, str, str, bool]
"""(dimension, backend, quantity, whether it is timed or its answers are compared only)."""

# What there are two versions of.
EAM, FUNCTIONS = "eam", "functions"
OLD, NEW = "old", "new"
# Why a version has no number: its library is not installed, it does not offer the case, it raises,
# or its answer is wrong.
MISSING, REFUSED, RAISES, WRONG = "missing", "refused", "raises", "wrong"
_KINDS = {
    "MissingBackendError": MISSING,
    "NotOfferedError": REFUSED,
    "UnknownBackendError": REFUSED,
    "UnknownModelError": REFUSED,
    "UnknownNameError": REFUSED,
    "CheckError": WRONG,
}


class _Faults(Exception):  # noqa: N818 (an answer rather than an error)
    """Versions without a number: which, and why."""

    def __init__(self, errors: dict[str, BaseException]) -> None:
        self.faults = {which: _fault(error) for which, error in errors.items()}


def _fault(error: BaseException) -> tuple[str, str]:
    """The kind and the reason; by name, since the classes of each version are its own."""
    kinds = [_KINDS[cls.__name__] for cls in type(error).__mro__ if cls.__name__ in _KINDS]
    return (kinds or [RAISES])[0], describe_error(error)


@dataclass
class _Version:
    """A backend of one version at one dimension, and a quantity of it, ready to be timed."""

    prepared: Any
    call: Callable[[], Any]
    seconds: float  # to prepare


def measure_here(
    say: Say, cases: Sequence[Case], base: str, head: str, model: str, seed: int, of: str
) -> Iterator[Outcome]:
    """Load both versions in this process and compare them, case by case.

    They are versions `of` eam, or of the reader's own functions.

    The value of each outcome is {"ratio": t(head) / t(base), "floor": the same of a version and
    itself}, both None where only the answers are compared, or {"faults": {version: (kind,
    reason)}} with the versions that have no number, or {"changed": how their answers differ}.
    """
    random = Random(seed)
    directories = [(OLD, base), (NEW, head)]
    if seed % 2:
        # each is the first in half of the processes, since that matters: numba calls what came
        # second 1 us slower where it takes named tuples
        directories.reverse()
    version = load if of == EAM else Functions
    versions: dict[str, Any] = {
        which: version(Path(path), f"eam_{which}") for which, path in directories
    }
    for dimension, name, quantity, is_timed in cases:
        case = _Case(versions, model, name, dimension, quantity, is_timed, random, say)
        try:
            yield Outcome(case.compare())
        except _Faults as found:
            yield Outcome({"faults": found.faults})


class _Case:
    """One comparison."""

    def __init__(
        self,
        versions: dict[str, Any],
        model: str,
        name: str,
        dimension: int,
        quantity: str,
        is_timed: bool,
        random: Random,
        say: Say,
    ) -> None:
        self._versions = versions
        self._model, self._name, self._dimension = model, name, dimension
        self._quantity, self._is_timed = quantity, is_timed
        self._what = f"{quantity} of {name} at dimension {dimension}"
        self._random = random
        self._say = say
        self._order = list(versions)

    def compare(self) -> dict[str, Any]:
        problems = self._each(
            lambda which: self._versions[which].problem(self._model, self._dimension)
        )
        x0 = problems[NEW].x0
        if not np.array_equal(problems[OLD].x0, x0):
            return {"changed": "the problem has another input x0"}
        ready = self._prepared(problems)
        ratios: list[float] = []
        floors: list[float] = []
        for repeat in range(REPEATS if self._is_timed else 0):
            if repeat > 0 and min(version.seconds for version in ready.values()) < PATIENCE:
                self._order.reverse()
                holes = _stirred(self._random)
                ready = self._prepared(problems)
                del holes
            times = self._times(ready, x0.size)
            ratios.append(float(np.median(times[:, 1] / times[:, 0])))
            floors.append(_floor(times))
        # only now: a check of one side alone leaves JAX up to 10 % slower on that side
        self._say(f"checking both versions of the {self._what}", 1.0)
        checked = GRADIENT if self._quantity == VALUE else self._quantity
        self._each(lambda which: check(ready[which].prepared, checked))
        changed = _difference(ready, self._quantity)
        if changed:
            return {"changed": changed}
        if not self._is_timed:
            return {"ratio": None, "floor": None}
        return {"ratio": statistics.median(ratios), "floor": statistics.median(floors)}

    def _prepared(self, problems: dict[str, Any]) -> dict[str, _Version]:
        x0 = problems[NEW].x0
        memory: tuple[Any, ...] = ()

        def prepared(which: str) -> _Version:
            nonlocal memory
            self._say(f"preparing the {which} {self._what}", 0.0)
            start = perf_counter()
            version = self._versions[which]
            ready = version.prepare(replace(problems[which], x0=x0), self._name)
            tell_apart(version.__name__)
            # the same for both: another address alone makes a loop 10 % slower or faster
            memory = memory or memory_of(ready, self._quantity)
            call = bound(ready, self._quantity, memory)
            call()  # compiles
            return _Version(ready, call, perf_counter() - start)

        return self._each(prepared)

    def _times(self, ready: dict[str, _Version], size: int) -> NDArray[np.float64]:
        seconds = (SECONDS if size <= LARGE else SECONDS_IF_LARGE) / REPEATS
        doing = f"timing both versions of the {self._what}"
        calls = {which: ready[which].call for which in (OLD, NEW)}
        try:
            return interleave(
                list(calls.values()),
                seconds,
                seed=self._random.getrandbits(32),
                warm=False,
                progress=lambda fraction: self._say(doing, fraction),
            )
        except Exception:
            self._each(lambda which: calls[which]())  # which of the two raises
            raise

    def _each(self, function: Callable[[str], Any]) -> dict[str, Any]:
        """The result of a function for each version, or the first error it raises for one."""
        found: dict[str, Any] = {}
        errors: dict[str, BaseException] = {}
        for which in self._order:
            try:
                found[which] = function(which)
            except (Exception, SystemExit) as error:
                errors[which] = error
        if errors:
            raise _Faults(errors)
        return found


def _floor(times: NDArray[np.float64]) -> float:
    """By which factor a version seems to differ from itself: two successive blocks of it each."""
    pairs = times[: len(times) // 2 * 2].reshape(-1, 2, 2)
    return float(np.exp(np.abs(np.log(np.median(pairs[:, 1] / pairs[:, 0], axis=0))).max()))


def memory_of(ready: Any, quantity: str) -> tuple[Any, ...]:
    """The arrays that the timed call of a prepared problem works in.

    Raises:
        NotOfferedError: the quantity is not offered.
    """
    x0 = ready.problem.x0
    if quantity == GRADIENT:
        return ready.native.asarray(x0), np.empty_like(x0)
    return tuple(map(ready.native.asarray, _inputs(ready, quantity)))


def bound(ready: Any, quantity: str, memory: tuple[Any, ...]) -> Callable[[], Any]:
    """The timed call of a quantity, or of the value, in memory that another version may share.

    Raises:
        NotOfferedError: the quantity is not offered.
    """
    if quantity == GRADIENT:
        return ready.hot_gradient(*memory)
    if quantity == VALUE:
        return partial(ready.native.value, *memory)
    _require(ready, quantity)
    return ready.native.calls[quantity](*memory)


def _inputs(ready: Any, quantity: str) -> tuple[Any, ...]:
    x0 = ready.problem.x0
    if quantity in (VALUE, GRADIENT):
        return (x0,)
    _require(ready, quantity)
    return QUANTITIES[quantity].inputs(ready.problem, x0)


def _require(ready: Any, quantity: str) -> None:
    if not hasattr(ready, "require"):
        raise NotOfferedError(f"it has no {quantity}, since it has only value and gradient")
    ready.require(quantity)


def _difference(ready: dict[str, _Version], quantity: str) -> str | None:
    """How the answers of two versions differ that both agree with their own references."""
    is_usual = quantity in (VALUE, GRADIENT)
    tolerance = TOLERANCE if is_usual else QUANTITIES[quantity].tolerance
    inputs = _inputs(ready[NEW].prepared, quantity)
    for what in (VALUE, GRADIENT) if is_usual else (quantity,):
        answers = [results_of(getattr(ready[w].prepared, what)(*inputs)) for w in (OLD, NEW)]
        for old, new in zip(*answers, strict=True):
            off = float(np.max(np.abs(np.subtract(new, old))) / np.max(np.abs(old)))
            if not off <= tolerance:
                return f"the {what} differs from that of the old version by {off:.1e} relative"
    return None


def _stirred(random: Random) -> list[bytearray]:
    """Blocks of random sizes, with holes between them for small arrays to come into."""
    blocks = [bytearray(random.randrange(1, 4000)) for _ in range(200)]
    del blocks[:: random.randrange(2, 5)]
    return blocks
