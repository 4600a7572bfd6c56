"""The conformance test of the package, under this folder's rule for skips."""

from eam.conformance import (
    TestBackend,
    prepared,
    test_nan_and_underflow_propagate_as_in_numpy,
    test_overflow_propagates_as_in_numpy,
)

__all__ = [
    "TestBackend",
    "prepared",
    "test_nan_and_underflow_propagate_as_in_numpy",
    "test_overflow_propagates_as_in_numpy",
]
