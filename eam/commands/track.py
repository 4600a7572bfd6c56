"""Run what is missing of the asv suite on HEAD, and publish the report.

The first look takes a few dimensions, the full run (--full) the whole grid. What is stored is not
measured again, so an interrupted run goes on where it stopped: results are saved after each group
of benchmarks. Run it from the top of a checkout.
"""

import argparse
import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.environment import get_environments
from asv.machine import Machine
from asv.results import get_filename, iter_results_for_machine_and_hash

from ..backends import backend_names, describe
from ..errors import TrackError

# The parameters of a benchmark as asv writes them: ("100", "'jax'").
Cell = tuple[str, ...]

# Each pattern is a group that asv runs and saves together, the most telling first. Tracks are apart
# from what is timed: setup_cache has measured them in processes of its own, so each only reads.
FIRST_LOOK = (
    r"^gradients\.Toy\.(time_gradient\((100|10000)|time_value\(100), ",
    r"^gradients\.ToyOverhead\..*\((100|10000), ",
    r"^memory\.Toy\.track_.*\(100, ",
)
FULL = (
    r"^gradients\.Toy\.",
    r"^gradients\.ToyOverhead\.",
    r"^memory\..*\.track_",
    r"^memory\..*\.peakmem_",
    r"^(?!gradients|memory).*\.time(raw)?_",
    r"^(?!gradients|memory).*\.track_",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `track`."""
    parser.add_argument("--full", action="store_true", help="the whole grid, not a first look")


def run(args: argparse.Namespace) -> int:
    """Measure what is missing, publish; 0 if all succeeded, 1 if a benchmark failed."""
    config = Path("asv.conf.json")
    if not config.exists():
        raise TrackError("asv.conf.json is not here; run this from the top of a checkout of eam")
    command = "make report-full" if args.full else "make report"
    try:
        failed = _measure(FULL if args.full else FIRST_LOOK)
    except KeyboardInterrupt:
        print(f"\nInterrupted. What was finished is saved; to go on: {command}")
        return 130
    _store_facts()
    _asv("publish")
    print(f"\nThe report: {_html_dir() / 'index.html'}\nTo browse it: make browse")
    if not args.full:
        print("The whole grid of dimensions: make report-full")
    if failed:
        print(f"Some benchmarks failed (see above); to try them again: {command}", file=sys.stderr)
    return 1 if failed else 0


def _measure(groups: tuple[str, ...]) -> bool:
    """Run the cells that have no result yet; True if a benchmark failed."""
    _asv("machine", "--yes")  # without it, the first run of asv asks questions
    # Makes the environment, builds the package, and lists the benchmarks as they are now.
    _asv("run", "HEAD^!", "--bench", "just-discover")
    failed = False
    for number, group in enumerate(groups, 1):
        missing = list(_missing(group))
        print(f"\nGroup {number} of {len(groups)}: {len(missing)} results to measure", flush=True)
        if missing:
            patterns = [f"^{re.escape(name + _arguments(cell))}$" for name, cell in missing]
            patterns = [word for pattern in patterns for word in ("--bench", pattern)]
            tracks = [cell for name, cell in missing if ".track_" in name]
            # for setups that measure the cells of all tracks at once
            os.environ["EAM_DIMENSIONS"] = ",".join({cell[0] for cell in tracks})
            how = ["--show-stderr", "--launch-method", _launch_method(tracks, missing)]
            failed |= _asv("run", "HEAD^!", *how, *patterns, accept=(0, 2)) == 2
    return failed


def _missing(group: str) -> Iterator[tuple[str, Cell]]:
    """The offered cells of a group that have no number for HEAD, each with its benchmark."""
    conf: Any = Config.load("asv.conf.json")
    benchmarks: Any = Benchmarks.load(conf, regex=[group])
    stored = _stored(conf, benchmarks)
    for name, benchmark in benchmarks.items():
        cells = list(itertools.product(*benchmark["params"]))
        for index in benchmarks.benchmark_selection[name] or range(len(cells)):
            value = stored.get(name, {}).get(cells[index])
            if (value is None or value != value) and _offered(name, cells[index]):
                yield name, cells[index]


def _launch_method(tracks: Sized, cells: Sized) -> str:
    """A fork if all are tracks, since 0.2 s for a thousand Pythons are minutes; else a Python."""
    return "forkserver" if len(tracks) == len(cells) and hasattr(os, "fork") else "spawn"


def _store_facts() -> None:
    """Beside each result of HEAD, what it depends on and asv does not store."""
    conf: Any = Config.load("asv.conf.json")
    machine, head = Machine.get_unique_machine_name(), _git("rev-parse", "HEAD")
    for environment in get_environments(conf, []):
        result = Path(conf.results_dir, get_filename(machine, head, environment.name))
        if result.exists():
            # not .json: asv would take it for a result
            result.with_suffix(".facts").write_text(environment.run(["-m", "eam.measure.facts"]))


def _arguments(cell: Cell) -> str:
    return f"({', '.join(cell)})" if cell else ""


def _stored(conf: Any, benchmarks: Any) -> dict[str, dict[Cell, Any]]:
    """HEAD's results on this machine: benchmark -> parameters -> number, NaN or None."""
    head = _git("rev-parse", "HEAD")
    machine = Machine.get_unique_machine_name()
    stored: dict[str, dict[Cell, Any]] = {}
    names = {environment.name for environment in get_environments(conf, [])}
    if not (Path(conf.results_dir) / machine).exists():
        return stored
    for result in iter_results_for_machine_and_hash(conf.results_dir, machine, head):
        if result.env_name not in names:
            continue
        for name in result.get_result_keys(benchmarks):
            params = benchmarks[name]["params"]
            values = result.get_result_value(name, params)
            stored[name] = dict(zip(itertools.product(*params), values, strict=True))
    return stored


def _offered(name: str, cell: Cell) -> bool:
    """False if a (dimension, backend) is known to be n/a; what only a run can tell is run."""
    if len(cell) != 2 or cell[1].strip("'") not in backend_names():
        return True
    backend = describe(cell[1].strip("'"))
    if backend.needs_pairs and ".Toy" in name:
        return False
    return backend.max_size is None or int(cell[0]) <= backend.max_size


def _asv(*arguments: str, accept: tuple[int, ...] = (0,)) -> int:
    """Run asv in a session of its own; if we are stopped, it is, and its benchmark with it.

    Its progress is passed on, its long tables are not: the report shows them better.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "asv", *arguments],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        # a shell's background job ignores SIGINT, and asv would inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        with _terminate_as_interrupt():
            for line in process.stdout or ():
                if _is_progress(line):
                    print(line, end="", flush=True)
            status = process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    if status not in accept:
        raise TrackError(f"asv {' '.join(arguments[:2])} ended with status {status}; see above")
    return status


def _is_progress(line: str) -> bool:
    return line.startswith(("[", "·")) and "======" not in line


@contextmanager
def _terminate_as_interrupt() -> Generator[None]:
    """Let SIGTERM end a run as Ctrl-C does: asv leaves its child behind when it is terminated."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], text=True).strip()


def _html_dir() -> Path:
    return Path(Config.load("asv.conf.json").html_dir).resolve()
