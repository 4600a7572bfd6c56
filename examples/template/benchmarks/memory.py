"""The allocations of a gradient, and the peak memory of a process."""

from eam import suite

MODELS, BACKENDS = suite.configured(__file__)

globals().update(suite.one_class_a_model(__name__, suite.MemoryOverBaseline, MODELS, BACKENDS))
