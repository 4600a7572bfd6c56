"""The numbers behind the forum post's three questions.

1. Is the custom adjoint indicative of what one can still expect?
2. Is there an official way to avoid allocations?
3. What else should one look at?
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..backends import BY_HAND, CUSTOM, FORWARD, PRIMITIVE, REVERSE
from .names import by_library, in_place, kind
from .ratios import Ratio, Standing
from .results import ModelResults


@dataclass(frozen=True)
class Post:
    """A row of the forum post: what one call took in Julia with Zygote at N = 100."""

    microseconds: float
    allocations: int
    allocated_bytes: float


# 'Zygote performance', Julia Discourse, 2019, thread 29028
POST_DIMENSION = 100
POST_2019: Mapping[str, Post] = {
    "value": Post(0.884, 0, 0.0),
    "manual": Post(1.928, 1, 896.0),
    "manual in place": Post(1.771, 0, 0.0),
    "AD": Post(7.850, 333, 13.66 * 1024),
    "AD, custom adjoint": Post(2.738, 8, 1.11 * 1024),
}


@dataclass(frozen=True)
class CustomAdjoint:
    """The gain of a hand-written rule in one library, at one dimension.

    `recovered` is the share of the gap between plain AD and the NumPy gradient that the custom
    adjoint closes; None where plain AD is not behind by more than the floor.
    """

    library: str
    plain: Ratio
    custom: Ratio
    primitive: Ratio | None
    recovered: float | None


@dataclass(frozen=True)
class Allocation:
    """The memory one gradient takes from the allocator, and whether it writes into reused memory.

    `allocated`, `peak` and `gradient`, which is the size of the result itself, are in bytes.
    """

    backend: str
    kind: str
    in_place: bool
    count: float
    allocated: float | None
    peak: float | None
    gradient: float

    @property
    def spares_the_result(self) -> bool:
        """Whether a call allocates less than the size of the gradient itself."""
        return self.allocated is not None and self.allocated < self.gradient


@dataclass(frozen=True)
class Forward:
    """A library's forward mode against its reverse mode: the dimensions where it is which."""

    library: str
    faster: tuple[int, ...]
    level: tuple[int, ...]
    slower: tuple[int, ...]


def recovered(plain: float, custom: float, manual: float = 1.0) -> float:
    """The share of the gap between plain AD and manual that a custom adjoint closes."""
    return (plain - custom) / (plain - manual)


POST_RECOVERED = recovered(
    *(POST_2019[row].microseconds for row in ("AD", "AD, custom adjoint", "manual"))
)


def gradient_bytes(results: ModelResults, dimension: int) -> float:
    """The size of a gradient: 8 bytes a number, and an atom has three numbers."""
    return 8.0 * dimension * (1 if results.unit == "N" else 3)


def custom_adjoints(results: ModelResults, dimension: int) -> list[CustomAdjoint]:
    """The first question: one row for each library that takes a custom adjoint."""
    rows: list[CustomAdjoint] = []
    for library, names in by_library(results.timed_backends).items():
        plain, custom, primitive = (
            _first(results, dimension, names, wanted) for wanted in (REVERSE, CUSTOM, PRIMITIVE)
        )
        if plain is None or custom is None or plain.paired != custom.paired:
            continue  # a paired ratio and one of separate processes cannot be compared
        if primitive is not None and primitive.paired != plain.paired:
            primitive = None
        # A gap inside the floor is no gap, and a share of it would be noise over noise.
        behind = plain.standing == Standing.BEHIND or not plain.paired
        gap = behind and plain.value > 1.0 + plain.floor
        share = recovered(plain.value, custom.value) if gap else None
        rows.append(CustomAdjoint(library, plain, custom, primitive, share))
    return rows


def allocations(results: ModelResults, dimension: int) -> list[Allocation]:
    """The second question: the backends by the bytes that a call allocates, the leanest first."""
    found = (_allocation(results, dimension, b) for b in results.backends("track_allocations"))
    rows = [row for row in found if row is not None]
    return sorted(rows, key=lambda row: (row.allocated is None, row.allocated or 0.0, row.count))


def _allocation(results: ModelResults, dimension: int, backend: str) -> Allocation | None:
    count, allocated, peak = (
        results.get(metric, dimension, backend)
        for metric in ("track_allocations", "track_allocated_bytes", "track_peak")
    )
    if count is None:
        return None
    # no allocation is no bytes, whether or not the bytes were counted
    uncounted = None if count.value else 0.0
    return Allocation(
        backend,
        kind(backend),
        in_place(backend),
        count.value,
        allocated.value if allocated else uncounted,
        peak.value if peak else None,
        gradient_bytes(results, dimension),
    )


def forward_modes(results: ModelResults) -> list[Forward]:
    """The third question: the dimensions where forward mode beats reverse mode.

    The post asked about 'ForwardDiff on very small problems'.
    """
    rows: list[Forward] = []
    for library, names in by_library(results.timed_backends).items():
        found: dict[int, int] = {}
        for n in results.timed_dimensions:
            forward, reverse = (_first(results, n, names, mode) for mode in (FORWARD, REVERSE))
            if forward is not None and reverse is not None:
                found[n] = _compare(forward, reverse)
        if found:
            groups = (tuple(n for n, sign in found.items() if sign == s) for s in (-1, 0, 1))
            rows.append(Forward(library, *groups))
    return rows


def _compare(one: Ratio, other: Ratio) -> int:
    """-1 if `one` is faster, 1 if slower, 0 if the measurement cannot tell."""
    if one.clearly_below(other):
        return -1
    return 1 if other.clearly_below(one) else 0


def ranking(results: ModelResults, dimension: int) -> list[tuple[str, Ratio]]:
    """The third question: every backend that is not written by hand, the fastest first."""
    ratios = {name: results.overhead(dimension, name) for name in results.timed_backends}
    found = [(n, r) for n, r in ratios.items() if r is not None and kind(n) not in BY_HAND]
    return sorted(found, key=lambda item: item[1].value)


def _first(results: ModelResults, dimension: int, names: list[str], wanted: str) -> Ratio | None:
    """The first backend of a kind: the plain one, since registry order puts it first."""
    named = next((name for name in names if kind(name) == wanted), None)
    return results.overhead(dimension, named) if named else None
