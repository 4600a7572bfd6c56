"""How long a value and a gradient take, hot: compiled, warmed, synchronised."""

from .common import Grid, Overhead, prepared


class Toy(Grid):
    """Seconds per call for f: R^N -> R of the forum post."""

    rounds = 1
    repeat = (3, 10, 0.5)
    warmup_time = 0.05
    version = "1"

    def setup(self, dimension, backend):
        """Make both calls ready, and run each once."""
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


class ToyOverhead(Overhead):
    """Overheads of the toy: samples with an interval, as common.Overhead tells."""

    def setup_cache(self):
        """Measure every backend at every dimension once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900
