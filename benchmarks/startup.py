"""Cold costs, which the other benchmarks leave out: imports, first calls, and their break-even."""

from importlib.util import find_spec

import eam
from eam.measure.startup import measure

from .common import BACKENDS, Cells

LIBRARIES = sorted({eam.backends.describe(name).library for name in BACKENDS})


def imported(library):
    """enzyme_ad is an empty namespace, used on what numba compiles."""
    return [library, "numba"] if library == "enzyme_ad" else [library]


class Import:
    """Seconds to import a library in a new process; fails if the import fails."""

    param_names = ["library"]
    params = [LIBRARIES]
    number = 1
    repeat = 2
    version = "2"

    def setup(self, library):
        """A library that is not installed is n/a."""
        if find_spec(library) is None:
            raise NotImplementedError(f"{library} is not installed")

    def timeraw_import(self, library):
        """The import statement; Python's own start is not counted."""
        return f"import {', '.join(imported(library))}"


class FirstCall(Cells):
    """The toy's first gradient in a process, with empty caches on disk; imports not counted."""

    params = [[10_000], BACKENDS]
    version = "1"

    def setup_cache(self):
        """Measure every backend once, each in a process of its own, for all tracks."""
        return measure(self.model, self.asked(), self.params[1])

    setup_cache.timeout = 900

    def track_first_call(self, cells, dimension, backend):
        """Seconds to prepare (trace, compile) and take the first gradient."""
        return self.cell.first

    track_first_call.unit = "seconds"

    def track_break_even(self, cells, dimension, backend):
        """Gradients after which that is paid back against numpy's; n/a for never."""
        return self.cell.break_even

    track_break_even.unit = "gradients"
