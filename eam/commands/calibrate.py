"""Measure how often the gate and `asv continuous` raise a false alarm, and what they miss.

It compares this eam with itself, and with versions that do 5, 10 and 20 % more real work, through
the gate and through asv. It writes docs/explanation/calibration.md after each round, and stores the
round, so an interrupted run resumes where it left off. More rounds make a better table.

Exit status: 0 the page is written, 2 bad input, or stored rounds of another version of the gate.
"""

import argparse
import time
from pathlib import Path

from ..calibration.page import render
from ..calibration.rounds import TOOLS, Rounds
from ..errors import InputError, MissingToolError
from ..gate import versions
from ..measure.lock import only_measurement


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `calibrate`."""
    parser.add_argument(
        "--minutes", type=float, default=20.0, help="how long to measure (default 20)"
    )
    parser.add_argument("--tool", choices=TOOLS, help="run rounds of one tool only")
    parser.add_argument(
        "--releases", metavar="RELEASE", help="calibrate the gate of releases, on jax==0.7.2 say"
    )
    parser.add_argument("--fresh", action="store_true", help="discard the rounds stored so far")


def run(args: argparse.Namespace) -> int:
    """Run rounds until the time is over, and write the page."""
    if not args.minutes > 0:
        raise InputError(f"--minutes must be positive, not {args.minutes}")
    root = versions.repository()
    if args.releases:
        return _calibrate_releases(args, root)
    store = root / ".asv" / "calibration.json"
    rounds = Rounds.load(store, args.fresh)
    tools = [args.tool] if args.tool else TOOLS
    with only_measurement():
        started = time.monotonic()
        while (time.monotonic() - started) < 60 * args.minutes:
            tool, percent = rounds.next(tools)
            print(f"{tool}, {percent} % more work ...", flush=True)
            trials = rounds.measure(root, tool, percent)
            rounds.save(store)
            page = root / "docs" / "explanation" / "calibration.md"
            page.write_text(render(rounds))
            print(
                f"  {sum(t.verdict in ('+', '-') for t in trials)} of {len(trials)} called changed"
            )
    return 0


def _calibrate_releases(args: argparse.Namespace, root: Path) -> int:
    """Run trials of the gate of releases until the time is over, and write their page."""
    try:
        from ..calibration import releases
    except ModuleNotFoundError as error:
        raise MissingToolError("the gate of releases", str(error.name), "releases") from error
    store = root / "results" / "releases" / "calibration.jsonl"
    if args.fresh:
        store.unlink(missing_ok=True)
    with only_measurement():
        started = time.monotonic()
        while (time.monotonic() - started) < 60 * args.minutes:
            for trial in releases.measure(args.releases, store):
                print(
                    f"N = {trial.dimension}, {trial.extra:.0%} more work: {trial.ratio:.3f}, "
                    f"{trial.verdict}",
                    flush=True,
                )
            page = root / "docs" / "explanation" / "calibration-releases.md"
            page.write_text(releases.page(releases.load(store)), encoding="utf-8")
    return 0
