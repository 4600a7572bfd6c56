"""Native allocations, counted by memray: exact where the work is exact."""

import builtins
import re

import numpy as np
import pytest

import eam
from eam.errors import NotOfferedError, install_command
from eam.measure.allocations import allocations

pytestmark = pytest.mark.slow

pytest.importorskip("memray")


@pytest.fixture
def of_gradient(prepare):
    def of_gradient(backend, dimension=100):
        return allocations(prepare(eam.problem("toy", dimension), backend).hot_gradient())

    return of_gradient


@pytest.mark.parametrize("backend", ["numpy", "numba-inplace", "autograd", "torch"])
def test_the_same_count_in_three_runs(backend, of_gradient):
    of_gradient(backend)  # Python may take an arena of 1 MiB from the system first, once
    first = of_gradient(backend)
    assert [of_gradient(backend) for _ in range(2)] == [first, first]
    assert first.count == int(first.count)


def test_nothing_is_nothing():
    counted = allocations(lambda: None)
    assert (counted.count, counted.allocated_bytes, counted.peak_bytes) == (0, 0, 0)


def test_known_blocks():
    def call():
        np.empty(1000)  # 8000 bytes, gone at once
        kept = np.empty(500), np.empty(250)
        return kept

    counted = allocations(call)
    assert (counted.count, counted.allocated_bytes) == (3, 14_000)
    assert counted.peak_bytes == 8_000


def test_large_arrays_are_all_seen(of_gradient):
    counted = of_gradient("numba-inplace", 10_000)
    allocating = of_gradient("numba", 10_000)
    assert counted.allocated_bytes < 1_000
    assert 80_000 <= allocating.allocated_bytes < 81_000
    assert 80_000 <= allocating.peak_bytes < 81_000


@pytest.mark.parametrize("quantity", ["gradient", "value_and_gradient", "virial"])
def test_the_kernels_of_atoms_allocate_nothing(quantity, prepare):
    call = prepare(eam.problem("tabulated", 108), "numba-inplace").hot(quantity)
    assert allocations(call).count == 0


def test_without_memray_there_is_a_reason_and_no_zero(monkeypatch):
    real_import = builtins.__import__

    def without_memray(name, *args, **kwargs):
        if name == "memray":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_memray)
    with pytest.raises(NotOfferedError, match=re.escape(install_command("memray"))):
        allocations(lambda: None)
