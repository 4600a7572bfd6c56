"""How much memory a gradient takes."""

from .common import ATOMIC, TOYS, Memory, one_class_a_model, unchecked


class MemoryOverBaseline(Memory):
    """With the memory of a process before its first gradient beside it."""

    version = "2"
    gradients = 10

    @classmethod
    def choose(cls, model):
        """Where the peak is measured, the baseline is."""
        super().choose(model)
        cls.peakmem_baseline.params = cls.peakmem_gradient.params

    def peakmem_baseline(self, cases, dimension, backend):
        """Resident memory of a whole process that has imported and prepared."""
        unchecked(self.model, dimension, backend)


def _counted(models):
    return [model for model in models if model.dimensions.allocations]


globals().update(one_class_a_model(__name__, MemoryOverBaseline, models=_counted(TOYS)))
globals().update(one_class_a_model(__name__, Memory, models=_counted(ATOMIC)))
