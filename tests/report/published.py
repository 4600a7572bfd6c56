"""Reports published by the real `asv publish` from small stored results."""

import json
import math
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from asv.main import main

from tests.report.stored_results import Suite, around, store

ROOT = Path(__file__).parents[2]
OVERHEAD = "gradients.ToyOverhead.track_overhead"
BEST = "gradients.ToyOverhead.track_overhead_best"
OMEGA = "gradients.ToyOverhead.track_omega"
TIME = "gradients.Toy.time_gradient"
# Each publish is a fork of one process that has imported asv and the report.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["asv.main", "altair", "eam.report.publisher"])
HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>'\"&"
BACKENDS = {"numpy": 1.0, "numba-inplace": 0.05, "jax": 1.2, "jax-custom": 1.1, "torch": 20.0}


def suite(commit, date, factor=1.0, **extra):
    """Overheads that fall with the dimension, times that grow with it."""
    cells = {OVERHEAD: {}, BEST: {}, OMEGA: {}, TIME: {}}
    for name, ratio in BACKENDS.items():
        for n in (100, 10_000, 1_000_000):
            now = ratio * (factor if name == "jax" else 1.0) / (1.0 + math.log10(n / 100) * 0.2)
            cells[OVERHEAD][n, name] = around(1.0 if name == "numpy" else now)
            cells[BEST][n, name] = around(now * 20.0)
            cells[OMEGA][n, name] = around(1.9)
            cells[TIME][n, name] = around(ratio * (6e-6 + 3e-9 * n))
    for name, ratio in BACKENDS.items():
        forces = {(n, name): around(ratio * 2e-7 * n) for n in (108, 4000)}
        cells.setdefault("atoms.Tabulated.time_gradient", {}).update(forces)
        overhead = around(1.0 if name == "numpy" else ratio)
        cells.setdefault("atoms.TabulatedOverhead.track_overhead", {})[4000, name] = overhead
        cells.setdefault("startup.FirstCall.track_first_call", {})[10_000, name] = 0.4 * ratio
    products = {(100, "numba-inplace"): 1.0, (100, "jax"): 3.0, (100, "torch"): 30.0}
    cells["quantities.Toy.track_hessian_vector_best"] = products
    cells["startup.FirstCall.track_break_even"] = {(10_000, "jax"): 2e4}
    cells["atoms.Neighbours.time_build"] = {(4000, "numba"): 2e-3, (4000, "vesin"): 3e-3}
    cells["startup.Import.timeraw_import"] = {("jax",): around(0.5), ("torch",): around(1.5)}
    cells["memory.Toy.track_allocations"] = {(100, "jax"): 61.0, (100, "numba-inplace"): 2.0}
    cells["memory.Toy.track_allocated_bytes"] = {(100, "jax"): 6933.0, (100, "numba-inplace"): 96.0}
    return Suite({**cells, **extra.pop("cells", {})}, commit=commit, date=date, **extra)


def git(repository, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(repository), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def make_commits(repository):
    """A repository of two commits, the second with a subject that tries to run a script."""
    repository.mkdir(exist_ok=True)
    git(repository, "init", "-q")
    for subject in ("Begin", HOSTILE):
        git(repository, "commit", "-q", "--allow-empty", "-m", subject)
    hashes = git(repository, "log", "--format=%H", "--reverse").split()
    return SimpleNamespace(path=repository, first=hashes[0], second=hashes[1])


def publish(folder, commits, *suites, damage=lambda results: None, arguments=()):
    """Run the real `asv publish`; returns its exit status, its output and the html folder."""
    conf = store(folder, *suites)
    damage(Path(conf.results_dir))
    config = {
        "version": 1,
        "project": "eam",
        "project_url": "https://example.org",
        "repo": str(commits.path),
        "branches": ["HEAD"],
        "benchmark_dir": str(ROOT / "benchmarks"),
        "results_dir": conf.results_dir,
        "html_dir": conf.html_dir,
        "plugins": [".eam.report"],
    }
    path = folder / "asv.conf.json"
    path.write_text(json.dumps(config))
    said = folder / "said.txt"
    command = ["asv", "publish", "--config", str(path), *arguments]
    process = FORKS.Process(target=_run_asv, args=(command, said))
    process.start()
    process.join()
    return SimpleNamespace(
        status=process.exitcode, output=said.read_text(), html=Path(conf.html_dir)
    )


def _run_asv(command, said):
    """asv as a command, in this process."""
    os.chdir(ROOT)
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT)
    for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(descriptor, stream)
    multiprocessing.set_start_method("fork", force=True)  # of asv's own processes, as ever
    sys.argv = command
    main()
