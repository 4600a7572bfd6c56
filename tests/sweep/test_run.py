"""Sweeps on a real cluster of two worker processes: all is measured, nothing twice."""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

distributed = pytest.importorskip("distributed")

from eam.errors import InputError, TrackError  # noqa: E402
from eam.sweep.bridge import Bridge  # noqa: E402
from eam.sweep.nodes import is_open, require_private  # noqa: E402
from tests.sweep import quick  # noqa: E402

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """A lost worker is noticed at once."""
    monkeypatch.setattr("eam.sweep.run.LOOK", 0.1)


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=30)
        yield client


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return quick.expected(tmp_path_factory.mktemp("one"))


def test_a_lost_worker_costs_its_job_and_a_deadly_job_is_named(client, tmp_path, expected):
    every = [job.key for job in quick.jobs("nowhere")]
    once, deadly = every[1], every[2]
    sweep = quick.sweep(client, tmp_path, kills=[deadly], kills_once=[once])
    sweep.run()
    assert sweep.left == sweep.running == 0
    assert list(sweep.failed) == [deadly]
    assert sweep.failed[deadly].count("its worker was lost") == 3
    times = Counter(key for _, key in quick.asked(tmp_path))
    assert times == {**dict.fromkeys(every, 1), once: 2, deadly: 3}
    lost = {(name, i) for _, name, i in expected if "virial" in name}
    stored = quick.cells(tmp_path)
    assert stored == {
        (file, name, i): value
        for (file, name, i), value in expected.items()
        if not (file.startswith("aaaa") and (name, i) in lost)
    }


def other_client(cluster, folder):
    command = [sys.executable, "-m", "tests.sweep.quick", cluster.scheduler_address, str(folder)]
    return subprocess.Popen(command, cwd=ROOT)


def test_a_killed_client_goes_on_where_it_was(cluster, client, tmp_path, expected):
    with other_client(cluster, tmp_path) as other:
        while len(quick.jobs(tmp_path / "results")) > 4:
            time.sleep(0.05)
        other.kill()
    left = {job.key for job in quick.jobs(tmp_path / "results")}
    assert left
    quick.sweep(client, tmp_path).run()
    assert quick.cells(tmp_path) == expected
    times = Counter(key for _, key in quick.asked(tmp_path))
    assert all(count == 1 for key, count in times.items() if key not in left)


def test_two_clients_do_not_measure_the_same(cluster, client, tmp_path, expected):
    with other_client(cluster, tmp_path) as other:
        while not (tmp_path / "log").exists():
            time.sleep(0.05)
        sweep = quick.sweep(client, tmp_path, seconds=0.3)
        sweep.run()
        assert other.wait(timeout=30) == 0
    assert quick.cells(tmp_path) == expected
    assert not sweep.failed
    assert len(quick.asked(tmp_path)) == len(quick.jobs("nowhere"))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("busy", "rests for 60 s: the machine is busy: 50% of its 2 cores"),
        ("failing", "attempt 1 of 3: status 1: no compiler"),
        ("lying", "is left out: its results are not taken: it was measured on another-cpu-2-cores"),
        ("slow", "is left out: commits aaaaaaaa one gradient gives 1.20 times the numbers of"),
    ],
)
def test_the_jobs_of_a_bad_node_go_elsewhere(client, tmp_path, expected, bad, says):
    said = []
    sweep = quick.sweep(
        client,
        tmp_path,
        bridge=lambda machine: Bridge(tmp_path / "bridge.json"),
        say=lambda line, sparse=False: said.append(line),
        bad=bad,
    )
    sweep.run()
    assert not sweep.failed
    assert quick.cells(tmp_path) == expected
    assert any(says in line for line in said), said


def test_equal_nodes_are_joined_and_share_the_jobs(client, tmp_path, expected):
    kept = tmp_path / "bridge.json"
    sweep = quick.sweep(client, tmp_path, bridge=lambda machine: Bridge(kept), seconds=0.1)
    sweep.run()
    assert quick.cells(tmp_path) == expected
    assert sorted(Bridge.load(kept).hosts) == sorted({node for node, _ in quick.asked(tmp_path)})
    # each node measured the yardstick
    assert len(quick.asked(tmp_path)) == len(quick.jobs("nowhere")) + 1


def test_a_node_has_one_worker_that_measures(client, tmp_path, expected, monkeypatch):
    said = []
    sweep = quick.sweep(client, tmp_path, say=lambda line, sparse=False: said.append(line))
    sweep._examine = lambda: {**quick.examine(), "host": "one-host"}
    sweep.run()
    assert quick.cells(tmp_path) == expected
    assert len({node for node, _ in quick.asked(tmp_path)}) == 1
    assert any("another worker measures there" in line for line in said)


def test_without_a_node_a_sweep_ends_and_says_why(client, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("eam.sweep.run.PATIENCE", 0.1)
    sweep = quick.sweep(client, tmp_path, say=lambda line, sparse=False: said.append(line))
    sweep._examine = lambda: {**quick.examine(), "eam": "0.0.1"}
    sweep.run()
    assert any("is left out: it has eam 0.0.1, the client" in line for line in said)
    assert all(node.refusal for node in sweep.nodes.values())
    assert sweep.machines == []


def test_an_open_scheduler_is_refused_and_a_lost_one_said(client, tmp_path):
    require_private(client)
    everywhere = distributed.LocalCluster(
        n_workers=0,
        host="0.0.0.0",  # noqa: S104
        dashboard_address=":0",
    )
    with everywhere, distributed.Client(everywhere, set_as_default=False) as reached:
        with pytest.raises(InputError, match="listens on all addresses"):
            require_private(reached)
        sweep = quick.sweep(reached, tmp_path)
        everywhere.close()
        with pytest.raises(TrackError, match="the scheduler is gone; what was measured is stored"):
            sweep.run()


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("tcp://0.0.0.0:8786", True),
        ("tcp://[::]:8786", True),
        ("tcp://:8786", True),
        ("tls://0.0.0.0:8786", False),
        ("tcp://192.168.1.10:8786", False),
        ("tcp://[fe80::1]:8786", False),
    ],
)
def test_addresses(address, open_to_all):
    assert is_open(address) == open_to_all
