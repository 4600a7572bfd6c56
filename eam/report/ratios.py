"""Overheads: a gradient's time over another's, with an interval and what it may be called.

Three denominators, since 'AD against manual' depends on which manual is meant:

    numpy    the allocating NumPy gradient, as the forum post's reader would write it
    best     the fastest hand-written gradient at that dimension
    value    the same backend's function value: omega, the cheap-gradient ratio

A ratio is *paired* if both times alternated in one process (`gradients.ToyOverhead`). Times of
separate processes may differ by the machine's mood alone, up to 1.7x; such a ratio is shown, and
never called a win or a loss.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..backends import MANUAL, describe
from ..errors import UnknownBackendError
from .results import Estimate, Run

REFERENCE = "numpy"
# denominator -> the benchmark that measures it with both times in one process
PAIRED = {"numpy": "track_overhead", "best": "track_overhead_best", "value": "track_omega"}

AHEAD, LEVEL, BEHIND = "ahead", "level", "behind"
UNCLEAR, UNPAIRED = "unclear", "unpaired"
# Two times are called level if their whole interval is within this factor of 1.
CLOSE = 1.25


@dataclass(frozen=True)
class Ratio:
    """A time over another.

    Attributes:
        value, low, high: the ratio and its interval; without one, both ends are the value.
        floor: what the measurement cannot tell from 1, as a fraction: .05 is 5 % either way.
        paired: whether both times come from one process.
    """

    value: float
    low: float
    high: float
    floor: float
    paired: bool

    @property
    def standing(self) -> str:
        """What may be said of the ratio: a lead or a lag only beyond the floor.

        'ahead' (faster), 'level', 'behind', 'unclear' (the interval reaches from level to far
        from it), or 'unpaired'.
        """
        if not self.paired:
            return UNPAIRED
        if self.high < 1.0 / (1.0 + self.floor):
            return AHEAD
        if self.low > 1.0 + self.floor:
            return BEHIND
        return LEVEL if self.low >= 1.0 / CLOSE and self.high <= CLOSE else UNCLEAR

    def inverse(self) -> "Ratio":
        """The denominator's time over this one's."""
        return Ratio(1.0 / self.value, 1.0 / self.high, 1.0 / self.low, self.floor, self.paired)


def repeatability(dimension: int) -> float:
    """How far an overhead moves between repeats on a shared machine: 5 %, at large N 15 %.

    An interval within one run does not show this; docs/explanation/measuring.md explains.
    """
    return 0.05 if dimension <= 10_000 else 0.15


def floor(run: Run, model: str, dimension: int) -> float:
    """What identical code shows as a difference (A/A): NumPy's gradient measured against itself.

    The wider of the repeatability and the A/A interval of this run, where it has one.
    """
    itself = run.get(model, "track_overhead", dimension, REFERENCE)
    ends = [end for end in itself or () if end is not None and end > 0.0]
    return max([repeatability(dimension), *(math.exp(abs(math.log(end))) - 1.0 for end in ends)])


def divide(above: Estimate, below: Estimate) -> Estimate | None:
    """above / below; relative errors add in quadrature, on the logarithms."""
    if above.value <= 0.0 or below.value <= 0.0:
        return None
    value = above.value / below.value
    up = math.hypot(_reach(above, above.high), _reach(below, below.low))
    down = math.hypot(_reach(above, above.low), _reach(below, below.high))
    return Estimate(value, value * math.exp(-down), value * math.exp(up))


def _reach(estimate: Estimate, end: float | None) -> float:
    return abs(math.log(end / estimate.value)) if end is not None and end > 0.0 else 0.0


def overhead(
    run: Run, model: str, dimension: int, backend: str, denominator: str = "numpy"
) -> Ratio | None:
    """The gradient of `backend` over the denominator, or None where a number is missing."""
    paired = run.get(model, PAIRED[denominator], dimension, backend)
    if paired is not None and paired.value > 0.0:
        return _ratio(run, model, dimension, paired, paired=True)
    above = run.get(model, "time_gradient", dimension, backend)
    if denominator == "value":
        below = run.get(model, "time_value", dimension, backend)
    else:
        other = REFERENCE if denominator == "numpy" else best_manual(run, model, dimension)
        below = run.get(model, "time_gradient", dimension, other) if other else None
    if above is None or below is None:
        return None
    return _ratio(run, model, dimension, divide(above, below), paired=False)


def best_manual(run: Run, model: str, dimension: int) -> str | None:
    """The fastest hand-written backend at a dimension, by paired overheads where there are any."""
    times: dict[str, Ratio] = {}
    for name in run.backends(model, "track_overhead", "time_gradient"):
        ratio = overhead(run, model, dimension, name) if kind(name) == MANUAL else None
        if ratio is not None:
            times[name] = ratio
    if any(ratio.paired for ratio in times.values()):
        times = {name: ratio for name, ratio in times.items() if ratio.paired}
    return min(times, key=lambda name: times[name].value, default=None)


def kind(backend: str) -> str:
    """How a backend gets its gradient; 'unknown' for one that this version does not have."""
    try:
        return describe(backend).kind
    except UnknownBackendError:
        return "unknown"


def library(backend: str) -> str:
    """The library of a backend, as pip names it; its first word for an unknown backend."""
    try:
        return describe(backend).library.replace("_", "-")
    except UnknownBackendError:
        return backend.split("-")[0]


def libraries(backends: Iterable[str]) -> dict[str, list[str]]:
    """library -> its backends, in their order."""
    grouped: dict[str, list[str]] = {}
    for name in backends:
        grouped.setdefault(library(name), []).append(name)
    return grouped


def _ratio(
    run: Run, model: str, dimension: int, estimate: Estimate | None, *, paired: bool
) -> Ratio | None:
    if estimate is None:
        return None
    value, low, high = estimate
    return Ratio(
        value,
        value if low is None else low,
        value if high is None else high,
        floor(run, model, dimension),
        paired,
    )
