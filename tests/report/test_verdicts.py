"""The verdict on each library, on stored results whose answers are known."""

import pytest

from eam.report import findings
from eam.report.sentences import questions
from eam.report.verdicts import verdict, verdicts
from tests.report.stored_results import around, curve


def test_a_verdict_line(run_of):
    ratios = {1: 1.0, 100: 1.5, 10_000: 1.2, 1_000_000: 0.5}
    run = run_of(
        overhead={
            **curve("numpy", dict.fromkeys(ratios, 1.0)),
            **curve("jax", ratios),
            **curve("torch", dict.fromkeys(ratios, 20.0)),
        },
        allocations={(100, "jax"): 61.0},
    )
    first, second = verdicts(run)
    assert first.word == "above N = 26\u00a0000"
    assert first.sentence == (
        "jax 0.10.2: 1.5× the NumPy gradient at N = 100, faster above N = 26\u00a0000, "
        "61 allocations a call"
    )
    assert second.word == "not yet"
    assert second.sentence == (
        "torch: 20× the NumPy gradient at N = 100, slower at every N up to 1\u00a0000\u00a0000"
    )


def test_a_library_goes_by_its_name_in_pip(run_of):
    (line,) = verdicts(run_of(overhead={(100, "enzyme"): around(0.5)}))
    assert line.name == "enzyme-ad (enzyme)"
    assert line.word == "yes, faster"


def test_the_fastest_backend_without_a_hand_written_rule_speaks_for_its_library(run_of):
    run = run_of(
        overhead={
            (100, "torch"): around(20.0),
            (100, "torch-compile"): around(4.0),
            (100, "torch-primitive"): around(1.5),
        }
    )
    (line,) = verdicts(run)
    assert line.backend == "torch-compile"
    assert line.name == "torch (torch-compile)"


def test_a_lead_inside_the_floor_is_no_crossover(run_of):
    run = run_of(overhead=curve("jax", {100: 1.5, 1_000_000: 0.95}))
    line = verdict(run, "jax", 100)
    assert line.crossover is None
    assert "level at N = 1\u00a0000\u00a0000" in line.sentence


def test_after_a_lead_inside_the_floor_the_first_clear_one_counts(run_of):
    run = run_of(overhead=curve("jax", {1: 0.8, 10: 0.97, 100: 0.97, 10_000: 0.8, 1_000_000: 0.5}))
    line = verdict(run, "jax", 100)
    assert "faster from N = 10\u00a0000" in line.sentence


def test_the_reference_is_the_posts_dimension_or_the_smallest(run_of):
    assert run_of(overhead=curve("jax", {1: 1.0, 100: 1.0})).reference_dimension == 100
    assert run_of(overhead=curve("jax", {54: 1.0, 128: 1.0})).reference_dimension == 54


def test_one_size_shows_no_crossover(run_of):
    assert verdict(run_of(overhead=curve("jax", {100: 0.5})), "jax", 100).crossover is None


def test_ratios_of_separate_processes_stand_beside_no_paired_one(run_of):
    run = run_of(
        overhead={(100, "numpy"): 1.0, (100, "jax"): around(1.4), (100, "autograd"): around(5.0)},
        time={
            (100, "numpy"): 6e-6,
            (100, "jax-sync"): 2e-6,
            (100, "autograd-custom"): 12e-6,
            (100, "torch"): 60e-6,
            (100, "torch-custom"): 30e-6,
        },
    )
    assert [(line.backend, line.word) for line in verdicts(run)] == [
        ("jax", "not yet"),
        ("autograd", "not yet"),
        ("torch", "not comparable"),
    ]
    (row,) = findings.custom_adjoints(run, 100)
    assert row.library == "torch"
    (answer, *_) = questions(run)
    assert answer["answer"] == "Cannot say: the times come from separate processes."
    assert "torch: about 10× plain, about 5.0× with it" in answer["details"][0]


def test_a_library_that_is_ahead_now_is_not_ahead_later(run_of):
    line = verdict(run_of(overhead=curve("jax", {1: 2.0, 100: 0.5})), "jax", 100)
    assert line.crossover is not None
    assert line.word == "yes, faster"


def test_one_size_says_nothing_of_others(run_of):
    line = verdict(run_of(overhead=curve("jax", {100: 0.5})), "jax", 100)
    assert line.sentence == "jax 0.10.2: 0.50× the NumPy gradient at N = 100"


@pytest.mark.parametrize(
    ("ratios", "crossover"),
    [
        ({100: 2.0, 10_000: 0.5}, pytest.approx(2000, rel=0.5)),
        # the last lead inside the floor begins after two clear losses
        ({1: 2.0, 10: 2.0, 100: 0.97, 10_000: 0.5, 1_000_000: 0.5}, 10_000),
        # level is no lead
        ({1: 2.0, 100: 1.0, 10_000: 0.5}, pytest.approx(100)),
    ],
)
def test_the_crossover(run_of, ratios, crossover):
    assert verdict(run_of(overhead=curve("jax", ratios)), "jax", 100).crossover == crossover


@pytest.mark.parametrize(
    ("unclear", "rest"),
    [(around(1.5), " only"), (around(1.2, spread=0.6), ", not clear elsewhere")],
)
def test_a_lead_that_ends_is_named_where_it_was(run_of, unclear, rest):
    run = run_of(overhead=curve("jax", {100: 0.5, 10_000: 2.0}) | {(1_000_000, "jax"): unclear})
    assert verdict(run, "jax", 100).sentence.endswith(f"faster at N = 100{rest}")


def test_the_best_by_hand_stands_beside_numpy(run_of):
    run = run_of(overhead=curve("jax", {100: 0.5}), best=curve("jax", {100: 2.0}))
    assert verdict(run, "jax", 100).best.value == 2.0
