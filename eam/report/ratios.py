"""Measured numbers, their ratios, and what may be claimed of a ratio.

A ratio is *paired* if both times come from alternating blocks in one process. The times of two
separate processes can differ by up to 1.7x through the state of the machine alone: such a ratio is
shown, and nothing is claimed from it.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# Two times are level if the whole interval of their ratio is within this factor of 1.
CLOSE = 1.25
# How far the times of two processes can differ through the state of a shared machine alone.
BETWEEN_PROCESSES = 1.7


class Standing(StrEnum):
    """The claim that can be made of a time against another."""

    AHEAD = "ahead"  # faster, beyond the floor
    LEVEL = "level"  # within the floor, or within a factor of CLOSE
    BEHIND = "behind"  # slower, beyond the floor
    UNCLEAR = "unclear"  # the interval reaches from level to far from it
    UNPAIRED = "unpaired"  # the times come from separate processes
    LATER = "later"  # of a verdict only: behind at its dimension, and ahead at larger ones


class Score(StrEnum):
    """How a library counts on a model, against a gradient written by hand."""

    AHEAD = "ahead"  # faster, beyond the floor
    CLOSE = "close"  # not ahead, and within a factor of CLOSE
    BEHIND = "behind"  # slower by more than that
    UNCLEAR = "unclear"  # the measurement supports no claim
    MISSING = "missing"  # no number


class Spread(NamedTuple):
    """How the samples of a measured number lie; `samples` is empty where asv kept none."""

    first_quartile: float
    third_quartile: float
    number: int
    samples: tuple[float, ...] = ()


class Estimate(NamedTuple):
    """A measured number and its 99 % interval; `low` and `high` are None where none was stored.

    asv's interval of a few samples that differ much is symmetric and can reach below 0, which no
    time and no ratio does. Its lower end is then as far below the value, by its factor, as the
    upper end is above it.
    """

    value: float
    low: float | None = None
    high: float | None = None
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A time over another.

    Attributes:
        value, low, high: the ratio and its interval; without one, both ends are the value.
        floor: what the measurement cannot tell from 1, as a fraction: .05 is 5 % either way.
        paired: whether both times come from one process.
        spread: of the samples of a paired ratio.
    """

    value: float
    low: float
    high: float
    floor: float
    paired: bool
    spread: Spread | None = None

    @property
    def standing(self) -> Standing:
        """The claim that can be made of the ratio: a lead or a lag only beyond the floor."""
        if not self.paired:
            return Standing.UNPAIRED
        if self.high < 1.0 / (1.0 + self.floor):
            return Standing.AHEAD
        if self.low > 1.0 + self.floor:
            return Standing.BEHIND
        close = self.low >= 1.0 / CLOSE and self.high <= CLOSE
        return Standing.LEVEL if close else Standing.UNCLEAR

    def inverse(self) -> "Ratio":
        """The denominator's time over this one's."""
        return Ratio(1.0 / self.value, 1.0 / self.high, 1.0 / self.low, self.floor, self.paired)

    def clearly_below(self, other: "Ratio") -> bool:
        """Whether the intervals are further apart than the measurement can tell."""
        paired = self.paired and other.paired
        margin = 1.0 + self.floor if paired else BETWEEN_PROCESSES
        return self.high * margin < other.low


def score(ratio: Ratio | None) -> Score:
    """How a library with this overhead counts."""
    if ratio is None:
        return Score.MISSING
    if ratio.standing in (Standing.UNPAIRED, Standing.UNCLEAR):
        return Score.UNCLEAR
    if ratio.standing == Standing.AHEAD:
        return Score.AHEAD
    return Score.CLOSE if ratio.value <= CLOSE else Score.BEHIND


def ratio(estimate: Estimate, floor: float, *, paired: bool) -> Ratio:
    """A ratio from a measured one; an end that was not stored is the value."""
    value, low, high, spread = estimate
    low, high = value if low is None else low, value if high is None else high
    return Ratio(value, low, high, floor, paired, spread)


def repeatability(dimension: int) -> float:
    """How far an overhead moves between repeats on a shared machine: 5 %, at large N 15 %.

    The interval within one run does not contain this; docs/explanation/measuring.md explains.
    """
    return 0.05 if dimension <= 10_000 else 0.15


def floor(dimension: int, itself: Estimate | None) -> float:
    """The difference that identical code shows (A/A), as a fraction.

    The larger of the repeatability and the interval of `itself`: NumPy's gradient over itself.
    """
    ends = [end for end in itself[:3] if end is not None and end > 0.0] if itself else []
    return max([repeatability(dimension), *(math.exp(abs(math.log(end))) - 1.0 for end in ends)])


def divide(above: Estimate, below: Estimate) -> Estimate | None:
    """above / below; the relative errors add in quadrature, on the logarithms."""
    if above.value <= 0.0 or below.value <= 0.0:
        return None
    value = above.value / below.value
    up = math.hypot(_distance(above, above.high), _distance(below, below.low))
    down = math.hypot(_distance(above, above.low), _distance(below, below.high))
    return Estimate(value, value * math.exp(-down), value * math.exp(up))


def _distance(estimate: Estimate, end: float | None) -> float:
    """From the value to an end of its interval, on a logarithmic scale."""
    return abs(math.log(end / estimate.value)) if end is not None and end > 0.0 else 0.0
