"""Measure what is missing of the suite on HEAD, and publish the report.

In a checkout of eam, the first look takes a few dimensions, the full run (--full) the whole grid. A
repository made by `eam init` is always measured in full. You can stop it at any time; the next run
resumes where it left off. Run it from the top of the repository.

Exit status: 0 all is measured, 1 a benchmark failed, 2 the suite cannot be run here.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asv.config import Config

from ..backends import describe
from ..errors import Interrupted, TrackError
from ..measure.lock import only_measurement
from ..own.repository import find_repository
from ..tracking.batches import FIRST_LOOK, FULL, batches
from ..tracking.ending import ending_at_signals
from ..tracking.machine import machine_name
from ..tracking.measuring import measure, store_facts
from ..tracking.progress import Progress
from ..tracking.rot import busy, gone_quiet
from ..tracking.session import Session
from ..tracking.stored import Stored, Wanted, newest_beside
from .verdict import latest_runs, print_verdicts

PREPARING = (
    "preparing the environment and listing the benchmarks; the first time, this installs the "
    "pinned libraries: up to 2 GB, some minutes"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `track`."""
    parser.add_argument("--full", action="store_true", help="the whole grid, not a first look")
    parser.add_argument("--backends", metavar="A,B,...", help="only these (default: all)")


def run(args: argparse.Namespace) -> int:
    """Measure what is missing, publish; 0 if all succeeded, 1 if a benchmark failed."""
    if not Path("asv.conf.json").exists():
        raise TrackError(
            "asv.conf.json is not here; run this from the top of a checkout of eam, or of a "
            "repository made by: eam init"
        )
    names = args.backends.split(",") if args.backends else None
    for name in names or ():
        describe(name)
    is_ours = find_repository(Path.cwd()) is None
    full = args.full or not is_ours
    again = _again(args) if not is_ours or names else f"make report{'-full' * full}"
    try:
        with only_measurement() as temporary, ending_at_signals(temporary):
            failed = _measure(FULL if full else FIRST_LOOK, names)
    except Interrupted:
        print(f"\nInterrupted. All finished batches are saved; to resume: {again}")
        return 130
    html = _publish()
    print()
    print_verdicts(latest_runs("asv.conf.json", machine_name()))
    browse = "make browse" if is_ours else "asv preview"
    print(f"\nThe report: {html / 'index.html'}\nTo browse it: {browse}")
    if not full:
        print("The whole grid of dimensions: make report-full")
    if failed:
        print(f"Some benchmarks failed (see above); to try them again: {again}", file=sys.stderr)
    return 1 if failed else 0


def _again(args: argparse.Namespace) -> str:
    """The command that goes on with what this one began."""
    options = [" --full"] if args.full else []
    options += [f" --backends {args.backends}"] if args.backends else []
    return f"eam track{''.join(options)}"


def _measure(groups: Sequence[str], backends: Sequence[str] | None) -> bool:
    """Run the cases that have no result yet; True if a benchmark failed."""
    progress = Progress()
    progress.say(PREPARING)
    if backends is not None:
        os.environ["EAM_BACKENDS"] = ",".join(backends)  # for what is measured once for all tracks
    session = Session()
    stored = Stored(session.result_file, session.benchmarks)
    missing = [[c for c in stored.missing(group) if _is_asked(c, backends)] for group in groups]
    todo = [b for cases in missing for b in batches(cases, session.benchmarks)]
    progress.start(todo)
    state = busy() if todo else None
    if state:
        progress.say(f"{state}; the numbers will be noisy")
    failed = False
    for batch in todo:
        progress.begin(batch)
        failed |= measure(session, batch)
        progress.end(batch)
    if todo and session.result_file.exists():
        store_facts(session, state)
    return failed | _warn_of_rot(session)


def _is_asked(case: Wanted, backends: Sequence[str] | None) -> bool:
    if backends is None:
        return True
    return bool(case.parameters) and case.parameters[-1].strip("'") in backends


def _warn_of_rot(session: Session) -> bool:
    """Whether a library that had numbers at the last measured commit has none now; names it."""
    last = newest_beside(session.result_file)
    before = Stored(last, session.benchmarks) if last else None
    quiet = gone_quiet(Stored(session.result_file, session.benchmarks), before)
    for library in quiet:
        print(f"{library} has no number at this commit, but had some before", file=sys.stderr)
    return bool(quiet)


def _publish() -> Path:
    """Let asv write the report, by its command, which loads our plugin; returns its folder."""
    command = [sys.executable, "-m", "asv", "publish"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise TrackError(f"asv publish ended with status {done.returncode}; see above")
    conf: Any = Config.load("asv.conf.json")
    return Path(conf.html_dir).resolve()
