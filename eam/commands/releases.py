"""Measure the releases of a library, everything else held, and write the page of releases.

Each release is installed with one NumPy, one numba and one of everything else, and measured by the
suite. Stored results are not measured again, so the next run resumes where an interrupted one left
off. A release that cannot be installed, or fails the check, is stored with its reason.

The last line names a folder in which `asv run`, `asv compare`, `asv find` and `asv publish` work on
the releases as they do on commits.

Exit status: 0 at least one release has a number, 1 none has, 2 bad input, or a tool is missing.
"""

import argparse
from time import perf_counter
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from ..errors import InputError, MissingToolError
from ..measure.lock import only_measurement
from ..releases.axes import axis, libraries


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `releases`."""
    parser.add_argument("library", nargs="?", help=f"one of {', '.join(libraries())}")
    parser.add_argument("--most", type=int, default=24, help="releases to measure (default 24)")
    parser.add_argument(
        "--only", metavar="VERSION,...", help="these releases, instead of those spread best"
    )
    parser.add_argument("--again", action="store_true", help="measure what is stored already too")
    parser.add_argument("--list", action="store_true", help="say what would run, and how long")
    parser.add_argument(
        "--refresh", action="store_true", help="add new releases of all libraries to the table"
    )


def run(args: argparse.Namespace) -> int:
    """Measure what is missing; 0 if something has a number, 1 if nothing has."""
    try:
        from ..releases import history, index, measuring
        from ..report.release_pages import write_releases
        from ..report.releases import read
        from ..tracking.machine import describe_machine
    except ModuleNotFoundError as error:
        raise MissingToolError("an axis of releases", str(error.name), "releases") from error
    console = Console(highlight=False, soft_wrap=True)
    if args.refresh:
        for release in index.refresh():
            console.print(f"new: {release.library} {release.version}, {release.uploaded:%Y-%m-%d}")
        return 0
    if args.library is None:
        raise InputError(f"name a library: {', '.join(libraries())}")
    along = axis(args.library)
    name = describe_machine().machine
    known = index.releases(along.library)
    chosen = measuring.spread(known, args.most)
    if args.only:
        chosen = [index.find(known, version) for version in args.only.split(",")]
    jobs = measuring.plan(known, chosen, name)
    missing = [job for job in jobs if args.again or job.facts is None]
    if args.list:
        _list(console, jobs, missing)
        return 0
    with only_measurement():
        _measure(console, missing, jobs, name)
    html = measuring.ROOT / ".asv" / "html"
    linked = [page.name for page in html.glob("*.html")]
    for page in write_releases(read(history.RESULTS), html, linked)[:1]:
        console.print(f"\nThe page: {page}")
    console.print(f"asv works on these releases in {measuring.log_file(along.library).parent}")
    return 0 if any(job.facts and "reason" not in job.facts for job in jobs) else 1


def _list(console: Console, jobs: list[Any], missing: list[Any]) -> None:
    from ..releases.measuring import seconds_each

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("release", "uploaded", "Python", "held", "state"):
        table.add_column(column, no_wrap=column != "state")
    for job in sorted(jobs, key=lambda job: job.lock.release.order):
        release, environment = job.lock.release, job.lock.environment
        state = "to measure" if job in missing else (job.facts or {}).get("reason", "stored")
        held = ", ".join(f"{name} {version}" for name, version in environment.requirements)
        day = f"{release.uploaded:%Y-%m-%d}"
        table.add_row(release.version, day, environment.python, held, state)
    console.print(table)
    left = _minutes(len(missing) * seconds_each(jobs))
    console.print(f"{len(missing)} of {len(jobs)} to measure, about {left}")


def _measure(console: Console, missing: list[Any], jobs: list[Any], name: str) -> None:
    from ..releases import measuring

    log = measuring.log_file(jobs[0].lock.release.library)
    console.print(f"{len(missing)} of {len(jobs)} to measure; what asv says goes to {log}")
    for number, job in enumerate(missing, 1):
        left = _minutes((len(missing) - number + 1) * measuring.seconds_each(jobs))
        python = job.lock.environment.python
        console.print(
            f"{number}/{len(missing)} {job.lock.release.name}, Python {python}, {left} left: ",
            end="",
        )
        start = perf_counter()
        facts = measuring.measure(job, name, log)
        said = facts.get("reason") or "measured"
        console.print(f"{said} in {_minutes(perf_counter() - start)}", markup=False)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
