"""How much memory a gradient takes."""

from collections.abc import Sequence
from typing import Any, ClassVar

from eam.measure import allocations

from ..model import Model
from .base import Cases, attributes, unchecked


class Memory(Cases):
    """The allocations of one hot gradient, and the peak of a process at a larger dimension.

    Allocations are native ones, as memray sees them; n/a where memray does not exist (Windows).
    NumPy keeps blocks of less than 1 KiB for itself, so at dimension 100 its arrays go uncounted.
    """

    version = "1"
    gradients: ClassVar[int] = 3

    @classmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """Small arrays show in the counts, large ones in the peak of a process."""
        peak: Any = cls.peakmem_gradient
        cls.params = [model.dimensions.allocations, list(backends)]
        peak.params = [model.dimensions.peaks, list(backends)]

    def measure(self, reference: str, dimensions: Sequence[int], backends: Sequence[str]) -> Any:
        """Measure the allocations of all backends' gradients."""
        return allocations.measure(reference, dimensions, backends)

    def make_ready(self, *parameters: Any) -> None:
        """A process's peak may be asked for where nothing was counted."""
        cases, dimension, backend = parameters
        if (dimension, backend) not in cases and dimension in self.record.dimensions.peaks:
            unchecked(self.reference, dimension, backend)
        else:
            super().make_ready(*parameters)

    @attributes(unit="allocations")
    def track_allocations(self, cases: Any, dimension: int, backend: str) -> float:
        """Native allocations per gradient."""
        return self.case.allocations.count

    @attributes(unit="bytes")
    def track_allocated_bytes(self, cases: Any, dimension: int, backend: str) -> float:
        """Bytes allocated per gradient, freed or not."""
        return self.case.allocations.allocated_bytes

    @attributes(unit="bytes")
    def track_peak(self, cases: Any, dimension: int, backend: str) -> int:
        """Bytes that one gradient holds at once, above what the process held before it."""
        return self.case.allocations.peak_bytes

    def peakmem_gradient(self, cases: Any, dimension: int, backend: str) -> None:
        """Resident memory of a whole process that has taken some gradients."""
        gradient = unchecked(self.reference, dimension, backend).hot_gradient()
        for _ in range(self.gradients):
            gradient()


class MemoryOverBaseline(Memory):
    """With the memory of a process before its first gradient beside it."""

    version = "2"
    gradients = 10

    @classmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """Where the peak is measured, the baseline is."""
        super().choose(model, backends)
        baseline: Any = cls.peakmem_baseline
        baseline.params = [model.dimensions.peaks, list(backends)]

    def peakmem_baseline(self, cases: Any, dimension: int, backend: str) -> None:
        """Resident memory of a whole process that has imported and prepared."""
        unchecked(self.reference, dimension, backend)
