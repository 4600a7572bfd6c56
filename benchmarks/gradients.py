"""How long a value and a gradient of f: R^N -> R take, in seconds and as overheads."""

from .registry import BACKENDS, TOYS, suite

globals().update(suite.one_class_a_model(__name__, suite.Gradients, TOYS, BACKENDS))
globals().update(suite.one_class_a_model(__name__, suite.Overhead, TOYS, BACKENDS, "Overhead"))
