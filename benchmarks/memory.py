"""How much memory a gradient takes."""

from .common import Grid, prepared


class Toy(Grid):
    """Peak resident memory of the whole process: imports, preparation and ten gradients."""

    params = [[100, 1_000_000], Grid.params[1]]
    version = "1"

    def setup(self, dimension, backend):
        """Import and prepare, but take no gradient yet."""
        self.gradient = prepared(self.model, dimension, backend).hot_gradient()

    def peakmem_baseline(self, dimension, backend):
        """The process as it stands before its first hot gradient."""

    def peakmem_gradient(self, dimension, backend):
        """The same process after ten gradients."""
        for _ in range(10):
            self.gradient()
