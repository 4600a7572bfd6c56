"""How long a value and a gradient take, hot: compiled, warmed, synchronised."""

from .common import BACKENDS, Gradients, Overhead


class Toy(Gradients):
    """Seconds per call for f: R^N -> R of the forum post."""

    model = "toy"

    def time_value(self, dimension, backend):
        """f(x), at every second decade: it is track_omega that compares it with the gradient."""
        self.value()

    time_value.params = [[1, 100, 10_000, 1_000_000], BACKENDS]


class ToyOverhead(Overhead):
    """Overheads of the toy: samples with an interval, as common.Overhead tells.

    The small dimensions are those where forward mode may pay.
    """

    params = [[1, 10, 100, 10_000, 1_000_000], BACKENDS]

    def setup_cache(self):
        """Measure every backend at every dimension once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900
