"""The calibration: really slower versions, asv's own words read right, counts added up right."""

import os
from dataclasses import replace

import psutil
import pytest

from eam.calibration import continuous, extra_work, load, rounds
from eam.calibration.page import render
from eam.calibration.rounds import Trial
from eam.calibration.series import INSIDE, SERIES
from eam.commands import calibrate
from eam.commands.main import make_parser
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
    steps = extra_work.calibrate_work(print, "toy", ["numpy"], [10_000], [0.05, 0.5, 5.0])
    five, fifty, five_hundred = steps["numpy 10000"]
    assert 1 <= five < fifty < five_hundred


def test_rounds_of_another_protocol_or_machine_are_refused(tmp_path, monkeypatch):
    store, module = tmp_path / "results" / "calibration.json", tmp_path / "gate.py"
    module.write_text("LEAST = 2\n")
    monkeypatch.setattr(rounds, "PROTOCOL", [module])
    found = rounds.read(store)
    done = rounds.resume(found, SERIES["toy"], "a machine", False)
    done.seconds = 7.0
    done.trials.append(Trial("toy", "5 %", "jax", 100, "+", 1.05, [1.04, 1.06]))
    rounds.write(store, found)
    again = rounds.read(store)
    assert again == found
    assert rounds.resume(again, SERIES["toy"], "a machine", False) == done
    with pytest.raises(InputError, match="--fresh"):
        rounds.resume(again, SERIES["toy"], "another", False)
    module.write_text("LEAST = 3\n")
    with pytest.raises(InputError, match="--fresh"):
        rounds.resume(again, SERIES["toy"], "a machine", False)
    assert rounds.resume(again, SERIES["small"], "a machine", False).trials == []
    assert rounds.resume(again, SERIES["toy"], "a machine", True).trials == []


@pytest.mark.parametrize("change", INSIDE)
def test_a_change_inside_still_fits_the_code_and_leaves_the_answer_right(tmp_path, change):
    tree = versions.snapshot(ROOT, tmp_path)
    rounds._change(tree, SERIES["inside"], change, {})
    changed = versions.load(tree, f"eam_inside_{list(INSIDE).index(change)}")
    check(changed.prepare(changed.problem("toy", 100), "numpy"))


def test_each_load_and_each_limit_is_counted_apart():
    toy = SERIES["toy"]
    ways = [toy, replace(toy, is_loaded=True), replace(toy, limits=(1.02, 1.04)), SERIES["asv"]]
    assert len({way.name for way in ways}) == 4


def test_the_load_ends_with_the_command():
    before = psutil.Process().children()
    with load.load():
        busy = [child for child in psutil.Process().children() if child not in before]
        assert len(busy) == os.cpu_count()
    assert not any(process.is_running() for process in busy)


@pytest.mark.parametrize("limit", ["1.01", "1,1.03", "0.9,1.1", "x,y"])
def test_a_limit_that_is_none(limit):
    parser = make_parser("calibrate")
    with pytest.raises(InputError, match=r"1\.01,1\.03"):
        calibrate._asked(parser.parse_args(["--limit", limit]))


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
    found = continuous.parse(TABLE, SERIES["asv"].cases)
    assert found == {("numpy", 100): "+", ("torch", 1_000_000): "-"}


def test_the_page_counts():
    cases = [("numpy", 100), ("numpy", 10_000), ("jax", 100), ("jax", 10_000)]
    trials = [Trial("toy", "0 %", *case, "", 1.0) for case in cases]
    trials[0].verdict = "-"
    trials += [
        Trial("toy", "5 %", "numpy", 100, "+", 1.06),
        Trial("toy", "5 %", "jax", 100, "?", 1.03),
    ]
    page = render({"toy": rounds.Done("protocol", "a machine", 2, 120.0, trials)})
    rows = [line for line in page.splitlines() if line.startswith("| ") and "<=" in line]
    assert rows[0].startswith("| 0 % | <= 10^4 | 1 of 4 |  | 0 | 1.000 (1.000 to 1.000) | 2 |")
    assert rows[1].startswith("| 5 % | <= 10^4 |  | 1 of 2 | 1 | 1.045 (1.030 to 1.060) | 2 |")
    assert "2 rounds in 2 minutes, on: a machine." in page
