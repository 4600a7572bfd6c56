"""Run what is missing of the asv suite on HEAD, and publish the report.

The first look takes a few dimensions, the full run (--full) the whole grid. What is stored is not
measured again, so the next run resumes where an interrupted one left off: results are saved after
each group of benchmarks. Run it from the top of a checkout.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asv.config import Config
from asv.environment import get_environments

from ..errors import TrackError
from ..tracking.asv_process import asv
from ..tracking.stored import Stored, Wanted, result_files

# Each pattern is a group that asv runs and saves together, the most telling first. Tracks have
# groups of their own: setup_cache measures them in its own processes, so each only reads.
FIRST_LOOK = (
    r"^gradients\.Toy\.(time_gradient\((100|10000)|time_value\(100), ",
    r"^gradients\.ToyOverhead\..*\((100|10000), ",
    r"^memory\.Toy\.track_.*\(100, ",
)
FULL = (
    r"^gradients\..*\.time_",
    r"^gradients\..*\.track_",
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
        print(f"\nInterrupted. Finished groups are saved; to resume: {command}")
        return 130
    _store_facts()
    asv("publish")
    html = Path(Config.load("asv.conf.json").html_dir).resolve()
    print(f"\nThe report: {html / 'index.html'}\nTo browse it: make browse")
    if not args.full:
        print("The whole grid of dimensions: make report-full")
    if failed:
        print(f"Some benchmarks failed (see above); to try them again: {command}", file=sys.stderr)
    return 1 if failed else 0


def _measure(groups: tuple[str, ...]) -> bool:
    """Run the cases that have no result yet; True if a benchmark failed."""
    asv("machine", "--yes")  # without it, the first run of asv asks questions
    # Makes the environment, builds the package, and lists the benchmarks as they are now.
    asv("run", "HEAD^!", "--bench", "just-discover")
    failed = False
    for number, group in enumerate(groups, 1):
        missing = Stored(group).missing()
        print(f"\nGroup {number} of {len(groups)}: {len(missing)} results to measure", flush=True)
        if missing:
            failed |= _run(group, missing)
    return failed


def _run(group: str, missing: Sequence[Wanted]) -> bool:
    """Let asv run some cases of a group, and keep the reasons of those without a number."""
    patterns = [word for wanted in missing for word in ("--bench", f"^{re.escape(str(wanted))}$")]
    tracks = [wanted for wanted in missing if ".track_" in wanted.benchmark]
    # for setups that measure the cases of all tracks at once
    os.environ["EAM_DIMENSIONS"] = ",".join({wanted.parameters[0] for wanted in tracks})
    # a fork for what only reads, since 0.2 s for a thousand Pythons are minutes; else a Python
    forks = len(tracks) == len(missing) and hasattr(os, "fork")
    how = ["--show-stderr", "--launch-method", "forkserver" if forks else "spawn"]
    with tempfile.TemporaryDirectory(prefix="eam-track-") as folder:
        notes = Path(folder, "reasons")
        os.environ["EAM_REASONS"] = str(notes)
        failed = asv("run", "HEAD^!", *how, *patterns, accept=(0, 2)) == 2
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    Stored(group).note(missing, map(json.loads, lines))
    return failed


def _store_facts() -> None:
    """Beside each result of HEAD, store what it depends on and asv does not record."""
    conf: Any = Config.load("asv.conf.json")
    for environment, result in zip(get_environments(conf, []), result_files(conf), strict=True):
        if result.exists():
            # not .json, or asv would take it for a result
            result.with_suffix(".facts").write_text(environment.run(["-m", "eam.measure.facts"]))
