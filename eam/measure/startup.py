"""Cold costs: the first call, with its trace and compile, and when it is paid back.

Each backend is prepared in a fresh process with empty caches of compiled code on disk, so the
first call of a new machine is measured and not the second of this one. The import of the library
is not part of it: it is measured by itself.
"""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from ..backends import Backend, describe, prepare
from ..models import problem as make_problem
from .check import check
from .serve import Say
from .timing import interleave
from .worker import Case, run


@dataclass
class Startup:
    """Of one backend at one dimension, in seconds.

    Attributes:
        first: preparing it and taking the first gradient, its library being imported.
        steady: a hot gradient.
        manual: a hot gradient by hand in NumPy, interleaved with `steady`.
        missing, failed: why there are no numbers.
    """

    first: float = math.nan
    steady: float = math.nan
    manual: float = math.nan
    missing: str | None = None
    failed: str | None = None

    @property
    def break_even(self) -> float:
        """After how many gradients, the first one included, it beats NumPy's; NaN for never.

        Never also if it is less than 5 % faster: that is what NumPy differs from itself.
        """
        if not 1.05 * self.steady < self.manual:
            return math.nan
        return max(1.0, math.ceil((self.first - self.steady) / (self.manual - self.steady)))


def measure(model: str, dimensions: Sequence[int], backends: Sequence[str]) -> dict[Case, Startup]:
    """The cold costs of every (dimension, backend), each in a fresh process."""
    return {
        (dimension, name): _one(model, dimension, name)
        for dimension in dimensions
        for name in backends
    }


def _one(model: str, dimension: int, name: str) -> Startup:
    question: dict[str, Any] = {"model": model, "dimension": dimension, "name": name}
    with tempfile.TemporaryDirectory() as cache:
        caches = {"NUMBA_CACHE_DIR": cache, "TORCHINDUCTOR_CACHE_DIR": cache}
        outcome = run(measure_here, question, variables=caches)
    return Startup(**(outcome.value or {}), missing=outcome.missing, failed=outcome.failed)


def measure_here(say: Say, model: str, dimension: int, name: str) -> dict[str, float]:
    """The cold costs of a backend that this process has not used yet."""
    say(f"preparing {name} at dimension {dimension}", 0.0)
    problem = make_problem(model, dimension)
    _import(describe(name))
    start = perf_counter()
    ready = prepare(problem, name)
    gradient = ready.hot_gradient()
    gradient()
    first = perf_counter() - start
    manual_gradient = prepare(problem, "numpy").hot_gradient()
    times = interleave(
        [gradient, manual_gradient], 0.4, progress=lambda done: say(f"timing {name}", done)
    )
    check(ready)
    steady, manual = np.median(times, axis=0).tolist()
    return {"first": first, "steady": steady, "manual": manual}


def _import(backend: Backend) -> None:
    """Import a backend's module, and with it its library; `prepare` reports a missing one."""
    try:
        backend.load()
    except ModuleNotFoundError:
        return
