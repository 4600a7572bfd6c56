"""What energy and forces, second derivatives and fits cost, over the same by hand."""

from .registry import BACKENDS, MODELS, suite

_TRACKED = [model for model in MODELS if model.dimensions.quantities]

globals().update(suite.one_class_a_model(__name__, suite.Quantities, _TRACKED, BACKENDS))
