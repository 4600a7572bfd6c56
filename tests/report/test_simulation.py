"""What a gradient costs a simulation."""

import pytest

from eam.report.simulation import simulations
from tests.report.stored_results import Suite, around, read

TIMES = "atoms.Tabulated.time_gradient"
LISTS = "atoms.Neighbours.time_build"


@pytest.fixture
def run(tmp_path):
    cells = {
        TIMES: {
            (4000, "numpy"): 8e-3,
            (4000, "numba"): 1e-3,
            (4000, "jax"): 4e-3,
            (32_000, "jax"): 1.0,
        },
        "atoms.TabulatedOverhead.track_overhead": {
            (4000, "numpy"): around(1.0),
            (4000, "numba"): around(0.1),
            (4000, "jax"): around(0.6),
        },
        "atoms.TabulatedOverhead.track_overhead_best": {(4000, "jax"): around(6.0)},
        LISTS: {(4000, "vesin"): 3e-3, (4000, "numba"): 2e-3, (108, "numba"): 1e-9},
        "gradients.Toy.time_gradient": {(100, "jax"): 1e-6},
    }
    return read(tmp_path, Suite(cells))


def test_a_step_is_a_gradient_and_its_share_of_a_list(run):
    small, large = simulations(run, "tabulated")
    assert (small.dimension, small.builder, small.list_seconds) == (4000, "numba", 2e-3)
    assert small.seconds_per_atom["jax"] == pytest.approx(1e-6)
    jax = {step.rebuilt_every: step for step in small.steps if step.backend == "jax"}
    assert [jax[every].seconds for every in (1, 10, None)] == pytest.approx([6e-3, 4.2e-3, 4e-3])
    # 86400 s a day, 2 fs a step
    assert jax[None].nanoseconds_per_day == pytest.approx(86_400 / 4e-3 * 2e-6)
    # the paired overhead, 0.6, beside the same list
    assert jax[1].over_numpy == pytest.approx((0.6 * 8 + 2) / (8 + 2))
    assert jax[10].over_numpy == pytest.approx((0.6 * 8 + 0.2) / (8 + 0.2))
    assert jax[None].over_numpy == pytest.approx(0.6)
    assert jax[1].over_best == pytest.approx((6 * 1 + 2) / (1 + 2))
    # no list was timed there, and no gradient by hand
    assert (large.builder, large.list_seconds) == (None, None)
    assert [(s.rebuilt_every, s.seconds, s.over_numpy) for s in large.steps] == [(None, 1.0, None)]


def test_only_models_of_atoms_are_simulated(run):
    assert simulations(run, "toy") == []
    assert simulations(run, "nosuch") == []
