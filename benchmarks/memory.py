"""How much memory a gradient takes."""

from abc import ABC

from eam.measure.allocations import measure

from .common import BACKENDS, Cells, unchecked


class Memory(Cells, ABC):
    """What one hot gradient allocates; subclasses add the peak of a process, at larger dimensions.

    Allocations are native ones, as memray sees them; n/a where memray does not exist (Windows).
    NumPy keeps blocks of less than 1 KiB for itself, so at dimension 100 its arrays go uncounted.
    """

    def measure(self):
        """What the gradients of all backends allocate."""
        return measure(self.model, self.asked(), self.params[1])

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

    def take(self, gradients, dimension, backend):
        """Import, prepare, and take some gradients."""
        gradient = unchecked(self.model, dimension, backend).hot_gradient()
        for _ in range(gradients):
            gradient()


class Toy(Memory):
    """The forum post's function. The tracks tell small arrays; a process shows large ones only."""

    params = [[100, 1_000_000], BACKENDS]
    version = "2"

    def setup_cache(self):
        """Count for every backend once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900

    def peakmem_baseline(self, cells, dimension, backend):
        """Resident memory of a whole process that has imported and prepared."""
        unchecked(self.model, dimension, backend)

    def peakmem_gradient(self, cells, dimension, backend):
        """The same process after ten gradients."""
        self.take(10, dimension, backend)

    peakmem_baseline.params = peakmem_gradient.params = [[1_000_000], BACKENDS]


class Tabulated(Memory):
    """Copper on tables; allocations are counted at the size that overheads are measured at."""

    model = "tabulated"
    params = [[4000], BACKENDS]
    version = "1"

    def setup_cache(self):
        """Count for every backend once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900

    def peakmem_gradient(self, cells, dimension, backend):
        """Resident memory of a whole process that has taken three gradients."""
        self.take(3, dimension, backend)

    peakmem_gradient.params = [[32_000], BACKENDS]
