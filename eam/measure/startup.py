"""Cold costs: the first call, with its trace and compile, and when it is paid back.

Each backend is prepared in a fresh process with empty caches of compiled code on disk, so that the
first call of a new machine is measured and not the second of this one. The import of the library
is not part of it: it is measured by itself.
"""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter
from typing import Any

import numpy as np

from ..backends import describe, prepare
from ..errors import EamError, MissingBackendError, NotOfferedError
from ..models import problem as make_problem
from .check import check
from .timing import interleave
from .worker import ask, serve


@dataclass
class Startup:
    """Of one backend at one dimension, in seconds.

    Attributes:
        first: preparing it and taking the first gradient, its library being imported.
        steady: a hot gradient.
        manual: a hot gradient by hand in NumPy, timed in turn with `steady`.
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


def measure(
    model: str, dimensions: Sequence[int], backends: Sequence[str]
) -> dict[tuple[int, str], Startup]:
    """The cold costs of every (dimension, backend), each in a fresh process."""
    return {
        (dimension, name): _one(model, dimension, name)
        for dimension in dimensions
        for name in backends
    }


def _one(model: str, dimension: int, name: str) -> Startup:
    question: dict[str, Any] = {"model": model, "dimension": dimension, "name": name}
    with tempfile.TemporaryDirectory() as cache:
        try:
            answer = ask(__name__, question, NUMBA_CACHE_DIR=cache, TORCHINDUCTOR_CACHE_DIR=cache)
        except EamError as error:
            return Startup(failed=str(error))
    return Startup(**answer)


def measure_here(model: str, dimension: int, name: str) -> dict[str, Any]:
    """The cold costs of a backend that this process has not used yet, as JSON can hold them."""
    problem = make_problem(model, dimension)
    try:
        _import(describe(name).module)
        start = perf_counter()
        ready = prepare(problem, name)
        gradient = ready.hot_gradient()
        gradient()
        first = perf_counter() - start
        times = interleave([gradient, prepare(problem, "numpy").hot_gradient()], 0.4)
        check(ready)
    except (MissingBackendError, NotOfferedError) as reason:
        return {"missing": str(reason)}
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    steady, manual = np.median(times, axis=0).tolist()
    return {"first": first, "steady": steady, "manual": manual}


def _import(module: str) -> None:
    """Import a backend's module, and with it its library; prepare says it if that is missing."""
    try:
        import_module(f"..backends.{module}", __package__)
    except ModuleNotFoundError:
        return


if __name__ == "__main__":
    serve(measure_here)
