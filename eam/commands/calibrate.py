"""Measure how often the gate and `asv continuous` raise a false alarm, and what they miss.

It compares this eam with itself, and with versions that do more real work. A series says what is
compared: `toy` 5, 10 and 20 % more, `small` 1, 2 and 5 %, `atoms` on 4000 atoms of tabulated copper
and numba-parallel too, `inside` another algorithm in the gradient, `asv` through asv. Each series,
each pair of limits and the busy machine are counted separately.

Each round is stored in results/calibration/, so an interrupted run resumes where it left off,
and docs/explanation/calibration.md is written anew. More rounds make a better table.

Exit status: 0 the page is written, 2 bad input, or stored rounds of another version of the gate.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from ..calibration import load, rounds
from ..calibration.page import machine, render
from ..calibration.series import SERIES, Series, series
from ..errors import InputError, MissingToolError
from ..gate import versions
from ..measure.lock import only_measurement


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `calibrate`."""
    parser.add_argument(
        "--minutes", type=float, default=20.0, help="how long to measure (default 20)"
    )
    parser.add_argument(
        "--series", metavar="S", help=f"{', '.join(SERIES)}; default toy and asv by turns"
    )
    parser.add_argument(
        "--limit", metavar="SMALL,LARGE", help="the gate's limits to try, such as 1.01,1.03"
    )
    parser.add_argument(
        "--under-load", action="store_true", help=f"with a load: {load.DESCRIPTION}"
    )
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
    store = rounds.store_in(root / "results")
    found = rounds.read(store)
    asked = _asked(args)
    for one in asked:
        rounds.resume(found, one, machine(), args.fresh)
    with only_measurement():
        started = time.monotonic()
        while (time.monotonic() - started) < 60 * args.minutes:
            one = min(asked, key=lambda one: found[one.name].rounds / len(one.changes))
            print(f"{one.name} ...", flush=True)
            trials = found[one.name].measure(root, one)
            rounds.write(store, found)
            page = root / "docs" / "explanation" / "calibration.md"
            page.write_text(render(found), encoding="utf-8")
            print(
                f"  {trials[0].change}: {sum(t.verdict in ('+', '-') for t in trials)} of "
                f"{len(trials)} called changed"
            )
    return 0


def _asked(args: argparse.Namespace) -> list[Series]:
    keys = [args.series] if args.series else ["toy", "asv"]
    asked = [replace(series(key), is_loaded=args.under_load) for key in keys]
    if not args.limit:
        return asked
    try:
        small, large = map(float, args.limit.split(","))
    except ValueError:
        small = large = 0.0
    if not (1.0 < small < 2.0 and 1.0 < large < 2.0):
        raise InputError(f"--limit takes two ratios above 1, such as 1.01,1.03, not {args.limit}")
    return [replace(one, limits=(small, large)) for one in asked if one.key != "asv"]


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
