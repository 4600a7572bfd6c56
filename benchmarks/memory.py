"""How much memory a gradient takes."""

from asv_runner.benchmarks.mark import SkipNotImplemented

from eam.errors import NotOfferedError
from eam.measure.allocations import allocations
from eam.measure.check import check

from .common import Grid, unchecked


def allocated(call):
    """What a call allocates; n/a where that cannot be counted, never 0."""
    try:
        return allocations(call)
    except NotOfferedError as reason:
        raise SkipNotImplemented(str(reason)) from reason


class Toy(Grid):
    """Peak resident memory of the whole process, and what one hot gradient allocates.

    Allocations are native ones, as memray sees them; n/a where memray does not exist (Windows).
    NumPy keeps blocks of less than 1 KiB for itself, so at dimension 100 its arrays go uncounted.
    """

    params = [[100, 1_000_000], Grid.params[1]]
    version = "1"

    def setup(self, dimension, backend):
        """Import and prepare, but take no gradient yet."""
        self.prepared = None
        self.prepared = unchecked(self.model, dimension, backend)
        self.gradient = self.prepared.hot_gradient()

    def teardown(self, dimension, backend):
        """Check only now: the check's own gradients would raise the baseline's peak."""
        if self.prepared is not None:
            check(self.prepared)

    def peakmem_baseline(self, dimension, backend):
        """The process as it stands before its first hot gradient."""

    def peakmem_gradient(self, dimension, backend):
        """The same process after ten gradients."""
        for _ in range(10):
            self.gradient()

    def track_allocations(self, dimension, backend):
        """Native allocations per gradient."""
        return allocated(self.gradient).count

    track_allocations.unit = "allocations"

    def track_allocated_bytes(self, dimension, backend):
        """Bytes allocated per gradient, freed or not."""
        return allocated(self.gradient).allocated_bytes

    track_allocated_bytes.unit = "bytes"

    def track_peak(self, dimension, backend):
        """Bytes that one gradient holds at once, above what the process held before it."""
        return allocated(self.gradient).peak_bytes

    track_peak.unit = "bytes"
