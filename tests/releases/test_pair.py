"""Two releases compared: the rule on given numbers, and real processes."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from eam.commands.main import main
from eam.releases import comparisons, pair
from eam.releases.pair import FASTER, NOT_COMPARED, SAME, SLOWER, Case, Comparison

A, A2, B, B2 = range(4)


def comparison(cross, within=((0.0, 0.0),), dimension=100):
    return Comparison(
        Case("jax", dimension),
        [[math.log(ratio) for ratio in pairs] for pairs in cross],
        [list(values) for values in within],
    )


@pytest.mark.parametrize(
    ("cross", "within", "verdict"),
    [
        ([(1.1, 1.1, 1.1, 1.1)] * 6, [(0.0, 0.01)], SLOWER),
        ([(0.9, 0.9, 0.9, 0.9)] * 6, [(0.0, 0.01)], FASTER),
        ([(1.02, 1.02, 1.02, 1.02)] * 6, [(0.0, 0.0)], SAME),  # within the limit
        ([(1.1, 1.1, 1.1, 1.02)] * 6, [(0.0, 0.0)], SAME),  # one of the pairs does not agree
        ([(1.1, 1.1, 1.1, 1.1)] * 6, [(0.0, -0.12)], SAME),  # two alike differ by more
        ([(1.1, 1.1, 1.1, 1.1)] * 5 + [(0.9, 0.9, 0.9, 0.9)], [(0.0, 0.0)], SAME),
        # one process out of line in one set decides nothing
        ([(1.1, 1.1, 1.1, 1.1)] * 5 + [(1.3, 1.3, 1.1, 1.1)], [(0.0, 0.0)], SLOWER),
    ],
)
def test_verdict(cross, within, verdict):
    assert comparison(cross, within).verdict == verdict


def test_a_large_problem_has_a_wider_limit():
    cross = [(1.035,) * 4] * 6
    assert comparison(cross).verdict == SLOWER
    assert comparison(cross, dimension=1_000_000).verdict == SAME


def test_a_ratio_is_the_smaller_of_two_estimates():
    slow = np.full((20, 5), 1.1)
    slow[:2] = 1.05  # the 5 % quantile finds this, the median does not
    times = [np.ones((20, 5)), np.ones((20, 5)), slow, np.full((20, 5), 0.9)]
    assert pair._log_ratio(times, A, B) == pytest.approx(math.log(1.05))
    assert pair._log_ratio(times, A, A2) == 0.0
    assert pair._log_ratio(times, A, B2) == pytest.approx(math.log(0.9))
    mixed = np.full((20, 5), 1.1)
    mixed[:2] = 0.9
    assert pair._log_ratio([np.ones((20, 5)), mixed], A, A2) == 0.0  # they disagree on the sign


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pair, "SECONDS", 0.05)
    monkeypatch.setattr(pair.environments, "python_of", lambda folder: Path(sys.executable))


@pytest.mark.slow
def test_live_processes_take_turns(quick, tmp_path):
    done = []
    cases = [Case("numpy", 100), Case("jax-forward", 10_000), Case("no-such", 3)]
    folders = [tmp_path / name for name in "abcd"]
    rows = pair.compare(folders[:2], folders[2:], cases, sets=2, extra=0.5, progress=done.append)
    assert [len(pairs) for pairs in rows[0].cross] == [4, 4]
    assert [len(pairs) for pairs in rows[0].within] == [2, 2]
    low, high = rows[0].interval
    assert 0.0 < low <= rows[0].ratio <= high
    assert [row.verdict == NOT_COMPARED for row in rows] == [False, True, True]
    assert "NotOfferedError" in rows[1].reason and "UnknownBackendError" in rows[2].reason
    assert done[-1] == 1.0


@pytest.mark.slow
def test_only_the_second_side_has_a_variable(quick, tmp_path):
    folders = [tmp_path / name for name in "abcd"]
    variables = {"JAX_PLATFORMS": "no-such-platform"}
    sides = folders[:2], folders[2:]
    for a, b in (sides, sides[::-1]):
        (row,) = pair.compare(a, b, [Case("jax", 100)], sets=1, variables=variables)
        assert "no-such-platform" in row.reason
    (row,) = pair.compare(*sides, [Case("numpy", 100)], sets=1, variables=variables)
    assert row.reason is None


def test_the_command_compares_and_remembers(quick, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(pair.compare.__kwdefaults__, "sets", 1)
    monkeypatch.setattr(pair.environments, "environment", lambda lock, copy: tmp_path / str(copy))
    file = tmp_path / "comparisons.jsonl"
    monkeypatch.setattr(comparisons, "path", lambda library, machine: file)
    releases = ["autograd==1.8.0", "autograd==1.9.0"]
    options = ["--backends", "autograd", "--dimensions", "3", "--with", "SOME=thing"]
    assert main(["gate", *releases, *options]) in (0, 1)
    (entry,) = comparisons.read(file)
    assert (entry.a, entry.b, entry.variables) == ("1.8.0", "1.9.0", "SOME=thing")
    assert "autograd==1.9.0 over autograd==1.8.0" in capsys.readouterr().out
    assert main(["gate", *releases, "--with", "SOME"]) == 2
    assert "NAME=VALUE" in capsys.readouterr().err
