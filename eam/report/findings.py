"""The forum post's three questions, answered with this run's numbers.

1. Is the custom adjoint indicative of what one can still expect?
2. Is there an official way to avoid allocations?
3. What else should one look at?
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..backends import BY_HAND, CUSTOM, FORWARD, PRIMITIVE, REVERSE, describe
from ..errors import UnknownBackendError
from .overheads import BEHIND, Ratio, kind, libraries, overhead
from .results import Run
from .verdicts import gradient_bytes

# Zygote, Julia, 2019, N = 100: microseconds, allocations, bytes ('Zygote performance', Julia
# Discourse, thread 29028).
SEED_2019: Mapping[str, tuple[float, int, float]] = {
    "value": (0.884, 0, 0.0),
    "manual": (1.928, 1, 896.0),
    "manual in place": (1.771, 0, 0.0),
    "AD": (7.850, 333, 13.66 * 1024),
    "AD, custom adjoint": (2.738, 8, 1.11 * 1024),
}


# How far the times of two processes differ by the state of a shared machine alone.
MOOD = 1.7


@dataclass(frozen=True)
class CustomAdjoint:
    """What a hand-written rule gains in one library, at one dimension.

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
    """What one gradient takes from the allocator, and whether it writes into reused memory.

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
        """Whether less is allocated than the gradient itself is long."""
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


SEED_RECOVERED = recovered(*(SEED_2019[way][0] for way in ("AD", "AD, custom adjoint", "manual")))


def custom_adjoints(run: Run, model: str, dimension: int) -> list[CustomAdjoint]:
    """The first question, one row a library that takes a custom adjoint."""
    rows: list[CustomAdjoint] = []
    for library, names in libraries(_measured(run, model)).items():
        plain, custom, primitive = (
            _first(run, model, dimension, names, wanted) for wanted in (REVERSE, CUSTOM, PRIMITIVE)
        )
        if plain is None or custom is None or plain.paired != custom.paired:
            continue  # a paired ratio and one of separate processes do not compare
        if primitive is not None and primitive.paired != plain.paired:
            primitive = None
        # A gap inside the floor is none, and a share of it would be noise over noise.
        gap = plain.value > 1.0 + plain.floor and (plain.standing == BEHIND or not plain.paired)
        share = recovered(plain.value, custom.value) if gap else None
        rows.append(CustomAdjoint(library, plain, custom, primitive, share))
    return rows


def allocations(run: Run, model: str, dimension: int) -> list[Allocation]:
    """The second question: the backends by the bytes that a call allocates, the leanest first."""
    rows: list[Allocation] = []
    for name in run.backends(model, "track_allocations"):
        count, allocated, peak = (
            run.get(model, quantity, dimension, name)
            for quantity in ("track_allocations", "track_allocated_bytes", "track_peak")
        )
        if count is not None:
            rows.append(
                Allocation(
                    name,
                    kind(name),
                    _in_place(name),
                    count.value,
                    # nothing allocated is no bytes, whether or not they were counted
                    allocated.value if allocated else None if count.value else 0.0,
                    peak.value if peak else None,
                    gradient_bytes(model, dimension),
                )
            )
    return sorted(rows, key=lambda row: (row.allocated is None, row.allocated or 0.0, row.count))


def forward_modes(run: Run, model: str) -> list[Forward]:
    """Where forward mode pays: the post's 'ForwardDiff on very small problems'.

    Overheads taken apart count as different only beyond the 1.7x that a machine's mood can do.
    """
    rows: list[Forward] = []
    for library, names in libraries(_measured(run, model)).items():
        found: dict[int, int] = {}
        for n in run.dimensions(model, "track_overhead", "time_gradient"):
            forward, reverse = (_first(run, model, n, names, mode) for mode in (FORWARD, REVERSE))
            if forward is not None and reverse is not None:
                found[n] = _compare(forward, reverse)
        if found:
            groups = (tuple(n for n, sign in found.items() if sign == s) for s in (-1, 0, 1))
            rows.append(Forward(library, *groups))
    return rows


def _compare(one: Ratio, other: Ratio) -> int:
    """-1 if `one` is faster, 1 if slower, beyond the intervals and what the measurement allows."""
    margin = 1.0 + one.floor if one.paired and other.paired else MOOD
    if one.high * margin < other.low:
        return -1
    return 1 if other.high * margin < one.low else 0


def ranking(run: Run, model: str, dimension: int) -> list[tuple[str, Ratio]]:
    """The third question: every way that is not written by hand, the fastest first."""
    ratios = {name: overhead(run, model, dimension, name) for name in _measured(run, model)}
    found = [(n, r) for n, r in ratios.items() if r is not None and kind(n) not in BY_HAND]
    return sorted(found, key=lambda item: item[1].value)


def _measured(run: Run, model: str) -> tuple[str, ...]:
    return run.backends(model, "track_overhead", "time_gradient")


def _first(run: Run, model: str, dimension: int, names: list[str], wanted: str) -> Ratio | None:
    """The first backend of a kind: the plain one, since registry order puts it first."""
    named = next((name for name in names if kind(name) == wanted), None)
    return overhead(run, model, dimension, named) if named else None


def _in_place(backend: str) -> bool:
    try:
        return describe(backend).in_place
    except UnknownBackendError:
        return False
