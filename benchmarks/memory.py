"""How much memory a gradient takes."""

from eam.measure.allocations import measure

from .common import Cells, unchecked


class Toy(Cells):
    """What one hot gradient allocates, and the peak of a process that takes ten.

    Allocations are native ones, as memray sees them; n/a where memray does not exist (Windows).
    NumPy keeps blocks of less than 1 KiB for itself, so at dimension 100 its arrays go uncounted.
    """

    params = [[100, 1_000_000], Cells.params[1]]
    version = "2"

    def setup_cache(self):
        """Count for every backend once, for all tracks."""
        return measure(self.model, self.asked(), self.params[1])

    setup_cache.timeout = 900

    def setup(self, cells, dimension, backend):
        """A process's peak may be asked for where nothing was counted."""
        if (dimension, backend) in cells:
            super().setup(cells, dimension, backend)
        else:
            unchecked(self.model, dimension, backend)

    def track_allocations(self, cells, dimension, backend):
        """Native allocations per gradient."""
        return self.cell.allocations.count

    track_allocations.unit = "allocations"

    def track_allocated_bytes(self, cells, dimension, backend):
        """Bytes allocated per gradient, freed or not."""
        return self.cell.allocations.allocated_bytes

    track_allocated_bytes.unit = "bytes"

    def track_peak(self, cells, dimension, backend):
        """Bytes that one gradient holds at once, above what the process held before it."""
        return self.cell.allocations.peak_bytes

    track_peak.unit = "bytes"

    def peakmem_baseline(self, cells, dimension, backend):
        """Resident memory of a whole process that has imported and prepared."""
        unchecked(self.model, dimension, backend)

    def peakmem_gradient(self, cells, dimension, backend):
        """The same process after ten gradients."""
        gradient = unchecked(self.model, dimension, backend).hot_gradient()
        for _ in range(10):
            gradient()

    # the tracks tell small arrays; a process shows large ones only
    peakmem_baseline.params = peakmem_gradient.params = [[1_000_000], Cells.params[1]]
