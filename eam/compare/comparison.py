"""Every backend's gradient, or other quantity, over the reader's own, and what follows."""

from collections.abc import Iterator, Sequence

from .. import formatting
from ..backends import BY_HAND, CUSTOM, PRIMITIVE, describe
from ..measure.conversation import Progress
from ..measure.interval import Interval, median_interval
from ..measure.overhead import REFERENCE, Overheads, measure_into
from ..measure.worker import Case
from ..model import Model
from ..own.source import read
from ..quantities import GRADIENT
from ..report.ratios import Estimate, floor

# A gradient that takes longer than this by AD is not worth giving up for fewer lines.
WORTH = 2.0


class Comparison:
    """The overheads of backends at the dimensions of a function, as far as they are measured."""

    def __init__(
        self,
        model: Model,
        dimensions: Sequence[int],
        backends: Sequence[str],
        quantity: str = GRADIENT,
    ) -> None:
        """Nothing is measured yet."""
        self.model = model
        self.quantity = quantity
        self.dimensions = tuple(dimensions)
        self.backends = tuple(dict.fromkeys([REFERENCE, *backends]))
        self.found: dict[Case, Overheads] = {
            (dimension, name): Overheads() for dimension in dimensions for name in self.backends
        }

    def measure(self, progress: Progress) -> Iterator[float]:
        """Measure; yields the fraction done. A caller may stop after any of them."""
        return measure_into(
            self.found, self.model.reference, progress=progress, quantity=self.quantity
        )

    def ratio(self, dimension: int, backend: str) -> Interval | None:
        """t / t(the same by the reader), with its 99 % interval; None if not measured."""
        samples = self.found[dimension, backend].overhead
        return median_interval(samples) if samples else None

    def floor(self, dimension: int) -> float:
        """The difference that identical code shows, as a fraction."""
        itself = self.ratio(dimension, REFERENCE)
        return floor(dimension, None if itself is None else Estimate(*itself))

    def reason(self, dimension: int, backend: str) -> str | None:
        """Why a case has no number; None for one that has, or was not reached."""
        case = self.found[dimension, backend]
        return case.missing or case.failed

    def ranked(self) -> list[str]:
        """The backends with a number, the fastest at the largest dimension first."""
        at = {name: self._last(name) for name in self.backends}
        measured = {name: last for name, last in at.items() if last is not None}
        return sorted(measured, key=lambda name: (-measured[name][0], measured[name][1].median))

    def _last(self, backend: str) -> tuple[int, Interval] | None:
        """The largest dimension that a backend was measured at, and its ratio there."""
        for dimension in reversed(self.dimensions):
            if (ratio := self.ratio(dimension, backend)) is not None:
                return dimension, ratio
        return None

    def advice(self) -> str:
        """One sentence: what to use instead of the code by hand, or to keep it."""
        differentiating = [
            name
            for name in self.ranked()
            if describe(name).kind not in (*BY_HAND, CUSTOM, PRIMITIVE)
        ]
        if not differentiating:
            return "No backend that differentiates was measured."
        best = differentiating[0]
        last = self._last(best)
        assert last is not None  # or it would not be ranked
        dimension, ratio = last
        where, times = formatting.at(dimension, self.model.unit), formatting.digits(ratio.median)
        if ratio.low > WORTH:
            longer = f"the fastest, {best}, takes {times}x as long at {where}"
            return f"Keep your {self.quantity}: {longer}."
        lines = read(self.model.source).lines_by_hand(self.quantity)
        return f"Use {best}: {times}x your {self.quantity} at {where}, {lines} lines less."
