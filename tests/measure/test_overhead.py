"""Overheads: the arithmetic on given times, and one small real measurement."""

import shutil

import numpy as np
import pytest

import eam
from eam.backends import MANUAL, describe
from eam.measure import overhead
from eam.measure.overhead import Cell, measure, measure_here, ratios


def test_ratio_of_low_quantiles_ignores_what_interrupts_a_block():
    times = np.tile([2e-6, 1e-6, 4e-6], (400, 1))
    times[::3, 0] *= 10.0
    times[::5, 1] *= 7.0
    assert ratios(times, 0, [1]) == [2.0, 2.0, 2.0, 2.0]
    assert ratios(times, 2, [0, 1]) == [4.0] * 4  # the faster of the two denominators


def test_a_drifting_clock_leaves_each_slice_its_ratio():
    clock = np.linspace(1.0, 1.7, 400)[:, None]
    times = clock * np.array([3e-6, 2e-6])
    assert ratios(times, 0, [1]) == pytest.approx([1.5] * 4)


def test_fewer_rounds_than_slices():
    assert ratios(np.full((3, 2), 1e-3), 0, [1]) == [1.0] * 3


def test_the_low_quantile_is_that_of_five_per_cent():
    times = np.ones((404, 2))
    times[:, 0] = np.tile(np.arange(101), 4)  # of each slice, 0 to 100
    assert ratios(times, 0, [1]) == [5.0] * 4


def test_a_ratio_has_four_digits():
    assert ratios(np.tile([2.0, 3.0], (8, 1)), 0, [1]) == [0.6667] * 4


def test_the_fastest_denominator_is_chosen_over_all_slices():
    """Else a slice would be divided by whatever was fastest there, and the ratios would be high."""
    times = np.tile([4.0, 2.0, 1.0], (400, 1))
    times[:100, 2] = 8.0
    assert ratios(times, 0, [1, 2]) == [0.5, 4.0, 4.0, 4.0]


@pytest.fixture
def clock(monkeypatch):
    """Known times: the k-th call takes 100 + k seconds, those by hand 8, 4, 2, 1 and 0.5."""
    asked = {}

    def interleave(calls, seconds, seed):
        manual = sum(describe(name).kind == MANUAL for name in eam.backend_names())
        asked.update(seconds=seconds, seed=seed, calls=[call() for call in calls])
        times = 100.0 + np.arange(len(calls))
        times[:manual] = [8.0, 4.0, 2.0, 1.0, 0.5][:manual]
        return np.tile(times, (8, 1))

    monkeypatch.setattr(overhead, "interleave", interleave)
    return asked


def test_what_is_divided_by_what(clock):
    for library in ("numba", "autograd"):
        pytest.importorskip(library)
    names = ["autograd", "numpy", "numba"]
    cells = [Cell(**row) for row in measure_here("toy", [3, 10], names, 0.25, 7)]
    assert clock["seed"] == 7
    assert clock["seconds"] == 0.25 * 11  # five gradients by hand; a gradient and a value of each
    toy = eam.problem("toy", 10)
    values = clock["calls"][6::2]
    assert values == pytest.approx([toy.manual.value(toy.x0)] * 3)
    for cell, k in zip(cells, 2 * [0, 1, 2], strict=True):
        gradient, value = 105.0 + 2 * k, 106.0 + 2 * k
        assert cell.overhead == [float(f"{gradient / 8.0:.4g}")] * 4
        assert cell.best == [float(f"{gradient / 0.5:.4g}")] * 4
        assert cell.omega == [float(f"{gradient / value:.4g}")] * 4


def test_a_cell_keeps_its_first_reason_and_all_samples():
    cell = Cell([1.0], [2.0], [3.0])
    cell.add(Cell([4.0], [5.0], [6.0], "not offered", "crashed"))
    cell.add(Cell(missing="later", failed="later"))
    assert cell == Cell([1.0, 4.0], [2.0, 5.0], [3.0, 6.0], "not offered", "crashed")


def test_samples_of_all_processes_are_kept():
    cells = measure("toy", [3, 100], ["numpy", "numpy-inplace"], processes=2, seconds=0.01)
    assert list(cells) == [(d, b) for d in (3, 100) for b in ("numpy", "numpy-inplace")]
    for cell in cells.values():
        assert cell.failed is None
        assert cell.missing is None
        for samples in (cell.overhead, cell.best, cell.omega):
            assert len(samples) == 8
            assert min(samples) > 0.0


def test_what_is_not_offered_is_missing_with_its_reason():
    pytest.importorskip("jax")
    (cell,) = (Cell(**row) for row in measure_here("toy", [1000], ["jax-forward"], 0.01, 0))
    assert "offered up to" in cell.missing
    assert cell.overhead == []


def test_a_wrong_backend_gets_a_reason_and_no_number(monkeypatch):
    from eam.backends import _numpy

    right = _numpy.in_place

    def wrong(problem):
        native = right(problem)
        return native.__class__(
            native.value,
            native.gradient,
            gradient_into=lambda out, x: np.multiply(native.gradient(x), 1 + 1e-6, out),
        )

    monkeypatch.setattr(_numpy, "in_place", wrong)
    cells = [Cell(**row) for row in measure_here("toy", [100], ["numpy-inplace", "numpy"], 0.01, 0)]
    assert "CheckError" in cells[0].failed
    assert "wrong by 1.0e-06" in cells[0].failed
    assert cells[0].overhead == cells[0].best == cells[0].omega == []
    assert cells[1].failed is None
    assert cells[1].overhead


def test_a_crash_fails_the_cells_of_its_library(monkeypatch):
    # an interpreter that ends at once stands for a library that takes its process down
    monkeypatch.setattr("sys.executable", shutil.which("false"))
    (cell,) = measure("toy", [3], ["numpy"], processes=1).values()
    assert "ended with status 1" in cell.failed
    assert cell.overhead == []
