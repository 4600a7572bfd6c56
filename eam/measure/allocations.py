"""The memory that a call allocates, counted by memray in the C library's own functions.

Native calls of malloc and its kin are counted, Python's small-object allocator is not: torch's and
XLA's memory is seen, which tracemalloc cannot, and memray's own bookkeeping is not counted with it.
A blind spot: NumPy keeps data blocks of less than 1 KiB for itself, so a result of 100 elements
shows in no count.
"""

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from ..backends import prepare
from ..errors import NotOfferedError, install_command
from ..models import problem as make_problem
from .check import check
from .outcome import Outcome, attempt
from .serve import Say
from .timing import no_garbage_collection
from .worker import Case, run_cases

CALLS = 100
SECONDS = 1.0
WARM_CALLS = 10


@dataclass(frozen=True)
class Allocations:
    """Of one call, in the steady state: number, bytes in all, and bytes at once at the worst."""

    count: float
    allocated_bytes: float
    peak_bytes: int


@dataclass(frozen=True)
class Counted:
    """The allocations of the gradient of one case, or why they are not known."""

    allocations: Allocations | None = None
    missing: str | None = None
    failed: str | None = None


def measure(model: str, dimensions: Sequence[int], backends: Sequence[str]) -> dict[Case, Counted]:
    """Measure the allocations of the gradients of `backends`, each backend in a fresh process."""
    groups = [[(dimension, name) for dimension in dimensions] for name in backends]
    outcomes = run_cases(measure_here, groups, {"model": model})
    return {
        case: Counted(_allocations(outcome.value), outcome.missing, outcome.failed)
        for case, outcome in outcomes.items()
    }


def _allocations(value: dict[str, Any] | None) -> Allocations | None:
    return Allocations(**value) if value else None


def measure_here(say: Say, cases: Sequence[Case], model: str) -> Iterator[Outcome]:
    """Count in this process, which nothing else should use."""
    for dimension, name in cases:
        say(f"counting the allocations of {name} at dimension {dimension}", 0.0)
        yield attempt(_count, model, dimension, name)


def _count(model: str, dimension: int, name: str) -> dict[str, Any]:
    ready = prepare(make_problem(model, dimension), name)
    counted = allocations(ready.hot_gradient())
    check(ready)
    return asdict(counted)


def allocations(call: Callable[[], Any]) -> Allocations:
    """Count what `call` allocates, once it is warm: the mean of up to 100 calls, the peak of one.

    All threads of the process are counted, so nothing else should run in it.

    Raises:
        NotOfferedError: memray is not installed, or does not exist for this system.
    """
    memray = _memray()
    releases = {memray.AllocatorType.FREE.value, memray.AllocatorType.MUNMAP.value}
    start = perf_counter()
    for _ in range(WARM_CALLS):
        call()
    # a call of seconds is averaged over fewer
    calls = max(1, min(CALLS, int(SECONDS * WARM_CALLS / (perf_counter() - start))))
    gc.collect()
    with no_garbage_collection():
        # memray's first recording of a process counts two blocks of its own
        with _recorded(memray, call, 1):
            pass
        with _recorded(memray, call, calls) as reader:
            sizes = [
                record.size
                for record in reader.get_allocation_records()
                if record.allocator not in releases
            ]
        with _recorded(memray, call, 1) as reader:
            peak = int(reader.metadata.peak_memory)
    return Allocations(len(sizes) / calls, sum(sizes) / calls, peak)


def _memray() -> Any:
    try:
        import memray
    except ImportError:
        raise NotOfferedError(
            "allocations are counted by memray, which is not installed (it exists for Linux and "
            f"macOS); install it with: {install_command('memray')}"
        ) from None
    return memray


@contextmanager
def _recorded(memray: Any, call: Callable[[], Any], calls: int):
    """Record `calls` calls and read the record, whose file goes with the context."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "record"
        with memray.Tracker(path):
            for _ in range(calls):
                call()
        with memray.FileReader(path) as reader:
            yield reader
