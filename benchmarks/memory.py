"""How much memory a gradient takes."""

from .registry import ATOMIC, BACKENDS, TOYS, suite


def _counted(models):
    return [model for model in models if model.dimensions.allocations]


globals().update(
    suite.one_class_a_model(__name__, suite.MemoryOverBaseline, _counted(TOYS), BACKENDS)
)
globals().update(suite.one_class_a_model(__name__, suite.Memory, _counted(ATOMIC), BACKENDS))
