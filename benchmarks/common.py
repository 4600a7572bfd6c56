"""What every benchmark shares: the parameters, and problems prepared once per process."""

import os
from abc import ABC, abstractmethod
from functools import lru_cache

import eam
from eam.measure.check import check
from eam.measure.environment import settle
from eam.measure.overhead import measure

DECADES = [1, 3, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
# Never what happens to be installed: a missing library is n/a, so results of machines line up.
BACKENDS = list(eam.backend_names())


@lru_cache(maxsize=1)
def unchecked(model, dimension, backend):
    """The problem made ready: imported, compiled, warmed.

    MissingBackendError and NotOfferedError become n/a with their text; any other error fails.
    """
    settle()
    try:
        return eam.prepare(eam.problem(model, dimension), backend)
    except eam.errors.MissingBackendError as missing:
        raise NotImplementedError(str(missing)) from missing


@lru_cache(maxsize=1)
def prepared(model, dimension, backend):
    """The same, with its answer checked: a wrong one (CheckError) fails and is given no number."""
    return check(unchecked(model, dimension, backend))


class Grid:
    """The parameters of every benchmark."""

    model = "toy"
    param_names = ["dimension", "backend"]
    params = [DECADES, BACKENDS]
    timeout = 180


class Gradients(Grid, ABC):
    """Seconds per gradient."""

    rounds = 1
    repeat = (3, 10, 0.25)
    warmup_time = 0.05
    version = "1"

    @property
    @abstractmethod
    def model(self):
        """As eam.model_names() lists it."""

    def setup(self, dimension, backend):
        """Make both calls ready, and run each once."""
        ready = prepared(self.model, dimension, backend)
        self.value, self.gradient = ready.hot_value(), ready.hot_gradient()
        self.value()
        self.gradient()

    def time_gradient(self, dimension, backend):
        """The gradient of f at x, into a reused array where the backend can."""
        self.gradient()


class Cells(Grid, ABC):
    """Tracks whose setup_cache has measured every cell: (dimension, backend) -> cell."""

    @abstractmethod
    def setup_cache(self):
        """Measure `self.asked()`, once for all tracks.

        Every subclass defines its own, since asv tells caches apart by the line that defines them.
        """

    def asked(self):
        """The dimensions to measure: all, or where EAM_DIMENSIONS is set, those that it names.

        asv does not tell setup_cache which parameters it is about to run; a run of a few
        dimensions, or of what needs no cells, would otherwise wait for all of them.
        """
        named = os.environ.get("EAM_DIMENSIONS")
        return [d for d in self.params[0] if named is None or str(d) in named.split(",")]

    def setup(self, cells, dimension, backend):
        """A missing library or an unfit way is n/a; a failed check or a crash is failed."""
        self.cell = cells[dimension, backend]
        if self.cell.missing:
            raise NotImplementedError(self.cell.missing)
        if self.cell.failed:
            raise RuntimeError(self.cell.failed)


class Overhead(Cells, ABC):
    """Ratios of times that alternate in one process, from fresh processes of each library.

    Each track stores samples, which asv keeps as it keeps a time's: `result` is their median,
    `stats` their 99 % interval (ci_99_a, ci_99_b). A sample is one process and quarter of its
    time, so that the interval holds the spread between processes too. The denominators are stored
    with them: as rows of these tracks for the ratios, of time_gradient for the seconds. numpy's
    own track_overhead is the floor: what identical code shows.
    """

    processes = 3
    version = "1"
    unit = "ratio"

    def measure(self):
        """The overheads of all backends."""
        return measure(self.model, self.asked(), self.params[1], processes=self.processes)

    def track_overhead(self, cells, dimension, backend):
        """t(gradient) / t(gradient of numpy), the allocating one written by hand."""
        return {"samples": self.cell.overhead, "number": 1}

    def track_overhead_best(self, cells, dimension, backend):
        """t(gradient) / t(the fastest gradient written by hand at this dimension)."""
        return {"samples": self.cell.best, "number": 1}

    def track_omega(self, cells, dimension, backend):
        """t(gradient) / t(value) of the same backend, the cheap-gradient ratio."""
        return {"samples": self.cell.omega, "number": 1}
