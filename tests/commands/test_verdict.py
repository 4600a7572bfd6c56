"""python -m eam verdict: what it prints and what its exit status says."""

import json
from pathlib import Path

import pytest

from eam.commands.main import main
from tests.report.stored_results import Suite, around, store

OVERHEAD = "gradients.ToyOverhead.track_overhead"


@pytest.fixture
def verdict(tmp_path, capsys, monkeypatch):
    def run(*arguments, suites=()):
        conf = store(tmp_path, *suites)
        config = {"version": 1, "project": "eam", "repo": ".", "results_dir": conf.results_dir}
        Path(tmp_path, "asv.conf.json").write_text(json.dumps(config))
        monkeypatch.chdir(tmp_path)
        status = main(["verdict", *arguments])
        return status, "".join(capsys.readouterr())

    return run


MEASURED = Suite({OVERHEAD: {(100, "jax"): around(1.6), (100, "torch"): around(20.0)}})


def test_it_prints_a_line_for_each_library(verdict):
    status, text = verdict(suites=[MEASURED])
    assert status == 0
    assert "bench, commit aaaaaaaa" in text
    assert "jax 0.10.2 works on 1 of 1 model; over NumPy behind on 1, geometric mean 1.6×" in text
    assert "pytensor works on 0 of 1 model\n" in text
    assert "toy: jax 0.10.2: 1.6× the NumPy gradient at N = 100" in text
    assert "toy: torch: 20× the NumPy gradient" in text


@pytest.mark.parametrize(("bound", "status"), [("1.5", 1), ("1.7", 0)])
def test_it_is_a_gate(verdict, bound, status):
    gate = ["--fail-above", bound, "--backend", "jax", "--dimension", "100"]
    actual, text = verdict(*gate, suites=[MEASURED])
    assert actual == status
    assert ("above 1.5: jax at dimension 100: 1.600" in text) == (status == 1)


def test_a_gate_over_all_libraries_fails_for_the_worst(verdict):
    status, text = verdict("--fail-above", "2", suites=[MEASURED])
    assert status == 1
    assert "above 2.0: torch" in text
    assert "above 2.0: jax" not in text


def test_times_of_separate_processes_are_too_uncertain_for_a_gate(verdict):
    times = {(100, "jax"): 6e-6, (100, "numpy"): 6e-6}
    status, text = verdict(
        "--fail-above", "9", suites=[Suite({"gradients.Toy.time_gradient": times})]
    )
    assert status == 2
    assert "separate processes" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dimension", "7"], "dimension 7; measure it with: make report, or: asv run HEAD^!"),
        (["--backend", "autograd"], "--bench \"Overhead.*'autograd'\""),
        (["--backend", "nosuch"], "valid names: numpy"),
        (["--model", "nosuch"], "valid names: toy"),
        (["--model", "sutton-chen"], "for model sutton-chen; measure it with: make report"),
        (["--config", "nosuch.json"], "nosuch.json"),
        (["--machine", "nosuch"], "machine nosuch"),
        (["--fail-above", "nan"], "positive"),
    ],
)
def test_nothing_to_say_exits_with_2(verdict, arguments, says):
    status, text = verdict(*arguments, suites=[MEASURED])
    assert (status, says in text) == (2, True), text


def test_no_results_exit_with_2_and_say_what_to_run(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["verdict"]) == 2
    assert "make report" in capsys.readouterr().err


def test_each_machine_has_a_heading(verdict):
    other = Suite({OVERHEAD: {(100, "jax"): around(3.0)}}, machine="other")
    _, text = verdict(suites=[MEASURED, other])
    assert "bench, commit" in text
    assert "other, commit" in text
    _, text = verdict("--machine", "other", suites=[MEASURED, other])
    assert "bench" not in text


def test_the_latest_commit_counts(verdict):
    later = Suite({OVERHEAD: {(100, "jax"): around(1.1)}}, commit="b" * 40, date=MEASURED.date + 1)
    _, text = verdict(suites=[MEASURED, later])
    assert "commit bbbbbbbb" in text
    assert "aaaaaaaa" not in text


def test_what_cannot_be_read_is_said_and_the_rest_is_judged(verdict, tmp_path):
    verdict(suites=[MEASURED])
    (tmp_path / "results" / "bench" / "bbbbbbbb-env.json").write_text("{")
    status, text = verdict("--fail-above", "30", suites=[MEASURED])
    assert status == 0
    assert "not read: bench/bbbbbbbb-env.json" in text
    (tmp_path / "results" / "benchmarks.json").write_text("{")
    assert main(["verdict"]) == 2
    (tmp_path / "asv.conf.json").write_text("{")
    assert main(["verdict"]) == 2
