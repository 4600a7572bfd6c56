"""Is the new code slower? Old and new interleaved in one process, in several fresh processes.

On identical code, times of two runs differ by up to 1.7x, those of two processes by some per cent,
and the ratio of two versions of one function that alternate in one process by less than 1 %, or 2 %
at N = 10^6 (docs/explanation/measuring.md). Only the same function is a control that good, so each
backend is compared with itself.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..backends import describe
from ..errors import UnknownBackendError
from ..measure.outcome import Outcome
from ..measure.worker import run_cases
from ..quantities import GRADIENT, quantity_names
from .side_by_side import (
    EAM,
    LARGE,
    MISSING,
    NEW,
    OLD,
    RAISES,
    REFUSED,
    VALUE,
    WRONG,
    Case,
    measure_here,
)

# Two agree where nothing has changed; six tell a change; ten tell it from a noisy row, fourteen
# from a very noisy one. Even, since what comes first in one process comes second in the next: of
# two torch-compile in one process the first is 2 % slower.
LEAST, USUAL, NOISY, MOST = 2, 6, 10, 14
SAME, SLOWER, FASTER, UNCLEAR = "same", "SLOWER", "faster", "unclear"
TOO_BUSY = "too busy to tell"
# The ratio that counts: up to x.size = 10^4, and above, where memory placement decides.
LIMITS = 1.01, 1.03
# Without ratios: the answers agree, and nothing was to be timed; the new version has no number
# where the old one has; neither has; there is nothing to compare with; neither version offers the
# case; the process crashed or hung.
SAME_ANSWER = "same answer"
BROKEN, BROKEN_IN_BOTH = "BROKEN", "broken in both"
NOT_COMPARED, NOT_OFFERED, FAILED = "not compared", "not offered", "not measured"


@dataclass
class Comparison:
    """New over old, of a quantity of one backend at one dimension.

    Attributes:
        backend: its name.
        dimension: of the problem.
        limit: the smallest ratio that counts as a difference and not as noise.
        ratios: t(new) / t(old), one a process.
        floors: by which factor a version seemed to differ from itself, one a process.
        problem: the verdict if there are no ratios.
        reason: why.
        quantity: what is compared, or VALUE.
        is_timed: or only the answers are compared.
    """

    backend: str
    dimension: int
    limit: float
    ratios: list[float] = field(default_factory=list[float])
    problem: str | None = None
    reason: str | None = None
    quantity: str = GRADIENT
    is_timed: bool = True
    floors: list[float] = field(default_factory=list[float])

    @property
    def case(self) -> Case:
        """The question for the measuring process."""
        return self.dimension, self.backend, self.quantity, self.is_timed

    @property
    def ratio(self) -> float:
        """The median of the processes, on logarithms; above 1 the new code is slower."""
        return math.exp(statistics.median(map(math.log, self.ratios)))

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and highest of the processes; of ten the second ones, of fourteen the third.

        Of six that is a 97 % interval of their median, of ten a 98 % one, of fourteen a 99 % one.
        """
        outermost = max(0, len(self.ratios) - USUAL) // (NOISY - USUAL)
        kept = sorted(self.ratios)[outermost : len(self.ratios) - outermost]
        return kept[0], kept[-1]

    @property
    def verdict(self) -> str:
        """A difference counts if it is beyond the limit and the interval does not hold 1.

        Where the machine is too busy, nothing is called the same.
        """
        if self.problem is not None:
            return self.problem
        low, high = self.interval
        is_near = 1.0 / self.limit <= self.ratio <= self.limit
        if not is_near and not low <= 1.0 <= high:
            return SLOWER if self.ratio > 1.0 else FASTER
        if self.is_too_busy:
            return TOO_BUSY
        return SAME if is_near else UNCLEAR

    @property
    def is_too_busy(self) -> bool:
        """Whether a version seemed to differ from itself by more than the limit.

        That takes every second block, so it is less steady than the ratio of the versions.
        """
        return bool(self.floors) and statistics.median(self.floors) > self.limit

    @property
    def is_settled(self) -> bool:
        """Whether one more process could hardly change the verdict."""
        if self.problem is not None or len(self.ratios) >= MOST:
            return True
        distances = [abs(math.log(ratio)) / math.log(self.limit) for ratio in self.ratios]
        near = sum(distance < 0.4 for distance in distances)
        if near >= LEAST and near > len(distances) / 2 and not self.is_too_busy:
            return True
        if len(distances) < USUAL:
            return False
        if self.verdict in (SAME, UNCLEAR, TOO_BUSY):
            return self.verdict != UNCLEAR
        return len(distances) >= NOISY or min(distances) > 1.0


def limit(size: int, limits: tuple[float, float] = LIMITS) -> float:
    """The ratio that counts at a size of x."""
    small, large = limits
    return small if size <= LARGE else large


def plan(
    names: Sequence[str],
    sizes: Mapping[int, int],
    quantities: Sequence[str] = (),
    limits: tuple[float, float] = LIMITS,
) -> list[Comparison]:
    """The comparisons of backends at dimensions, yet to be measured.

    Args:
        names: of the backends.
        sizes: x.size, by dimension.
        quantities: names of what is timed everywhere. Without any: the gradient, and the value
            where that takes no time; of all others the answers at the smallest dimension.
        limits: as :func:`limit` takes them.
    """
    rows: list[Comparison] = []
    for name in names:
        for dimension, size in sizes.items():
            timed = quantities or ((GRADIENT, VALUE) if size <= LARGE else (GRADIENT,))
            is_smallest = dimension == min(sizes)
            others = [] if quantities or not is_smallest else quantity_names()
            for quantity in dict.fromkeys((*timed, *others)):
                row = Comparison(name, dimension, limit(size, limits), quantity=quantity)
                rows.append(replace(row, is_timed=quantity in timed))
    return rows


def compare(
    base: Path,
    head: Path,
    model: str,
    rows: Sequence[Comparison],
    *,
    of: str = EAM,
    progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Compare the eam, or the reader's own functions, below two directories.

    Args:
        base, head: directories that hold the old and the new version.
        model: name of the model; of a function of the reader's own, its path from the top.
        of: EAM or FUNCTIONS, the code that there are two versions of.
        rows: what to compare, as :func:`plan` makes it; they receive what is found.
        progress: called with the fraction done.
    """
    by_case = {row.case: row for row in rows}
    question = {"base": str(base), "head": str(head), "model": model, "of": of}
    # compiled code of the two copies must not be mistaken for each other's
    cache = {"NUMBA_CACHE_DIR": str(head.parent / "numba")}
    for process in range(MOST):
        for group in _by_library([row.case for row in rows if not row.is_settled]):
            outcomes = run_cases(
                measure_here,
                [group],
                {**question, "seed": process},
                variables=cache,
                is_doubtful=_is_doubtful,
            )
            for case, outcome in outcomes.items():
                _add(by_case[case], outcome)
            progress(_fraction_done(rows))


def _add(row: Comparison, outcome: Outcome) -> None:
    if outcome.failed is not None:
        row.problem, row.reason = FAILED, outcome.failed
    elif "changed" in outcome.value:
        row.problem, row.reason = BROKEN, outcome.value["changed"]
    elif "faults" in outcome.value:
        row.problem, row.reason = judge(outcome.value["faults"])
    elif row.is_timed:
        row.ratios.append(outcome.value["ratio"])
        row.floors.append(outcome.value["floor"])
    else:
        row.problem = SAME_ANSWER


def judge(faults: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """The verdict and the reason where a version has no number.

    Args:
        faults: the kind and the reason, by version.
    """
    reasons = "; ".join(f"the {which} version: {faults[which][1]}" for which in sorted(faults))
    kinds = {which: kind for which, (kind, _) in faults.items()}
    if MISSING in kinds.values():
        return NOT_COMPARED, next(reason for kind, reason in faults.values() if kind == MISSING)
    if kinds.keys() == {NEW}:
        return BROKEN, reasons
    if kinds.keys() == {OLD}:
        return NOT_COMPARED, f"the new version has a number; {reasons}"
    if kinds == {OLD: REFUSED, NEW: REFUSED}:
        return NOT_OFFERED, faults[NEW][1]
    return (NOT_COMPARED if REFUSED in kinds.values() else BROKEN_IN_BOTH), reasons


def _is_doubtful(outcome: Outcome) -> bool:
    """Whether a fault may be that of another backend in the same process."""
    if outcome.failed is not None:
        return True
    kinds = {kind for kind, _ in outcome.value.get("faults", {}).values()}
    return bool(kinds & {RAISES, WRONG}) or "changed" in outcome.value


def _fraction_done(rows: Sequence[Comparison]) -> float:
    """Of the measurements, as far as one can know how many are left."""
    done = sum(len(row.ratios) for row in rows)
    left = sum(
        max(1, LEAST - len(row.ratios)) if row.is_timed else 1 for row in rows if not row.is_settled
    )
    return done / (done + left) if left else 1.0


def _by_library(cases: Sequence[Case]) -> list[list[Case]]:
    """The cases of each library share a process."""
    libraries: dict[str, list[Case]] = {}
    for case in cases:
        libraries.setdefault(_library(case[1]), []).append(case)
    return list(libraries.values())


def _library(name: str) -> str:
    try:
        return describe(name).library
    except UnknownBackendError:
        return name
