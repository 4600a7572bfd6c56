"""How long a value and a gradient of f: R^N -> R take, in seconds and as overheads."""

from .common import TOYS, Gradients, Overhead, one_class_a_model

globals().update(one_class_a_model(__name__, Gradients, models=TOYS))
globals().update(one_class_a_model(__name__, Overhead, "Overhead", TOYS))
