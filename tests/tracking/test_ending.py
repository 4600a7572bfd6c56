"""A run that a signal ends leaves no process and no file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.tracking import tiny

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

# A run with a process in a group of its own that has another below it, as asv's benchmarks are.
RUN = """
import subprocess, sys, tempfile, time
from eam.measure.lock import only_measurement
from eam.tracking.ending import Interrupted, ending_at_signals
child = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; " \
    "time.sleep(600)']); print(p.pid, flush=True); p.wait()"
try:
    with only_measurement() as folder, ending_at_signals(folder):
        kept = tempfile.mkdtemp()
        process = subprocess.Popen(
            [sys.executable, "-c", child], stdout=subprocess.PIPE, start_new_session=True
        )
        grandchild = int(process.stdout.readline())
        print(process.pid, grandchild, kept, flush=True)
        while True:
            try:
                time.sleep(600)
            except ZeroDivisionError:
                pass
except Interrupted:
    sys.exit(130)
"""


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_processes_and_leaves_no_file(number, tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    run = subprocess.Popen(
        [sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, env=environment
    )
    child, grandchild, kept = run.stdout.readline().split()
    assert Path(kept).is_relative_to(tmp_path)
    run.send_signal(number)
    assert run.wait(timeout=30) == 130
    run.stdout.close()
    psutil.wait_procs([psutil.Process(int(p)) for p in (child, grandchild) if alive(int(p))], 3)
    assert not alive(int(child))
    assert not alive(int(grandchild))
    assert not list(tmp_path.iterdir())


def test_the_folder_of_a_killed_run_goes_with_it(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    run = subprocess.Popen(
        [sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, env=environment
    )
    child, grandchild, _ = run.stdout.readline().split()
    assert len(list(tmp_path.iterdir())) == 1
    run.kill()
    run.wait()
    run.stdout.close()
    for pid in (child, grandchild):
        psutil.Process(int(pid)).kill()
    start = time.monotonic()
    while list(tmp_path.iterdir()):
        assert time.monotonic() - start < 3.0
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_track_that_is_ended_keeps_what_it_saved_and_resumes(number, tmp_path, short_path):
    top = tiny.make(tmp_path / "repository", tiny.SLOW_SUITE)
    own = {"HOME": str(tmp_path), "TMPDIR": str(short_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "eam", "track", "--full"]
    run = subprocess.Popen(command, cwd=top, env=os.environ | own, stderr=subprocess.DEVNULL)
    while not tiny.stored(top):
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(number)
    assert run.wait(timeout=5) == (130 if number == signal.SIGINT else -number)
    time.sleep(3)
    assert not list(short_path.iterdir())
    assert not [process for process in psutil.process_iter() if is_in(process, short_path)]
    saved = tiny.stored(top)
    assert 0 < len(saved) < len(tiny.SLOW)
    subprocess.run(command, cwd=top, env=os.environ | own, check=True, stderr=subprocess.DEVNULL)
    complete = tiny.stored(top)
    assert complete.keys() == tiny.SLOW
    assert {name: complete[name] for name in saved} == saved


# asv's own fork server, with the reader thread that outlives an exception in the main one
FORK_SERVER = """
import sys, time
from asv.config import Config
from asv.environment import get_environments
from asv.runner import ForkServer
from eam.measure.lock import only_measurement
from eam.tracking.ending import Interrupted, ending_at_signals
conf = Config.load("asv.conf.json")
(environment,) = get_environments(conf, ["existing:same"])
try:
    with only_measurement() as folder, ending_at_signals(folder):
        print("starting", flush=True)
        ForkServer(environment, conf.benchmark_dir)
        time.sleep(600)
except Interrupted:
    sys.exit(130)
"""


@pytest.mark.parametrize("delay", [0.05, 0.25, 0.5])  # it is up after about 0.6 s
def test_a_fork_server_that_is_interrupted_while_it_starts_ends(short_path, delay):
    environment = os.environ | {"TMPDIR": str(short_path)}
    run = subprocess.Popen(
        [sys.executable, "-c", FORK_SERVER],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    with run.stdout:
        assert run.stdout.readline() == "starting\n"
        time.sleep(delay)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=30) == 130
    assert not list(short_path.iterdir())
    assert not [process for process in psutil.process_iter() if is_in(process, short_path)]


def is_in(process, folder):
    """Whether a process has a folder for its temporary files, which its children inherit."""
    try:
        return process.environ().get("TMPDIR") == str(folder)
    except psutil.Error:
        return False
