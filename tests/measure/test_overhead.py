"""Overheads: the arithmetic on given times, and one small real measurement."""

from dataclasses import replace

import numpy as np
import pytest

import eam
from eam.backends import MANUAL, describe
from eam.measure import overhead
from eam.measure.outcome import Outcome
from eam.measure.overhead import Overheads, measure, measure_here, measure_into, ratios

BY_HAND = [name for name in eam.backend_names() if describe(name).kind == MANUAL]


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

    def interleave(calls, seconds, seed, progress):
        manual = len(BY_HAND)
        progress(1.0)
        asked.update(seconds=seconds, seed=seed, calls=[call() for call in calls])
        times = 100.0 + np.arange(len(calls))
        times[:manual] = [8.0, 4.0, 2.0, 1.0, 0.5][:manual]
        return np.tile(times, (8, 1))

    monkeypatch.setattr(overhead, "interleave", interleave)
    return asked


def test_what_is_divided_by_what(clock):
    for library in ("numba", "autograd"):
        pytest.importorskip(library)
    cases = [(n, name) for n in (3, 10) for name in ("autograd", "numpy", "numba")]
    hand = [(n, name) for n in (3, 10) for name in BY_HAND]
    outcomes = list(measure_here(print, cases, "toy", hand, 0.25, 7))
    assert clock["seed"] == 7
    assert clock["seconds"] == 0.25 * 11  # five gradients by hand; a gradient and a value of each
    toy = eam.problem("toy", 10)
    values = clock["calls"][6::2]
    assert values == pytest.approx([toy.manual.value(toy.x0)] * 3)
    for outcome, k in zip(outcomes, 2 * [0, 1, 2], strict=True):
        gradient, value = 105.0 + 2 * k, 106.0 + 2 * k
        assert outcome.value["overhead"] == [float(f"{gradient / 8.0:.4g}")] * 4
        assert outcome.value["best"] == [float(f"{gradient / 0.5:.4g}")] * 4
        assert outcome.value["omega"] == [float(f"{gradient / value:.4g}")] * 4


def test_a_case_keeps_the_samples_of_all_processes_and_a_reason():
    case = Overheads([1.0], [2.0], [3.0])
    case.add(Outcome({"overhead": [4.0], "best": [5.0], "omega": [6.0]}))
    assert case == Overheads([1.0, 4.0], [2.0, 5.0], [3.0, 6.0])
    case.add(Outcome(missing="not offered"))
    assert (case.missing, case.failed, case.overhead) == ("not offered", None, [1.0, 4.0])
    case.add(Outcome(failed="crashed"))
    assert (case.missing, case.failed, case.overhead) == (None, "crashed", [1.0, 4.0])


@pytest.fixture
def asked(monkeypatch):
    """The questions to processes, which answer by themselves: autograd fails, jax is missing."""
    questions = []
    answers = {"autograd": Outcome(failed="crashed"), "jax": Outcome(missing="not offered")}
    number = Outcome({"overhead": [1.0], "best": [1.0], "omega": [1.0]})

    def run_cases(task, groups, question, *, progress):
        cases = [case for group in groups for case in group]
        questions.append((task, cases, question))
        return {case: answers.get(case[1], number) for case in cases}

    monkeypatch.setattr(overhead, "run_cases", run_cases)
    return questions


def test_a_library_is_measured_in_three_processes_and_each_function_for_80_ms_in_each(asked):
    measure(model="toy", dimensions=[3], backends=["numpy"])
    found = {(3, "numpy"): Overheads()}
    assert list(measure_into(found=found, model="toy")) == pytest.approx([1 / 3, 2 / 3, 1.0])
    timed = [question for task, _, question in asked if task is measure_here]
    assert [question["seed"] for question in timed] == 2 * [0, 1, 2]
    assert {question["seconds"] for question in timed} == {0.08}


def test_what_failed_or_is_missing_is_not_measured_again(asked):
    names = ["numpy", "autograd", "jax"]
    found = measure("toy", [3], names, processes=2)
    timed = [cases for task, cases, _ in asked if task is measure_here]
    assert timed == [*([(3, name)] for name in names), [(3, "numpy")]]
    assert found[3, "autograd"].failed == "crashed"
    assert found[3, "jax"].missing == "not offered"
    assert len(found[3, "numpy"].overhead) == 2


def test_code_by_hand_is_tried_before_it_may_be_divided_by(monkeypatch):
    """Fifty calls of each that can be made ready; one that fails gives its reason and no call."""
    from eam.backends import _numpy

    right, calls = _numpy.in_place, []

    def counted(problem):
        native = right(problem)
        gradient_into = native.gradient_into
        return replace(
            native, gradient_into=lambda out, x: calls.append(None) or gradient_into(out, x)
        )

    monkeypatch.setattr(_numpy, "in_place", counted)
    said = []
    question = ("toy", "gradient")
    cases = [(3, "numpy-inplace"), (3, "numpy")]
    assert list(overhead._try(lambda *sign: said.append(sign), cases, *question)) == [Outcome()] * 2
    trials = [sign for sign in said if sign[0] == "trying numpy-inplace at dimension 3"]
    assert trials == [("trying numpy-inplace at dimension 3", 0.0)] * 50
    assert len(calls) >= 50

    monkeypatch.setattr(_numpy, "in_place", lambda problem: 1 / 0)
    (outcome,) = overhead._try(print, [(3, "numpy-inplace")], *question)
    assert "ZeroDivisionError" in outcome.failed


@pytest.mark.slow
def test_samples_of_all_processes_are_kept():
    cases = {(d, b): Overheads() for d in (3, 100) for b in ("numpy", "numpy-inplace")}
    assert list(measure_into(cases, "toy", processes=2, seconds=0.01)) == [0.5, 1.0]
    for case in cases.values():
        assert case.failed is None
        assert case.missing is None
        for samples in (case.overhead, case.best, case.omega):
            assert len(samples) == 8
            assert min(samples) > 0.0


@pytest.mark.slow
def test_what_is_not_offered_is_missing_with_its_reason():
    pytest.importorskip("jax")
    (case,) = measure("toy", [1000], ["jax-forward"], processes=1, seconds=0.01).values()
    assert "offered up to" in case.missing
    assert case.overhead == []


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
    cases = [(100, "numpy-inplace"), (100, "numpy")]
    failed, sound = measure_here(print, cases, "toy", [(100, "numpy")], 0.01, 0)
    assert "CheckError" in failed.failed
    assert "wrong by 1.0e-06" in failed.failed
    assert failed.value is None
    assert sound.failed is None
    assert sound.value["overhead"]
