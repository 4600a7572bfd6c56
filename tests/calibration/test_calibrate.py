"""The calibration: really slower versions, asv's own words read right, counts added up right."""

import pytest

from eam.calibration import continuous, extra_work, rounds
from eam.calibration.page import render
from eam.calibration.rounds import BACKENDS, CASES, Rounds, Trial
from eam.errors import InputError
from eam.gate import versions
from eam.measure.check import check

ROOT = versions.repository()


@pytest.mark.alone
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_extra_work_is_done_and_leaves_the_answer_right(tmp_path, backend):
    if backend == "numba":
        pytest.importorskip("numba")
    tree = versions.snapshot(ROOT, tmp_path)
    # so much that no machine can hide it: the work is real, and not optimised away
    extra_work.slow_down(tree, {f"{backend} 100": 200_000})
    slow = versions.load(tree, f"eam_slow_{backend}")
    ready = slow.prepare(slow.problem("toy", 100), backend)
    check(ready)
    other = slow.prepare(slow.problem("toy", 101), backend)
    assert ready.native.gradient is not other.native.gradient
    assert fastest(ready.hot_gradient()) > 5 * fastest(other.hot_gradient())


def fastest(call):
    from timeit import repeat

    return min(repeat(call, number=1, repeat=5))


@pytest.mark.alone
def test_more_work_takes_more_steps():
    steps = extra_work.calibrate_work(print, ["numpy"], [10_000], [0.05, 0.5, 5.0])
    five, fifty, five_hundred = steps["numpy 10000"]
    assert 1 <= five < fifty < five_hundred


def test_rounds_of_another_protocol_are_refused(tmp_path, monkeypatch):
    store, module = tmp_path / "calibration.json", tmp_path / "gate.py"
    module.write_text("LEAST = 2\n")
    monkeypatch.setattr(rounds, "PROTOCOL", [module])
    stored = Rounds.load(store, fresh=False)
    stored.seconds = 7.0
    stored.trials.append(Trial("gate", 5, "jax", 100, "+", 1.05))
    stored.save(store)
    assert Rounds.load(store, fresh=False) == stored
    module.write_text("LEAST = 3\n")
    with pytest.raises(InputError, match="--fresh"):
        Rounds.load(store, fresh=False)
    assert Rounds.load(store, fresh=True).trials == []


# ruff: noqa: E501
TABLE = """
| Change   | Before [aaaaaaaa] <main>   | After [bbbbbbbb]   | Ratio | Benchmark (Parameter) |
|----------|----------------------------|--------------------|-------|-----------------------|
| +        | 5.6±0.1μs                  | 6.7±0.1μs          | 1.2   | gradients.Toy.time_gradient(100, 'numpy') |
| -        | 5.6±0.1ms                  | 4.7±0.1ms          | 0.8   | gradients.Toy.time_gradient(1000000, 'torch') |
|          | 5.6±0.1ms                  | 5.7±0.1ms          | 1.0   | gradients.Toy.time_gradient(100, 'jax') |
| +        | 5.6±0.1ms                  | 7.7±0.1ms          | 1.4   | gradients.Toy.time_gradient(100, 'autograd') |
"""


def test_what_asv_calls_changed():
    found = continuous.parse(TABLE, CASES)
    assert found == {("numpy", 100): "+", ("torch", 1_000_000): "-"}


def test_the_cycle_runs_each_tool_in_its_own_order():
    empty = Rounds("protocol")
    steps = []
    for _ in range(10):
        step = empty.next(["gate", "asv"])
        empty.rounds[step[0]] += 1
        steps.append(step)
    assert sorted(steps) == sorted(rounds.CYCLE)
    assert steps[0] == ("gate", 0)


def test_the_page_counts():
    trials = [Trial("gate", 0, b, d, "", 1.0) for b in BACKENDS for d in (100, 10_000)]
    trials[0].verdict = "-"
    trials += [Trial("gate", 5, "numpy", 100, "+", 1.06), Trial("gate", 5, "jax", 100, "?", 1.03)]
    page = render(Rounds("protocol", {"gate": 2, "asv": 0}, 120.0, trials))
    rows = [line for line in page.splitlines() if line.startswith("| ") and "<=" in line]
    assert rows[0].startswith("| 0 % | <= 10^4 | 1 of 8 |  | 0 | 1.000 (1.000 to 1.000) | 4 |")
    assert rows[1].startswith("| 5 % | <= 10^4 |  | 1 of 2 | 1 | 1.045 (1.030 to 1.060) | 1 |")
