"""The asv suite: the classes of the benchmarks. A `benchmarks/` folder makes one for every model.

asv takes a suite from the working tree and runs it on every commit. So these classes measure with
the `eam` that is installed for the commit under test (``import eam``), which may be older than they
are, while their parameters come from the records of models and backends that they were made with.

asv_runner 0.3 runs `setup` before every timed call of a class that has one, and times calls one
by one: a gradient of 6 us then reads 20 us. Preparing in the first timed call instead is no way
out, since its compile time makes asv settle for one call a sample as well. The setups of this
suite are cached and change nothing from one call to the next, so they need no such isolation.
"""

from asv_runner.benchmarks.time import TimeBenchmark

from .base import Cases, Grid, Noting, prepared, unchecked
from .configured import configured
from .making import one_class, one_class_a_model
from .memory import Memory, MemoryOverBaseline
from .quantities import Quantities
from .startup import FirstCall, Import, imported_by
from .times import Gradients, Overhead

__all__ = [
    "Cases",
    "FirstCall",
    "Gradients",
    "Grid",
    "Import",
    "Memory",
    "MemoryOverBaseline",
    "Noting",
    "Overhead",
    "Quantities",
    "configured",
    "imported_by",
    "one_class",
    "one_class_a_model",
    "prepared",
    "unchecked",
]

TimeBenchmark._setup_isolates_timed_calls = False
