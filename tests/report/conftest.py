"""Results of the toy as the report reads them."""

import pytest

from tests.report.stored_results import Suite, read

BENCHMARKS = {
    "overhead": "gradients.ToyOverhead.track_overhead",
    "best": "gradients.ToyOverhead.track_overhead_best",
    "omega": "gradients.ToyOverhead.track_omega",
    "time": "gradients.Toy.time_gradient",
    "value": "gradients.Toy.time_value",
    "allocations": "memory.Toy.track_allocations",
    "bytes": "memory.Toy.track_allocated_bytes",
}


@pytest.fixture
def run_of(tmp_path):
    """What a run holds of the toy: run_of(overhead={(dimension, backend): number or samples})."""

    def make(**cases):
        stored = {BENCHMARKS[name]: numbers for name, numbers in cases.items()}
        return read(tmp_path, Suite(stored)).model("toy")

    return make
