"""Sweep jobs of zero length on a local cluster, kill the client in the middle, and start it again.

    make sweep-scale                rewrites docs/reference/sweep-scale.md; JOBS=100000
    make sweep-scale JOBS=1000      fewer jobs, and no page

The workers are real. A job measures nothing, and what is stored of it is a line.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from distributed import Client, LocalCluster

from eam.sweep import worker
from eam.sweep.jobs import Job
from eam.sweep.run import Sweep
from eam.sweep.worker import Answer, Facts

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "sweep-scale.md"
MACHINE = "synthetic"


def main() -> None:
    """Run a client, or all of it; write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--client", nargs=2, metavar=("SCHEDULER", "FILE"))
    args = parser.parse_args()
    if args.client:
        run_client(args.client[0], Path(args.client[1]), args.jobs)
        return
    rows = list(measure(args.jobs))
    table = "\n".join(f"| {what} | {found} |" for what, found in rows)
    print(table)
    if args.jobs == parser.get_default("jobs"):
        head, _, _ = PAGE.read_text(encoding="utf-8").partition("| what |")
        PAGE.write_text(f"{head}| what | measured |\n|---|---|\n{table}\n", encoding="utf-8")


def measure(count: int) -> Iterator[tuple[str, str]]:
    """What was measured, and how it came out."""
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        done = Path(folder, "done")
        done.touch()
        address = cluster.scheduler_address
        before = _scheduler()
        began = time.monotonic()
        with _client(address, done, count) as first:
            while _lines(done) < count // 2:
                time.sleep(0.1)
            first.send_signal(signal.SIGKILL)
        half, taken = _lines(done), time.monotonic() - began
        yield "jobs, and workers", f"{count}, 2"
        yield "first client: jobs until it was killed", f"{half} in {taken:.0f} s"
        began = time.monotonic()
        with _client(address, done, count) as second:
            while _lines(done) == half:
                time.sleep(0.01)
            yield (
                "second client: from its start to its first job",
                f"{time.monotonic() - began:.1f} s",
            )
            told = second.communicate()[0].decode().split()
        assert second.returncode == 0, told
        keys = done.read_text(encoding="utf-8").split()
        yield "jobs stored, and different ones", f"{len(keys)}, {len(set(keys))}"
        per_job = float(told[0]) / (count - half) * 1e3
        yield "second client: time of a job", f"{per_job:.2f} ms on two workers"
        yield "second client: memory at its end", f"{float(told[1]):.0f} MB"
        seconds, memory = (after - first for after, first in zip(_scheduler(), before, strict=True))
        yield "scheduler: processor time of a job", f"{seconds / count * 1e3:.2f} ms"
        yield "scheduler: memory that it gained", f"{memory / 1e6:.0f} MB"


def _client(address: str, done: Path, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.scale.sweep", "--jobs", str(count)]
    command += ["--client", address, str(done)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _scheduler() -> tuple[float, float]:
    """Processor seconds and bytes of the process of the scheduler, which is this one."""
    process = psutil.Process()
    used = process.cpu_times()
    return used.user + used.system, float(process.memory_info().rss)


def run_client(address: str, done: Path, count: int) -> None:
    """Sweep what is not done; prints its seconds and its megabytes."""
    began = time.monotonic()
    known = set(done.read_text(encoding="utf-8").split())

    def plan(machine: str) -> Iterator[Job]:
        for number in range(count):
            job = Job(machine, "jax", str(number), f"{number:040}", "env", seconds=0.0)
            if job.key not in known:
                yield job

    with Client(address) as client, done.open("a", encoding="utf-8", buffering=1) as file:
        sweep = Sweep(
            client,
            plan,
            lambda job, answer: print(job.key, file=file),
            lambda job: False,
            None,
            lambda line, sparse=False: None if sparse else print(line, file=sys.stderr),
            measure=nothing,
            examine=examine,
        )
        sweep.run()
    assert not sweep.failed
    assert not sweep.left
    print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


def nothing(job: Job) -> Answer:
    """A job of zero length."""
    return Answer({})


def examine() -> Facts:
    """Each worker is a node."""
    own = {"host": f"node-{os.getpid()}", "machine": MACHINE, "is_really": MACHINE, "places": []}
    return Facts(**{**worker.examine(), **own, "lacks": [], "suite": ""})


if __name__ == "__main__":
    main()
