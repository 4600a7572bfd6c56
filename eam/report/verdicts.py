"""The verdict on each library: may its gradient replace the one written by hand?"""

from collections.abc import Iterable
from dataclasses import dataclass

from .. import formatting
from ..backends import FORWARD, MANUAL, REVERSE
from ..measure.fit import crossover
from .overheads import (
    AHEAD,
    BEHIND,
    LEVEL,
    UNCLEAR,
    UNPAIRED,
    Ratio,
    kind,
    libraries,
    overhead,
)
from .results import Estimate, Run

UNIT = {"toy": "N"}


@dataclass(frozen=True)
class Verdict:
    """What was measured of one library, by the best of its ways without a hand-written rule.

    Attributes:
        ratios: dimension -> overhead over the NumPy gradient.
        best: overhead over the best hand-written gradient, at `dimension`.
        crossover: the N from which it stays faster than NumPy's; None if it does not.
        allocations, allocated_bytes: per gradient, at `dimension`.
    """

    model: str
    library: str
    version: str
    backend: str
    dimension: int
    ratios: dict[int, Ratio]
    best: Ratio | None
    crossover: float | None
    allocations: Estimate | None
    allocated_bytes: Estimate | None

    @property
    def ratio(self) -> Ratio:
        """The overhead at the dimension of the verdict."""
        return self.ratios[self.dimension]

    @property
    def word(self) -> str:
        """The verdict in a word or two."""
        standing = self.ratio.standing
        if standing == BEHIND:
            return "not yet" if self.crossover is None else f"above {self._at(self.crossover)}"
        return {
            AHEAD: "yes, faster",
            LEVEL: "yes, level",
            UNCLEAR: "not clear",
            UNPAIRED: "not comparable",
        }[standing]

    @property
    def standing(self) -> str:
        """The standing at the dimension of the verdict; 'later' if it is ahead above another."""
        later = self.ratio.standing == BEHIND and self.crossover is not None
        return "later" if later else self.ratio.standing

    @property
    def sentence(self) -> str:
        """The verdict as one line."""
        ratio = "about " * (not self.ratio.paired) + formatting.times(self.ratio.value)
        parts = [f"{ratio} the NumPy gradient at {self._at(self.dimension)}", self._elsewhere()]
        if self.allocations is not None:
            number = formatting.count(self.allocations.value)
            parts.append(f"{number} allocation{'s' * (number != '1')} a call")
        return f"{self.name}: {', '.join(filter(None, parts))}"

    @property
    def name(self) -> str:
        """The library with its version, and the way if it is not the plain one."""
        way = "" if self.backend == self.library else f" ({self.backend})"
        return f"{self.library} {self.version}".rstrip() + way

    def _elsewhere(self) -> str:
        standings = {n: ratio.standing for n, ratio in self.ratios.items()}
        last = max(standings)
        if UNPAIRED in standings.values():
            return "timed apart, so no claim is made"
        if len(standings) == 1:
            return ""
        if set(standings.values()) == {AHEAD}:
            return f"faster at every {self._unit} measured"
        if self.crossover is not None:
            since = "from" if isinstance(self.crossover, int) else "above"
            return f"faster {since} {self._at(self.crossover)}"
        ahead = [formatting.dimension(n) for n, standing in standings.items() if standing == AHEAD]
        unclear = UNCLEAR in standings.values()
        if ahead:
            rest = ", not clear elsewhere" if unclear else " only"
            where = at(self.model, formatting.listed(ahead))
            return f"faster at {where}{rest}"
        if standings[last] == LEVEL:
            return f"level at {self._at(last)}"
        slower = "slower at every" if set(standings.values()) == {BEHIND} else "not faster at any"
        slower = "not clearly faster at any" if unclear else slower
        return f"{slower} {self._unit} up to {formatting.dimension(last)}"

    @property
    def _unit(self) -> str:
        return UNIT.get(self.model, "number of atoms")

    def _at(self, dimension: float) -> str:
        return at(self.model, dimension)


def at(model: str, dimension: float | str) -> str:
    """'N = 100', or '4 000 atoms': a measured dimension in full, an interpolated one rounded."""
    number = dimension
    if not isinstance(dimension, str):
        exact = isinstance(dimension, int)
        number = formatting.dimension(dimension) if exact else formatting.digits(dimension)
    return f"{UNIT[model]} = {number}" if model in UNIT else f"{number} atoms"


def gradient_bytes(model: str, dimension: int) -> float:
    """Of a gradient itself: 8 a number, and an atom has three."""
    return 8.0 * dimension * (1 if model in UNIT else 3)


def reference_dimension(run: Run, model: str) -> int | None:
    """The forum post's N = 100 if it was measured; else the smallest dimension."""
    measured = run.dimensions(model, "track_overhead") or run.dimensions(model, "time_gradient")
    return 100 if 100 in measured else min(measured, default=None)


def verdicts(run: Run, model: str, dimension: int | None = None) -> list[Verdict]:
    """One verdict a library that differentiates, the fastest first; by default at the reference."""
    dimension = reference_dimension(run, model) if dimension is None else dimension
    if dimension is None:
        return []
    names = run.backends(model, "track_overhead", "time_gradient")
    differentiating = libraries(name for name in names if kind(name) in (REVERSE, FORWARD))
    found = [_best_way(run, model, ways, dimension) for ways in differentiating.values()]
    return sorted((v for v in found if v is not None), key=lambda v: v.ratio.value)


def verdict(run: Run, model: str, backend: str, dimension: int) -> Verdict | None:
    """The verdict on one backend, or None where it was not measured at `dimension`."""
    ratios = ratios_of(run, model, backend)
    if dimension not in ratios:
        return None
    (library,) = libraries([backend])
    return Verdict(
        model=model,
        library=library,
        version=run.versions.get(library, ""),
        backend=backend,
        dimension=dimension,
        ratios=ratios,
        best=overhead(run, model, dimension, backend, "best"),
        crossover=claimed_crossover(ratios),
        allocations=run.get(model, "track_allocations", dimension, backend),
        allocated_bytes=run.get(model, "track_allocated_bytes", dimension, backend),
    )


def ratios_of(run: Run, model: str, backend: str) -> dict[int, Ratio]:
    """dimension -> overhead over NumPy: the paired ones, or where there is none, all."""
    dimensions = run.dimensions(model, "track_overhead", "time_gradient")
    ratios = {n: overhead(run, model, n, backend) for n in dimensions}
    found = {n: ratio for n, ratio in ratios.items() if ratio is not None}
    return {n: ratio for n, ratio in found.items() if ratio.paired} or found


def claimed_crossover(ratios: dict[int, Ratio]) -> float | None:
    """The N from which the ratio stays below 1, if it ends below it by more than the floor.

    Where it comes from a lead inside the floor, there is no crossing to interpolate: then the first
    N of the claimed lead.
    """
    dimensions = sorted(ratios)
    if len(dimensions) < 2 or ratios[dimensions[-1]].standing != AHEAD:
        return None
    others = [n for n in dimensions if ratios[n].standing != AHEAD]
    if others and ratios[others[-1]].value < 1.0:
        return min(n for n in dimensions if n > others[-1])
    values = [ratios[n].value for n in dimensions]
    return crossover(dimensions, values, [1.0] * len(values))


def hand_written(run: Run, model: str, dimension: int) -> dict[str, Ratio]:
    """The hand-written backends and their overheads over NumPy, the fastest first."""
    names = run.backends(model, "track_overhead", "time_gradient")
    ratios = {n: overhead(run, model, dimension, n) for n in names if kind(n) == MANUAL}
    found = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    return dict(sorted(found.items(), key=lambda item: item[1].value))


def _best_way(run: Run, model: str, ways: Iterable[str], dimension: int) -> Verdict | None:
    """The fastest of a library's ways; one timed apart speaks only where no other does."""
    found = [verdict(run, model, way, dimension) for way in ways]
    ranked = (v for v in found if v is not None)
    return min(ranked, key=lambda v: (not v.ratio.paired, v.ratio.value), default=None)
