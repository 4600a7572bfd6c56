"""The verdict on each library: may its gradient replace the one written by hand?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from .. import formatting
from ..backends import FORWARD, REVERSE
from ..measure.fit import crossover
from .names import by_library, kind, library
from .ratios import Ratio, Standing
from .results import ModelResults

_WORDS = {
    Standing.AHEAD: "yes, faster",
    Standing.LEVEL: "yes, level",
    Standing.UNCLEAR: "not clear",
    Standing.UNPAIRED: "not comparable",
    Standing.BEHIND: "not yet",
}


@dataclass(frozen=True)
class Verdict:
    """The result of one backend; of a library, its fastest without a hand-written rule.

    Attributes:
        results: of the model that was measured.
        backend: that speaks for its library.
        dimension: that the verdict is about.
        ratios: dimension -> overhead over the NumPy gradient.
    """

    results: ModelResults
    backend: str
    dimension: int
    ratios: Mapping[int, Ratio]

    @property
    def library(self) -> str:
        """The library of the backend, as pip names it."""
        return library(self.backend)

    @property
    def version(self) -> str:
        """The library's version; empty if it was not recorded."""
        return self.results.versions.get(self.library, "")

    @property
    def name(self) -> str:
        """The library with its version, and the backend if it is not the library's plain one."""
        backend = "" if self.backend == self.library else f" ({self.backend})"
        return f"{self.library} {self.version}".rstrip() + backend

    @property
    def ratio(self) -> Ratio:
        """The overhead over NumPy at the dimension of the verdict."""
        return self.ratios[self.dimension]

    @property
    def best(self) -> Ratio | None:
        """The overhead over the best hand-written gradient at the dimension of the verdict."""
        return self.results.overhead(self.dimension, self.backend, "best")

    @cached_property
    def crossover(self) -> float | None:
        """The N from which the backend stays faster than NumPy; None if it does not."""
        return claimed_crossover(self.ratios)

    @property
    def standing(self) -> Standing:
        """The standing at the dimension of the verdict; LATER if it is ahead only above another."""
        later = self.ratio.standing == Standing.BEHIND and self.crossover is not None
        return Standing.LATER if later else self.ratio.standing

    @property
    def word(self) -> str:
        """The verdict in a word or two."""
        if self.standing == Standing.LATER and self.crossover is not None:
            return f"above {self._at(self.crossover)}"
        return _WORDS[self.standing]

    @property
    def sentence(self) -> str:
        """The verdict as one line."""
        ratio = "about " * (not self.ratio.paired) + formatting.times(self.ratio.value)
        parts = [f"{ratio} the NumPy gradient at {self._at(self.dimension)}", self._elsewhere()]
        allocations = self.results.get("track_allocations", self.dimension, self.backend)
        if allocations is not None:
            number = formatting.count(allocations.value)
            parts.append(f"{number} allocation{'s' * (number != '1')} a call")
        return f"{self.name}: {', '.join(filter(None, parts))}"

    def _elsewhere(self) -> str:
        """The standing at the other dimensions, in words."""
        standings = {n: ratio.standing for n, ratio in self.ratios.items()}
        every = set(standings.values())
        if Standing.UNPAIRED in every:
            return "timed in separate processes, so no claim is made"
        if len(standings) == 1:
            return ""
        if every == {Standing.AHEAD}:
            return f"faster at every {self._counted} measured"
        if self.crossover is not None:
            since = "from" if isinstance(self.crossover, int) else "above"
            return f"faster {since} {self._at(self.crossover)}"
        return self._not_for_good(standings)

    def _not_for_good(self, standings: Mapping[int, Standing]) -> str:
        """The standing of a backend that does not stay ahead, in words."""
        last, every = max(standings), set(standings.values())
        unclear = Standing.UNCLEAR in every
        ahead = [formatting.dimension(n) for n, s in standings.items() if s == Standing.AHEAD]
        if ahead:
            rest = ", not clear elsewhere" if unclear else " only"
            return f"faster at {self._at(formatting.listed(ahead))}{rest}"
        if standings[last] == Standing.LEVEL:
            return f"level at {self._at(last)}"
        slower = "slower at every" if every == {Standing.BEHIND} else "not faster at any"
        slower = "not clearly faster at any" if unclear else slower
        return f"{slower} {self._counted} up to {formatting.dimension(last)}"

    @property
    def _counted(self) -> str:
        return "N" if self.results.unit == "N" else f"number of {self.results.unit}"

    def _at(self, dimension: float | str) -> str:
        return formatting.at(dimension, self.results.unit)


def verdicts(results: ModelResults, dimension: int | None = None) -> list[Verdict]:
    """One verdict for each library that differentiates, the fastest first.

    Args:
        results: of a model.
        dimension: that the verdicts are about; by default the model's reference dimension.
    """
    dimension = results.reference_dimension if dimension is None else dimension
    if dimension is None:
        return []
    plain = (name for name in results.timed_backends if kind(name) in (REVERSE, FORWARD))
    found = [fastest(results, names, dimension) for names in by_library(plain).values()]
    return sorted((v for v in found if v is not None), key=lambda v: v.ratio.value)


def verdict(results: ModelResults, backend: str, dimension: int) -> Verdict | None:
    """The verdict on one backend, or None where it was not measured at `dimension`."""
    ratios = results.overheads(backend)
    return Verdict(results, backend, dimension, ratios) if dimension in ratios else None


def fastest(results: ModelResults, backends: Iterable[str], dimension: int) -> Verdict | None:
    """The verdict on the fastest of a library's backends; a paired ratio goes before others."""
    found = [verdict(results, backend, dimension) for backend in backends]
    ranked = (v for v in found if v is not None)
    return min(ranked, key=lambda v: (not v.ratio.paired, v.ratio.value), default=None)


def claimed_crossover(ratios: Mapping[int, Ratio]) -> float | None:
    """The N from which the ratio stays below 1, if it ends below it by more than the floor.

    It is interpolated between two measured N. Where the lead begins inside the floor there is no
    crossing to interpolate: then it is the first N of the claimed lead, an integer.
    """
    dimensions = sorted(ratios)
    if len(dimensions) < 2 or ratios[dimensions[-1]].standing != Standing.AHEAD:
        return None
    others = [n for n in dimensions if ratios[n].standing != Standing.AHEAD]
    if others and ratios[others[-1]].value < 1.0:
        return min(n for n in dimensions if n > others[-1])
    values = [ratios[n].value for n in dimensions]
    return crossover(dimensions, values, [1.0] * len(values))
