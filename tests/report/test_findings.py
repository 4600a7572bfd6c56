"""The forum post's three questions, on stored results whose answers are known."""

import math

import pytest

from eam.report import findings
from eam.report.sentences import questions
from eam.report.startup import Startup, startup_costs
from tests.report.stored_results import Suite, around, curve, read


def test_the_gap_that_a_custom_adjoint_recovers(run_of):
    run = run_of(
        overhead={
            (100, "autograd"): around(29.0),
            (100, "autograd-custom"): around(21.0),
            (100, "autograd-primitive"): around(4.0),
            (100, "jax"): around(1.0),
            (100, "jax-custom"): around(0.9),
        }
    )
    autograd, jax = findings.custom_adjoints(run, 100)
    assert autograd.recovered == pytest.approx(8.0 / 28.0)
    assert autograd.primitive.value == pytest.approx(4.0)
    assert jax.recovered is None
    assert pytest.approx(0.863, abs=1e-3) == findings.POST_RECOVERED


def test_a_gap_that_noise_hides_is_not_clear(run_of):
    run = run_of(
        overhead={(100, "autograd"): [1.0, 3.0, 6.0], (100, "autograd-custom"): [1.0, 2.0, 5.0]}
    )
    (answer, *_) = questions(run)
    assert answer["answer"] == "Not clear: the intervals are too wide to tell."


def test_who_allocates_nothing_is_known_without_the_bytes(run_of):
    run = run_of(
        overhead={(100, name): around(1.0) for name in ("jax", "casadi")},
        allocations={(100, "jax"): 61.0, (100, "casadi"): 0.0},
    )
    (_, second, _) = questions(run)
    assert second["answer"] == "Yes: casadi."


def test_the_gradient_of_an_atom_is_three_numbers(tmp_path):
    cells = {
        "atoms.TabulatedOverhead.track_overhead": {(1000, "jax"): around(1.0)},
        "atoms.SuttonChenOverhead.track_overhead": {(1000, "jax"): around(1.0)},
        "memory.Tabulated.track_allocations": {(1000, name): 9.0 for name in ("jax", "torch")},
        "memory.Tabulated.track_allocated_bytes": {(1000, "jax"): 23_999.0, (1000, "torch"): 24e3},
    }
    run = read(tmp_path, Suite(cells))
    answers = [questions(run.model(name))[1]["answer"] for name in ("tabulated", "sutton-chen")]
    assert answers == ["Yes: jax.", "Not counted for this model; see tabulated."]


def test_forward_mode_wins_where_both_intervals_say_so(run_of):
    run = run_of(
        overhead={
            **curve("jax", {1: 1.0, 3: 1.0, 100: 1.0}),
            **curve("jax-forward", {1: 0.8, 3: 0.99, 100: 5.0}),
        }
    )
    (row,) = findings.forward_modes(run)
    assert (row.faster, row.level, row.slower) == ((1,), (3,), (100,))


def test_forward_mode_of_another_process_must_win_by_more_than_processes_differ(run_of):
    times = {(1, "jax"): 5e-6, (1, "jax-forward"): 3.5e-6, (1, "numpy"): 5e-6}
    (row,) = findings.forward_modes(run_of(time=times))
    assert (row.faster, row.level) == ((), (1,))


def test_startup_costs(tmp_path):
    run = read(
        tmp_path,
        Suite(
            {
                "startup.Import.timeraw_import": {("jax",): around(0.5)},
                "startup.FirstCall.track_first_call": {(100, "jax"): 0.4, (100, "numpy"): 1e-4},
                "startup.FirstCall.track_break_even": {(100, "jax"): 2e4, (100, "numpy"): math.nan},
            }
        ),
    )
    assert startup_costs(run, "toy") == [
        Startup("jax", 100, pytest.approx(0.5), 0.4, 2e4),
        Startup("numpy", 100, None, 1e-4, None),
    ]
