"""Quick jobs in place of measurements, for real Dask workers: numbers that follow from the job.

As a program, it is a client of its own: `python -m tests.sweep.quick SCHEDULER FOLDER`.
"""

import json
import os
import signal
import sys
import time
import zlib
from functools import partial
from pathlib import Path

from asv.results import Results

from eam.report.asv_format import read_result
from eam.sweep import store, worker
from eam.sweep.jobs import Job, of_commits
from eam.sweep.worker import Answer

MACHINE = "some-cpu-2-cores"
ABOUT = {
    "machine": MACHINE,
    "cpu": "Some CPU",
    "num_cpu": "2",
    "arch": "x86_64",
    "os": "",
    "ram": "",
}
ENVIRONMENT = "env"
COLUMNS = ["result", "params", "version", "started_at", "duration", "stats_ci_99_a"]
HEAD, BEFORE = "a" * 40, "b" * 40


def benchmark(name, model, quantity="gradient", dimensions=("100", "1000")):
    return {
        "name": name,
        "model": model,
        "quantity": quantity,
        "param_names": ["dimension", "size"],
        "params": [list(dimensions), ["'a'", "'b'"]],
        "version": "1",
        "type": "track",
        "unit": "ratio",
    }


BENCHMARKS = {
    record["name"]: record
    for record in (
        benchmark("gradients.One.track_overhead", "one"),
        benchmark("gradients.One.time_gradient", "one"),
        benchmark("gradients.Two.track_overhead", "two"),
        benchmark("quantities.Two.track_virial", "two", "virial"),
    )
}


def jobs(folder, machine=MACHINE):
    """Six jobs, three of each commit, less those that are stored."""
    return of_commits(machine, ENVIRONMENT, [HEAD, BEFORE], BENCHMARKS, Path(folder))


def number(case, commit):
    return 1.0 + zlib.crc32(f"{case} {commit}".encode()) % 1000 / 100.0


def content(job, factor=1.0, **changed):
    """A result file as asv writes it, with the cells of a job; those of its part alone."""
    results = {}
    for name in dict.fromkeys(case.benchmark for case in job.cases):
        axes = BENCHMARKS[name]["params"]
        cells = [case for case in job.cases if case.benchmark == name]
        every = [(a, b) for a in axes[0] for b in axes[1]]
        values = {case.parameters: factor * number(case, job.commit) for case in cells}
        row = [values.get(parameters, float("nan")) for parameters in every]
        results[name] = [row, axes, "1", 1_600_000_000_000, 1.0, row if len(values) == 4 else None]
    return {
        "commit_hash": job.commit,
        "env_name": job.environment,
        "date": 1_600_000_000_000,
        "params": {**ABOUT, "python": "3.11"},
        "python": "3.11",
        "requirements": {},
        "env_vars": {},
        "result_columns": COLUMNS,
        "results": results,
        "durations": {},
        "version": Results.api_version,
        **changed,
    }


def answer(job, factor=1.0, control=1.0, **changed):
    """What a node gives back for a job."""
    facts = {"busy": None, "seconds_by_part": {job.part: 60.0}}
    files = {
        job.file: json.dumps(content(job, factor, **changed)).encode(),
        str(Path(job.file).with_suffix(".facts")): json.dumps(facts).encode(),
        f"{job.machine}/machine.json": json.dumps({**ABOUT, "version": 1}).encode(),
    }
    return Answer(files, control)


def examine():
    """Each worker is a node, though all run on one machine."""
    own = {"host": f"node-{os.getpid()}", "machine": MACHINE, "is_really": MACHINE, "places": []}
    return {**worker.examine(), **own, "lacks": [], "free": 10**12}


def measure(job, log, *, seconds=0.0, kills=(), kills_once=(), bad=None):
    """Write down who was asked for what, and answer.

    Args:
        job: what is asked for.
        log: a file.
        seconds: that it takes.
        kills: keys of jobs that kill their worker.
        kills_once: keys of jobs that kill the first worker that takes them.
        bad: how the first of all nodes to be asked differs from the others.
    """
    me = f"node-{os.getpid()}"
    with Path(log).open("a") as file:
        file.write(f"{me} {job.key}\n")
    asked = [line.split(maxsplit=1) for line in Path(log).read_text().splitlines()]
    before = sum(key == job.key for _, key in asked)
    if job.key in kills or (job.key in kills_once and before == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    if asked[0][0] == me and bad == "busy":
        return Answer({}, busy="the machine is busy: 50% of its 2 cores are in use")
    if asked[0][0] == me and bad == "failing":
        return Answer({}, failure="status 1: no compiler")
    if asked[0][0] == me and bad == "lying":
        return answer(job, params={**ABOUT, "cpu": "Another CPU"})
    return answer(job, factor=1.2 if asked[0][0] != me and bad == "slow" else 1.0)


def sweep(client, folder, bridge=None, say=lambda line, sparse=False: None, **how):
    """A sweep of the quick jobs into a folder; `how` is what `measure` takes."""
    from eam.sweep.run import Sweep

    folder = Path(folder)

    def merge(job, got):
        store.merge(job, got.files, folder / "results")

    return Sweep(
        client,
        lambda machine: jobs(folder / "results", machine),
        merge,
        lambda job: store.is_stored(job, folder / "results", BENCHMARKS),
        bridge,
        say,
        measure=partial(measure, log=str(folder / "log"), **how),
        examine=examine,
    )


def cells(folder):
    """(file, benchmark, index) -> number, of all that is stored."""
    found = {}
    for path in Path(folder, "results", MACHINE).glob("*-env.json"):
        for name, row in read_result(path)["results"].items():
            for index, value in enumerate(row["result"]):
                found[path.name, name, index] = value
    return found


def asked(folder):
    """(node, key) of every time that a node was asked to measure."""
    log = Path(folder, "log")
    return [tuple(line.split(maxsplit=1)) for line in log.read_text().splitlines()]


def expected(folder):
    """The cells that one worker gives, job after job."""
    for job in jobs(Path(folder, "results")):
        store.merge(job, answer(job).files, Path(folder, "results"))
    return cells(folder)


def release():
    return Job(MACHINE, "jax", "0.7.2", "c" * 40, "locked")


if __name__ == "__main__":
    from distributed import Client

    with Client(sys.argv[1]) as client:
        sweep(client, sys.argv[2], seconds=0.3).run()
