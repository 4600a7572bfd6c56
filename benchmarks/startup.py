"""Cold costs, which the other benchmarks leave out: imports, first calls, and their break-even."""

from importlib.util import find_spec

from eam.measure import startup

from .common import Cases, Noting, known_backends
from .registry import BACKENDS

LIBRARIES = sorted({backend.library for backend in BACKENDS.values()})


def imported(library):
    """The library, and numba where what it differentiates is compiled by numba."""
    users = [backend for backend in BACKENDS.values() if backend.library == library]
    loops = any(backend.needs_energy_loop for backend in users)
    return [library, "numba"] if loops else [library]


class Import(Noting):
    """Seconds to import a library in a new process; fails if the import fails."""

    param_names = ["library"]
    params = [LIBRARIES]
    number = 1
    repeat = 2
    version = "2"

    def make_ready(self, library):
        """A library that is not installed is n/a."""
        if find_spec(library) is None:
            raise NotImplementedError(f"{library} is not installed")

    def timeraw_import(self, library):
        """The import statement; Python's own start is not counted."""
        return f"import {', '.join(imported(library))}"


class FirstCall(Cases):
    """The toy's first gradient in a process, with empty caches on disk; imports not counted."""

    model = "toy"
    params = [[10_000], list(BACKENDS)]
    version = "1"

    def measure(self):
        """Measure every backend, each in a process of its own."""
        return startup.measure(self.model, self.asked(), known_backends())

    def track_first_call(self, cases, dimension, backend):
        """Seconds to prepare (trace, compile) and take the first gradient."""
        return self.case.first

    track_first_call.unit, track_first_call.model = "seconds", model

    def track_break_even(self, cases, dimension, backend):
        """Gradients after which that is paid back against numpy's; n/a for never."""
        return self.case.break_even

    track_break_even.unit, track_break_even.model = "gradients", model
