"""What every benchmark shares: parameters, prepared problems, and one class for each model.

To add a benchmark of every model, write a class here whose methods asv knows by their prefix
(`time_`, `track_`, `peakmem_`), and a line in a module of this folder::

    globals().update(one_class_a_model(__name__, YourClass, "Suffix", ATOMIC))

which makes `module.SuttonChenSuffix.time_...` and so on. A benchmark of one model is a plain class.
"""

import json
import os
import sys
from abc import ABC, abstractmethod
from functools import lru_cache
from pathlib import Path
from types import FunctionType, ModuleType

import eam
from eam.measure import allocations, overhead
from eam.measure.check import check
from eam.measure.environment import settle

from .registry import BACKENDS, BY_HAND, MODELS, die_with_parent

TOYS = [model for model in MODELS if model.unit == "N"]
ATOMIC = [model for model in MODELS if model.unit == "atoms"]
# Beyond this number of atoms the other backends take seconds a gradient, or gigabytes.
MOST_ATOMS = 32_000
FOR_MORE_ATOMS = [
    name
    for name, backend in BACKENDS.items()
    if backend.kind in BY_HAND or backend.needs_energy_loop
]


def one_class_a_model(module, base, suffix="", models=MODELS):
    """Subclasses of `base` for a module of the suite: {class name: class}.

    A `base` takes its parameters from the record of a model in a classmethod `choose(model)`.
    Each class has functions of its own: asv stores the attribute `model` of a function, and it
    tells the caches of two classes apart by the module and line of their `setup_cache`.
    """
    classes = {}
    for model in models:
        name = "".join(word.capitalize() for word in model.name.split("-")) + suffix
        scope = sys.modules[f"{module}.{name}"] = ModuleType(f"{module}.{name}")
        own = {"__doc__": f"{model.summary}.", "__module__": module, "model": model.name}
        for key in dir(base):
            function = getattr(base, key)
            if isinstance(function, FunctionType) and not key.startswith("_"):
                own[key] = _copied(function, scope.__name__, model)
        made = type(name, (base,), own)
        made.choose(model)
        classes[name] = made
    return classes


def _copied(function, module, model):
    copied = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copied.__dict__ |= function.__dict__
    copied.__doc__, copied.__module__, copied.model = function.__doc__, module, model.name
    return copied


@lru_cache(maxsize=1)
def unchecked(model, dimension, backend):
    """The problem made ready: imported, compiled, warmed.

    What is missing or not offered, or unknown to an older commit, becomes n/a with its text; any
    other error fails.
    """
    settle()
    errors = eam.errors
    try:
        return eam.prepare(eam.problem(model, dimension), backend)
    except (errors.MissingBackendError, errors.NotOfferedError, errors.UnknownNameError) as reason:
        raise NotImplementedError(str(reason)) from reason


@lru_cache(maxsize=1)
def prepared(model, dimension, backend):
    """The same, with its answer checked: a wrong one (CheckError) fails and is given no number."""
    return check(unchecked(model, dimension, backend))


def known_backends():
    """The backends to measure: those that the commit under test has, which may be older than this
    suite, or where EAM_BACKENDS is set, those of them that it names."""
    named = os.environ.get("EAM_BACKENDS")
    known = [name for name in BACKENDS if name in eam.backend_names()]
    return [name for name in known if named is None or name in named.split(",")]


def end_with_the_run():
    """Let this process of `eam track` end when the run ends, however that happens."""
    if "EAM_REASONS" in os.environ:
        die_with_parent()


class Noting(ABC):
    """A benchmark that writes down why a case has no number, since asv keeps no reason.

    The file is the one that EAM_REASONS names; without it nothing is written.
    """

    @abstractmethod
    def make_ready(self, *parameters):
        """Do what `setup` has to; NotImplementedError for n/a, any other error for failed."""

    def setup(self, *parameters):
        """Make ready, or note the reason."""
        end_with_the_run()
        try:
            self.make_ready(*parameters)
        except Exception as error:
            if path := os.environ.get("EAM_REASONS"):
                benchmark = f"{type(self).__module__.partition('.')[2]}.{type(self).__name__}"
                case = ", ".join(map(repr, parameters[-len(self.param_names) :]))
                with Path(path).open("a", encoding="utf-8") as file:
                    file.write(json.dumps([benchmark, f"({case})", str(error)]) + "\n")
            raise


class Grid(Noting):
    """The parameters of every benchmark of a model."""

    param_names = ["dimension", "backend"]
    timeout = 180

    @property
    @abstractmethod
    def model(self):
        """As eam.model_names() lists it."""


class Gradients(Grid):
    """Seconds per call, hot: compiled, warmed, synchronised."""

    rounds = 1
    repeat = (3, 10, 0.25)
    warmup_time = 0.05
    version = "1"

    @classmethod
    def choose(cls, model):
        """Gradients at every dimension; values at fewer, since track_omega compares the two."""
        cls.params = [model.dimensions.gradients, list(BACKENDS)]
        cls.time_value.params = [model.dimensions.values, list(BACKENDS)]
        cls.has_pairs = model.has_pairs
        if not model.dimensions.values:
            cls.time_value.skip_benchmark = True

    def make_ready(self, dimension, backend):
        """Make both calls ready, and run each once."""
        if self.has_pairs and dimension > MOST_ATOMS and backend not in FOR_MORE_ATOMS:
            raise NotImplementedError(
                f"more than {MOST_ATOMS} atoms are timed with {', '.join(FOR_MORE_ATOMS)} only"
            )
        ready = prepared(self.model, dimension, backend)
        self.value, self.gradient = ready.hot_value(), ready.hot_gradient()
        self.value()
        self.gradient()

    def time_value(self, dimension, backend):
        """f(x)."""
        self.value()

    def time_gradient(self, dimension, backend):
        """The gradient of f at x, into a reused array where the backend can."""
        self.gradient()


class Cases(Grid):
    """Tracks whose setup_cache has measured every case: (dimension, backend) -> case."""

    @abstractmethod
    def measure(self):
        """Measure `self.asked()`, once for all tracks."""

    def setup_cache(self):
        """Measure once, in processes that each have one library."""
        end_with_the_run()
        return self.measure()

    setup_cache.timeout = 1800

    def asked(self):
        """The dimensions to measure: all, or where EAM_DIMENSIONS is set, those that it names.

        asv does not tell setup_cache which parameters it is about to run; a run of a few
        dimensions, or of what needs no cases, would otherwise wait for all of them.
        """
        named = os.environ.get("EAM_DIMENSIONS")
        known = self.params[0] if self.model in eam.model_names() else []
        return [d for d in known if named is None or str(d) in named.split(",")]

    def make_ready(self, cases, dimension, backend):
        """A missing library or a refusal is n/a; a failed check or a crash is failed."""
        if (dimension, backend) not in cases:
            raise NotImplementedError(f"{backend!r} was not measured at dimension {dimension}")
        self.case = cases[dimension, backend]
        if self.case.missing:
            raise NotImplementedError(self.case.missing)
        if self.case.failed:
            raise RuntimeError(self.case.failed)


class Overhead(Cases):
    """Ratios of times that alternate in one process, from fresh processes of each library.

    Each track stores samples, which asv keeps as it keeps a time's: `result` is their median,
    `stats` their 99 % interval (ci_99_a, ci_99_b). A sample is one process and quarter of its
    time, so the interval holds the spread between processes too. The denominators are stored with
    them: as rows of these tracks for the ratios, of time_gradient for the seconds. numpy's own
    track_overhead is the floor: what identical code shows.
    """

    processes = 3
    version = "1"
    unit = "ratio"

    @classmethod
    def choose(cls, model):
        """The dimensions at which overheads are measured."""
        cls.params = [model.dimensions.overheads, list(BACKENDS)]

    def measure(self):
        """The overheads of all backends."""
        return overhead.measure(
            self.model, self.asked(), known_backends(), processes=self.processes
        )

    def track_overhead(self, cases, dimension, backend):
        """t(gradient) / t(gradient of numpy), the allocating one written by hand."""
        return {"samples": self.case.overhead, "number": 1}

    def track_overhead_best(self, cases, dimension, backend):
        """t(gradient) / t(the fastest gradient written by hand at this dimension)."""
        return {"samples": self.case.best, "number": 1}

    def track_omega(self, cases, dimension, backend):
        """t(gradient) / t(value) of the same backend, the cheap-gradient ratio."""
        return {"samples": self.case.omega, "number": 1}


class Memory(Cases):
    """What one hot gradient allocates, and the peak of a process at a larger dimension.

    Allocations are native ones, as memray sees them; n/a where memray does not exist (Windows).
    NumPy keeps blocks of less than 1 KiB for itself, so at dimension 100 its arrays go uncounted.
    """

    version = "1"
    gradients = 3

    @classmethod
    def choose(cls, model):
        """Small arrays show in the counts, large ones in the peak of a process."""
        cls.params = [model.dimensions.allocations, list(BACKENDS)]
        cls.peakmem_gradient.params = [model.dimensions.peaks, list(BACKENDS)]

    def measure(self):
        """What the gradients of all backends allocate."""
        return allocations.measure(self.model, self.asked(), known_backends())

    def make_ready(self, cases, dimension, backend):
        """A process's peak may be asked for where nothing was counted."""
        if dimension in self.params[0]:
            super().make_ready(cases, dimension, backend)
        else:
            unchecked(self.model, dimension, backend)

    def track_allocations(self, cases, dimension, backend):
        """Native allocations per gradient."""
        return self.case.allocations.count

    track_allocations.unit = "allocations"

    def track_allocated_bytes(self, cases, dimension, backend):
        """Bytes allocated per gradient, freed or not."""
        return self.case.allocations.allocated_bytes

    track_allocated_bytes.unit = "bytes"

    def track_peak(self, cases, dimension, backend):
        """Bytes that one gradient holds at once, above what the process held before it."""
        return self.case.allocations.peak_bytes

    track_peak.unit = "bytes"

    def peakmem_gradient(self, cases, dimension, backend):
        """Resident memory of a whole process that has taken some gradients."""
        gradient = unchecked(self.model, dimension, backend).hot_gradient()
        for _ in range(self.gradients):
            gradient()
