"""How long a value and a gradient take, in seconds and over the gradient by hand."""

from eam import suite

MODELS, BACKENDS = suite.configured(__file__)

globals().update(suite.one_class_a_model(__name__, suite.Gradients, MODELS, BACKENDS))
globals().update(suite.one_class_a_model(__name__, suite.Overhead, MODELS, BACKENDS, "Overhead"))
