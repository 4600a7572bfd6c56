"""The rows of quantities beyond the gradient."""

from eam.report.quantities import quantity_entries
from tests.report.stored_results import Suite, read

BEST = "quantities.FinnisSinclair.track_force_matching_best"


def test_the_fastest_backend_of_each_library_that_differentiates(tmp_path):
    ratios = {"numpy": 12.0, "numba-inplace": 1.0, "jax": 9.0, "jax-dense": 5.0, "torch": 30.0}
    cells = {BEST: {(4000, backend): ratio for backend, ratio in ratios.items()}}
    (entry,) = quantity_entries(read(tmp_path, Suite(cells)))
    assert (entry["model"], entry["quantity"]) == ("finnis-sinclair", "force_matching")
    assert entry["cells"] == [
        {"library": "jax", "backend": "jax-dense", "over_best": 5.0, "score": "behind"},
        {"library": "torch", "backend": "torch", "over_best": 30.0, "score": "behind"},
    ]
    assert entry["lines_by_hand"] > 3 * entry["lines_of_energy"]


def test_a_run_without_them_has_no_rows(tmp_path):
    cells = {"gradients.ToyOverhead.track_overhead": {(100, "numpy"): 1.0}}
    assert quantity_entries(read(tmp_path, Suite(cells))) == []
