"""How long a value and a gradient take, in seconds and as overheads."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from eam.measure import overhead

from ..backends import BY_HAND
from ..model import Model
from .base import Cases, Grid, prepared

# Beyond this number of atoms most backends take seconds a gradient, or gigabytes.
MOST_ATOMS = 32_000


class Gradients(Grid):
    """Seconds per call, hot: compiled, warmed, synchronised."""

    rounds = 1
    repeat = (3, 10, 0.25)
    warmup_time = 0.05
    version = "1"
    value: Callable[[], Any]
    gradient: Callable[[], Any]

    @classmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """Gradients at every dimension; values at fewer, since track_omega compares the two."""
        time_value: Any = cls.time_value
        cls.params = [model.dimensions.gradients, list(backends)]
        time_value.params = [model.dimensions.values, list(backends)]
        if not model.dimensions.values:
            time_value.skip_benchmark = True

    def make_ready(self, *parameters: Any) -> None:
        """Make both calls ready, and run each once."""
        dimension, backend = parameters
        if self.record.has_pairs and dimension > MOST_ATOMS and backend not in self._for_many():
            raise NotImplementedError(
                f"more than {MOST_ATOMS} atoms are timed with {', '.join(self._for_many())} only"
            )
        ready = prepared(self.reference, dimension, backend)
        self.value, self.gradient = ready.hot_value(), ready.hot_gradient()
        self.value()
        self.gradient()

    def _for_many(self) -> list[str]:
        return [
            name
            for name, backend in self.backends.items()
            if backend.kind in BY_HAND or backend.needs_energy_loop
        ]

    def time_value(self, dimension: int, backend: str) -> None:
        """f(x)."""
        self.value()

    def time_gradient(self, dimension: int, backend: str) -> None:
        """The gradient of f at x, into a reused array where the backend can."""
        self.gradient()


class Overhead(Cases):
    """Ratios of times that alternate in one process, from fresh processes of each library.

    Each track stores samples, which asv keeps as it keeps a time's: `result` is their median,
    `stats` their 99 % interval (ci_99_a, ci_99_b). A sample is one process and quarter of its
    time, so the interval holds the spread between processes too. The denominators are stored with
    them: as rows of these tracks for the ratios, of time_gradient for the seconds. numpy's own
    track_overhead is the floor: what identical code shows.
    """

    processes: ClassVar[int] = 3
    version = "1"
    unit = "ratio"

    @classmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """The dimensions at which overheads are measured."""
        cls.params = [model.dimensions.overheads, list(backends)]

    def measure(self, reference: str, dimensions: Sequence[int], backends: Sequence[str]) -> Any:
        """The overheads of all backends."""
        return overhead.measure(reference, dimensions, backends, processes=self.processes)

    def track_overhead(self, cases: Any, dimension: int, backend: str) -> dict[str, Any]:
        """t(gradient) / t(gradient of numpy), the allocating one written by hand."""
        return {"samples": self.case.overhead, "number": 1}

    def track_overhead_best(self, cases: Any, dimension: int, backend: str) -> dict[str, Any]:
        """t(gradient) / t(the fastest gradient written by hand at this dimension)."""
        return {"samples": self.case.best, "number": 1}

    def track_omega(self, cases: Any, dimension: int, backend: str) -> dict[str, Any]:
        """t(gradient) / t(value) of the same backend, the cheap-gradient ratio."""
        return {"samples": self.case.omega, "number": 1}
