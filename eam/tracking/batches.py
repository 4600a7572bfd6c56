"""How the missing cases of the suite are cut into batches, and how long each may take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .stored import Wanted

# Each pattern is a group, the most telling first. The values of the toy are not timed by themselves
# in a first look: track_omega has them.
FIRST_LOOK = (
    r"^gradients\.ToyOverhead\..*\((100|10000), ",
    r"^atoms\.TabulatedOverhead\..*\(4000, ",
    r"^gradients\.Toy\.time_gradient\((100|10000), ",
    r"^memory\.Toy\.track_.*\(100, ",
    r"^atoms\.(Tabulated\.time_gradient|Neighbours\.time_build)\(4000, ",
    r"^quantities\.Tabulated\.track_value_and_gradient",
)
FULL = (
    r"^gradients\..*\.time_",
    r"^gradients\..*\.track_",
    r"^quantities\..*\.track_",
    r"^memory\..*\.track_",
    r"^memory\..*\.peakmem_",
    r"^(?!gradients|memory|quantities).*\.time(raw)?_",
    r"^(?!gradients|memory|quantities).*\.track_",
)

# What is lost when a run is interrupted is a batch.
TIMED_AT_ONCE = 8
# Rough seconds, from which the time left is estimated until there are measured ones.
SECONDS_TIMED, SECONDS_READ, SECONDS_CACHED = 3.0, 0.1, 1.5


@dataclass(frozen=True)
class Batch:
    """Cases that asv measures in one go, and that are saved together.

    Attributes:
        cases: of one benchmark, or of all tracks that read one cache.
        reads: whether they only read what `setup_cache` measured.
        seconds: a rough estimate.
    """

    cases: Sequence[Wanted]
    reads: bool
    seconds: float

    @property
    def dimensions(self) -> str:
        """The dimensions that `setup_cache` has to measure, with commas between."""
        return ",".join(sorted({case.parameters[0] for case in self.cases})) if self.reads else ""

    @property
    def quantities(self) -> str:
        """The quantities that `setup_cache` has to measure, with commas between."""
        names = {case.benchmark.rpartition(".track_")[2] for case in self.cases if self.reads}
        return ",".join(sorted({_of_track(name) for name in names}))

    def __str__(self) -> str:
        """The measurement in words, for people."""
        first = self.cases[0]
        if self.reads:
            return first.benchmark.rpartition(".")[0]
        return str(first)


def _of_track(name: str) -> str:
    """The quantity of a track such as force_matching_best."""
    return name.removesuffix("_best").removesuffix("_allocations")


def batches(missing: Iterable[Wanted], benchmarks: Mapping[str, Any]) -> list[Batch]:
    """Cut the missing cases of a group into batches, in their order."""
    cached: dict[str, list[Wanted]] = {}
    timed: dict[str, list[Wanted]] = {}
    for case in missing:
        key = benchmarks[case.benchmark].get("setup_cache_key")
        if ".track_" in case.benchmark and key:
            cached.setdefault(key, []).append(case)
        else:
            timed.setdefault(case.benchmark, []).append(case)
    found = [
        Batch(
            cases[k : k + TIMED_AT_ONCE], False, SECONDS_TIMED * len(cases[k : k + TIMED_AT_ONCE])
        )
        for cases in timed.values()
        for k in range(0, len(cases), TIMED_AT_ONCE)
    ]
    return found + [Batch(cases, True, _seconds_to_cache(cases)) for cases in cached.values()]


def _seconds_to_cache(cases: Sequence[Wanted]) -> float:
    measured = {case.parameters for case in cases}
    return SECONDS_CACHED * len(measured) + SECONDS_READ * len(cases)
