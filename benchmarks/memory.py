"""How much memory a gradient takes."""

from eam.measure.check import check

from .common import Grid, unchecked


class Toy(Grid):
    """Peak resident memory of the whole process: imports, preparation and ten gradients."""

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
