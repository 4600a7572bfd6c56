"""How long a value and a gradient take, hot: compiled, warmed, synchronised."""

from .common import Overhead, Times


class Toy(Times):
    """Seconds per call for f: R^N -> R of the forum post."""

    model = "toy"


class ToyOverhead(Overhead):
    """Overheads of the toy: samples with an interval, as common.Overhead tells."""

    def setup_cache(self):
        """Measure every backend at every dimension once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900
