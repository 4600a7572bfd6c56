"""The report's arithmetic, on stored results whose answers are known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eam import formatting
from eam.report import findings, history, overheads, startup
from eam.report.results import Estimate, load_benchmarks, load_runs, model_of
from eam.report.sentences import headline, questions
from eam.report.steps import steps
from eam.report.verdicts import hand_written, reference_dimension, verdict, verdicts
from tests.report.stored_results import Suite, store

OVERHEAD = "gradients.ToyOverhead.track_overhead"
TIME = "gradients.Toy.time_gradient"
BEST = "gradients.ToyOverhead.track_overhead_best"
VALUE = "gradients.Toy.time_value"
ALLOCATIONS = "memory.Toy.track_allocations"
BYTES = "memory.Toy.track_allocated_bytes"


def around(value, spread=0.01):
    """Samples whose median is `value`."""
    return [value * (1.0 + spread * (i - 10) / 10) for i in range(21)]


def curve(backend, ratios):
    return {(n, backend): around(ratio) for n, ratio in ratios.items()}


@pytest.fixture
def run_of(tmp_path):
    def make(**cells):
        names = {
            "overhead": OVERHEAD,
            "best": BEST,
            "time": TIME,
            "value": VALUE,
            "allocations": ALLOCATIONS,
        }
        conf = store(tmp_path, Suite({names[key]: value for key, value in cells.items()}))
        ((run,), unreadable) = load_runs(conf.results_dir, load_benchmarks(conf))
        assert unreadable == []
        return run

    return make


def test_a_ratio_is_claimed_only_beyond_the_floor(run_of):
    run = run_of(
        overhead={
            (100, "numpy"): around(1.0),
            (100, "jax"): around(1.04),
            (100, "torch"): around(1.2),
            (100, "numba"): around(0.5),
        }
    )
    standings = {
        name: overheads.overhead(run, "toy", 100, name).standing
        for name in ("numpy", "jax", "torch", "numba")
    }
    assert standings == {"numpy": "level", "jax": "level", "torch": "behind", "numba": "ahead"}


def test_a_wide_floor_forbids_the_same_claim(run_of):
    run = run_of(overhead={(100, "numpy"): around(1.0, 0.4), (100, "torch"): around(1.2)})
    assert overheads.floor(run, "toy", 100) > 0.2
    assert overheads.overhead(run, "toy", 100, "torch").standing == "level"


def test_an_interval_too_wide_to_tell_is_no_yes(run_of):
    run = run_of(overhead={(100, "jax"): around(1.1, 0.9), (100, "torch"): around(1.6, 0.9)})
    assert [line.word for line in verdicts(run, "toy")] == ["not clear", "not clear"]
    assert headline(run, "toy")[0]["answer"] == "Not clear."


def test_times_of_separate_processes_support_no_claim(run_of):
    run = run_of(time={(100, "numpy"): around(6e-6), (100, "torch"): around(120e-6)})
    ratio = overheads.overhead(run, "toy", 100, "torch")
    assert ratio.value == pytest.approx(20.0)
    assert ratio.standing == "unpaired"
    (line,) = verdicts(run, "toy")
    assert line.word == "not comparable"
    assert "about 20× the NumPy gradient" in line.sentence


def test_the_denominators(run_of):
    run = run_of(
        overhead={(100, "numpy"): around(1.0), (100, "numba"): around(0.05)},
        best={(100, "jax"): around(20.0), (100, "numba"): around(1.0)},
        time={
            (100, "jax"): around(6e-6),
            (100, "numpy"): around(4e-6),
            (100, "numba"): around(0.5e-6),
            (100, "torch"): around(100e-6),
        },
        value={(100, "jax"): around(3e-6)},
    )
    jax = {d: overheads.overhead(run, "toy", 100, "jax", d) for d in overheads.PAIRED}
    assert {d: (r.value, r.standing) for d, r in jax.items()} == {
        "numpy": (pytest.approx(1.5), "unpaired"),
        "best": (pytest.approx(20.0), "behind"),
        "value": (pytest.approx(2.0), "unpaired"),
    }
    assert overheads.best_manual(run, "toy", 100) == "numba"
    torch = overheads.overhead(run, "toy", 100, "torch", "best")
    assert (torch.value, torch.standing) == (pytest.approx(200.0), "unpaired")


def test_a_missing_number_gives_no_ratio_and_says_why(run_of):
    run = run_of(
        overhead={(100, "jax"): 2.0, (100, "torch"): None, (100, "numba"): math.inf},
        time={(1, "jax"): around(1e-6)},
    )
    assert overheads.overhead(run, "toy", 100, "torch") is None
    assert overheads.overhead(run, "toy", 1, "jax") is None
    reasons = [run.why("toy", "track_overhead", 100, name) for name in ("torch", "numba", "nosuch")]
    assert reasons == ["failed", "failed", "not run"]


@given(
    *2 * [st.tuples(st.floats(1e-9, 1.0), st.floats(0.5, 1.0), st.floats(1.0, 2.0))],
)
def test_a_quotient_keeps_its_interval_around_it(above, below):
    a, b = (Estimate(v, v * low, v * high) for v, low, high in (above, below))
    quotient = overheads.divide(a, b)
    assert quotient.low <= quotient.value <= quotient.high
    inverse = overheads.divide(b, a)
    assert inverse.low == pytest.approx(1.0 / quotient.high)


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
    first, second = verdicts(run, "toy")
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
    (line,) = verdicts(run_of(overhead={(100, "enzyme"): around(0.5)}), "toy")
    assert line.name == "enzyme-ad (enzyme)"
    assert line.word == "yes, faster"


def test_the_best_way_of_a_library_speaks_for_it_but_no_hand_written_rule_does(run_of):
    run = run_of(
        overhead={
            (100, "torch"): around(20.0),
            (100, "torch-compile"): around(4.0),
            (100, "torch-primitive"): around(1.5),
        }
    )
    (line,) = verdicts(run, "toy")
    assert line.backend == "torch-compile"
    assert line.name == "torch (torch-compile)"


def test_a_lead_inside_the_floor_is_no_crossover(run_of):
    run = run_of(overhead=curve("jax", {100: 1.5, 1_000_000: 0.95}))
    line = verdict(run, "toy", "jax", 100)
    assert line.crossover is None
    assert "level at N = 1\u00a0000\u00a0000" in line.sentence


def test_after_a_lead_inside_the_floor_the_first_clear_one_counts(run_of):
    run = run_of(overhead=curve("jax", {1: 0.8, 10: 0.97, 100: 0.97, 10_000: 0.8, 1_000_000: 0.5}))
    line = verdict(run, "toy", "jax", 100)
    assert "faster from N = 10\u00a0000" in line.sentence


def test_the_reference_is_the_posts_dimension_or_the_smallest(run_of):
    assert reference_dimension(run_of(overhead=curve("jax", {1: 1.0, 100: 1.0})), "toy") == 100
    assert reference_dimension(run_of(overhead=curve("jax", {54: 1.0, 128: 1.0})), "toy") == 54


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
    autograd, jax = findings.custom_adjoints(run, "toy", 100)
    assert autograd.recovered == pytest.approx(8.0 / 28.0)
    assert autograd.primitive.value == pytest.approx(4.0)
    assert jax.recovered is None
    assert pytest.approx(0.863, abs=1e-3) == findings.SEED_RECOVERED


def test_who_allocates_nothing_is_known_without_the_bytes(run_of):
    run = run_of(
        overhead={(100, name): around(1.0) for name in ("jax", "casadi")},
        allocations={(100, "jax"): 61.0, (100, "casadi"): 0.0},
    )
    (_, second, _) = questions(run, "toy")
    assert second["answer"] == "Yes: casadi."


def test_the_gradient_of_an_atom_is_three_numbers(tmp_path):
    cells = {
        "atoms.TabulatedOverhead.track_overhead": {(1000, "jax"): around(1.0)},
        "atoms.SuttonChenOverhead.track_overhead": {(1000, "jax"): around(1.0)},
        "memory.Tabulated.track_allocations": {(1000, name): 9.0 for name in ("jax", "torch")},
        "memory.Tabulated.track_allocated_bytes": {(1000, "jax"): 23_999.0, (1000, "torch"): 24e3},
    }
    conf = store(tmp_path, Suite(cells))
    ((run,), _) = load_runs(conf.results_dir, load_benchmarks(conf))
    assert questions(run, "tabulated")[1]["answer"] == "Yes: jax."
    assert (
        questions(run, "sutton-chen")[1]["answer"] == "Not counted for this model; see tabulated."
    )


def test_forward_mode_wins_where_both_intervals_say_so(run_of):
    run = run_of(
        overhead={
            **curve("jax", {1: 1.0, 3: 1.0, 100: 1.0}),
            **curve("jax-forward", {1: 0.8, 3: 0.99, 100: 5.0}),
        }
    )
    (row,) = findings.forward_modes(run, "toy")
    assert (row.faster, row.level, row.slower) == ((1,), (3,), (100,))


def test_forward_mode_timed_apart_must_win_by_more_than_the_machines_mood(run_of):
    times = {(1, "jax"): 5e-6, (1, "jax-forward"): 3.5e-6, (1, "numpy"): 5e-6}
    (row,) = findings.forward_modes(run_of(time=times), "toy")
    assert (row.faster, row.level) == ((), (1,))


def test_hand_written_backends_are_ranked(run_of):
    run = run_of(overhead={(100, "numpy"): 1.0, (100, "numba-inplace"): 0.05, (100, "jax"): 1.0})
    assert list(hand_written(run, "toy", 100)) == ["numba-inplace", "numpy"]


def test_cold_costs(tmp_path):
    conf = store(
        tmp_path,
        Suite(
            {
                "startup.Import.timeraw_import": {("jax",): around(0.5)},
                "startup.FirstCall.track_first_call": {(100, "jax"): 0.4, (100, "numpy"): 1e-4},
                "startup.FirstCall.track_break_even": {(100, "jax"): 2e4, (100, "numpy"): math.nan},
            }
        ),
    )
    ((run,), _) = load_runs(conf.results_dir, load_benchmarks(conf))
    assert startup.cold(run, "toy") == [
        startup.Cold("jax", 100, pytest.approx(0.5), 0.4, 2e4),
        startup.Cold("numpy", 100, None, 1e-4, None),
    ]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.0521, "0.052×"), (0.999, "1.0×"), (1.04, "1.0×"), (4.07, "4.1×"), (28.8, "29×"),
     (9.96, "10×"), (1234.0, "1\u00a0200×")],
)  # fmt: skip
def test_ratios_read_well(ratio, text):
    assert formatting.times(ratio) == text


def test_units_read_well():
    assert formatting.seconds(5.85e-6) == "5.85\u00a0µs"
    assert formatting.seconds(0.9999e-3) == "1.00\u00a0ms"
    assert formatting.seconds(40e-12) == "0.0400\u00a0ns"
    assert formatting.size(96) == "96\u00a0B"
    assert formatting.size(6933) == "6.93\u00a0kB"
    assert formatting.count(61.0) == "61"
    assert [formatting.rounded(number) for number in (8.0, 74_321.0)] == ["8", "74\u00a0000"]
    assert formatting.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Toy", "toy"),
        ("ToyOverhead", "toy"),
        ("FinnisSinclair", "finnis-sinclair"),
        ("FirstCall", "toy"),
    ],
)
def test_models_are_named_by_their_class(name, model):
    assert model_of(name) == model


def test_what_entered_the_suite_after_a_run_has_not_failed_in_it(tmp_path):
    old = Suite({OVERHEAD: {(100, "jax"): around(1.0), (100, "torch"): None}})
    conf = store(tmp_path, old)
    benchmarks = load_benchmarks(conf)
    benchmarks[OVERHEAD]["params"] = [["1", "100"], ["'jax'", "'torch'", "'casadi'"]]
    ((run,), _) = load_runs(conf.results_dir, benchmarks)
    cells = [(100, "torch"), (1, "jax"), (100, "casadi")]
    reasons = [run.why("toy", "track_overhead", *cell) for cell in cells]
    assert reasons == ["failed", "not run", "not run"]


def measured(value, release="1", spread=0.01, floor=0.05, paired=True):
    """A run of the document in which jax has one overhead."""
    ends = {"low": value * (1 - spread), "high": value * (1 + spread)}
    ratio = {"value": value, **ends, "floor": floor, "paired": paired}
    cell = {"backend": "jax-sync", "dimension": 100, "overhead": {"numpy": ratio}}
    library = {"backend": "jax-sync", "library": "jax"}
    model = {"model": "toy", "backends": [library], "cells": [cell]}
    return {"machine": {"machine": "here"}, "versions": {"jax": release}, "models": [model]}


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (measured(1.5), 1.5),
        (measured(0.5), 0.5),
        (measured(1.05), None),
        (measured(1.5, spread=0.4), None),
        (measured(1.5, floor=0.6), None),
        (measured(1.5, paired=False), None),
    ],
)
def test_a_step_is_a_change_beyond_intervals_and_floors(now, change):
    found = steps([measured(1.0), now])
    assert [step["change"] for step in found] == ([] if change is None else [change])
    assert steps([now]) == []


@pytest.mark.parametrize(
    ("change", "release", "text"),
    [
        (1.5, None, "1.5× slower"),
        (0.5, None, "2.0× faster"),
        (0.5, "jax 2", "2.0× faster, jax 2"),
    ],
)
def test_a_step_is_told_with_the_release_that_made_it(change, release, text):
    assert history.told({"change": change, "release": release}) == text


def test_a_step_is_from_the_last_run_with_the_same_libraries():
    runs = [measured(1.0), measured(2.0, "2"), measured(1.0), measured(2.0, paired=False)]
    at = {"model": "toy", "dimension": 100, "backend": "jax-sync"}
    release = {"run": 1, "since": 0, **at, "change": 2.0, "release": "jax 2"}
    assert steps(runs) == [release]
    assert steps([*runs, measured(2.0)]) == [
        release,
        {"run": 4, "since": 2, **at, "change": 2.0, "release": None},
    ]


def test_an_interval_of_wild_samples_stays_positive(run_of):
    run = run_of(time={(100, "jax"): [1e-6, 9e-6, 2e-6, 30e-6], (100, "numpy"): around(1e-6)})
    value, low, high = run.get("toy", "time_gradient", 100, "jax")
    assert 0.0 < low < value < high
    assert low * high == pytest.approx(value**2)


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
    assert [(line.backend, line.word) for line in verdicts(run, "toy")] == [
        ("jax", "not yet"),
        ("autograd", "not yet"),
        ("torch", "not comparable"),
    ]
    (row,) = findings.custom_adjoints(run, "toy", 100)
    assert row.library == "torch"
    (answer, *_) = questions(run, "toy")
    assert answer["answer"] == "Cannot say: the times come from separate processes."
    assert "torch: about 10× plain, about 5.0× with it" in answer["details"][0]


def test_a_gap_that_noise_hides_is_not_clear(run_of):
    run = run_of(
        overhead={(100, "autograd"): [1.0, 3.0, 6.0], (100, "autograd-custom"): [1.0, 2.0, 5.0]}
    )
    (answer, *_) = questions(run, "toy")
    assert answer["answer"] == "Not clear: the intervals are too wide to tell."


def test_one_size_shows_no_crossover(run_of):
    assert verdict(run_of(overhead=curve("jax", {100: 0.5})), "toy", "jax", 100).crossover is None
