"""Measuring processes: what a backend does there costs that backend's cases only."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eam.measure import allocations, overhead, startup, table, worker
from tests.measure import bad_backends as bad
from tests.measure import served

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_a_value_and_signs_of_life():
    heard = []
    outcome = worker.run(served.doubles, {"number": 21}, progress=lambda *sign: heard.append(sign))
    assert (outcome.value, outcome.missing, outcome.failed) == (42, None, None)
    assert heard == [("doubling", 0.5)]


def test_a_refusal_is_no_failure():
    outcome = worker.run(served.refuses, {})
    assert (outcome.value, outcome.missing, outcome.failed) == (None, "not here", None)


def test_a_process_that_talks_may_take_longer():
    outcome = worker.run(served.talks, {"seconds": 6.0}, silence=3.0)
    assert outcome.value == "done"


def test_a_crash_costs_one_case():
    cases = [(n, name) for n in (1, 2, 3) for name in ("a", "b")]
    outcomes = worker.run_cases(served.by_dimension, [cases], {"crash": [(2, "b")]})
    assert list(outcomes) == cases
    assert [case for case, outcome in outcomes.items() if outcome.failed] == [(2, "b")]
    assert "exit status 7" in outcomes[2, "b"].failed
    pids = [outcome.value for outcome in outcomes.values()]
    assert pids[0] == pids[1] == pids[2]  # together, until the crash
    assert pids[4] not in (pids[0], pids[5])  # the others, each backend by itself


@pytest.mark.parametrize("name", ["bad-exits", "bad-wrong-late", "bad-busy-threads"])
def test_an_overhead_is_lost_by_the_guilty_alone(bad_backends, name):
    found = overhead.measure("toy", [3, 100], ["numpy", name], processes=1, seconds=0.01)
    for dimension in (3, 100):
        assert found[dimension, "numpy"].failed is None
        assert len(found[dimension, "numpy"].overhead) == overhead.SLICES
        assert bad.REASONS[name] in found[dimension, name].failed
        assert found[dimension, name].overhead == []


def test_bad_backends_cost_their_own_rows_of_the_table(bad_backends):
    """`make survive` tries them all."""
    names = ["numpy", "bad-hangs", "bad-aborts", "bad-prints-no-text", "bad-ignores-signals"]
    rows = {row.backend: row for row in table.measure("toy", 100, names, 0.5)}
    for name in names:
        reason = bad.REASONS.get(name)
        assert rows[name].failed == (reason is not None)
        assert (rows[name].seconds is None) == (reason is not None)
        assert (reason or "") in (rows[name].reason or "")


def test_a_manual_gradient_that_crashes_is_nobodys_denominator(bad_backends, monkeypatch):
    from eam import backends

    record = bad.records()["bad-segfaults"]
    by_hand = backends.Backend(record.name, "numpy", record.module, record.factory, backends.MANUAL)
    monkeypatch.setitem(backends._REGISTRY, record.name, by_hand)
    found = overhead.measure("toy", [3], ["numpy"], processes=1, seconds=0.01)
    assert found[3, "numpy"].failed is None
    assert found[3, "numpy"].best


def test_allocations_and_first_calls_are_lost_by_the_guilty_alone(bad_backends):
    pytest.importorskip("memray")
    names = ["numpy", "bad-segfaults", "bad-wrong-late", "bad-prints-at-exit"]
    for found in (
        allocations.measure("toy", [100], names),
        startup.measure("toy", [100], names),
    ):
        for name in names:
            reason = bad.REASONS.get(name)
            failed = found[100, name].failed
            assert failed is None if reason is None else reason.rpartition(": ")[2] in failed


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_nothing_outlives_the_parent(tmp_path, name):
    file = tmp_path / "pids"
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.measure.served", str(file)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: file.exists() and len(file.read_text().split()) == 2, 60.0)
    pids = [int(pid) for pid in file.read_text().split()]
    assert all(map(is_alive, pids))
    parent.send_signal(getattr(signal, name))
    assert parent.wait(5.0) != 0
    wait_for(lambda: not any(map(is_alive, pids)), 3.0)


def wait_for(condition, seconds):
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(") ")[2][0] != "Z"
