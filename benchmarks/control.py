"""A frozen kernel with none of eam's code in it: when this moves, it was the machine that moved.

Never edit it, or its history is worth nothing.
"""

import numpy as np


class Control:
    """NumPy work of the kind the suite times, at one small and one large size."""

    param_names = ["dimension"]
    params = [[100, 1_000_000]]
    rounds = 1
    repeat = (3, 10, 0.5)
    warmup_time = 0.05
    version = "1"

    def setup(self, dimension):
        """The input, and an array to write into."""
        self.x = np.linspace(0.0, 1.0, dimension)
        self.out = np.empty(dimension)

    def time_exp(self, dimension):
        """exp of an array into another."""
        np.exp(self.x, self.out)

    def time_sum(self, dimension):
        """The sum of an array."""
        self.x.sum()

    def time_python(self, dimension):
        """A loop of the interpreter."""
        total = 0
        for i in range(1000):
            total += i
        return total
