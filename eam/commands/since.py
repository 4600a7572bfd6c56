"""Print which verdicts and overheads changed since a date, a commit or a release; no measuring.

Each machine's latest run is compared with the one that stood at WHEN: the last run of that day or
before, the run of a commit or before it, or the first run with a release. An overhead has changed
if the intervals of both runs stay apart even when widened by the A/A floor.

Exit status: 0 whether or not something changed, 2 there is no run to compare with.
"""

import argparse
import subprocess
from typing import TYPE_CHECKING

from ..errors import NoResultsError
from .stored import stored_runs

if TYPE_CHECKING:
    from ..report.since import Commit


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `since`."""
    parser.add_argument("when", metavar="WHEN", help="2026-05-01, a commit, or jax==0.10.2")
    parser.add_argument(
        "--results", metavar="FOLDER", help="such as results/releases/jax (default: asv's)"
    )
    parser.add_argument(
        "--config", default="asv.conf.json", help="asv's configuration (default %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Print what changed on each machine."""
    stored = stored_runs(args.config, "since", args.results)
    first = next(stored, None)
    if first is None:
        raise NoResultsError("there are no results to compare; measure some with: make report")
    from ..report.history import in_order, reduced, steps
    from ..report.since import changes, runs_then

    history = in_order([reduced(first), *map(reduced, stored)])
    then = runs_then(history, args.when, _commit(args.when))
    for machine, found in changes(history, steps(history), then).items():
        print(f"{machine}: {found['sentence']}")
        for title, entries in (("verdict", found["verdicts"]), ("overhead", found["overheads"])):
            for entry in entries:
                print(f"  {title:8}  {entry['sentence']}")
    return 0


def _commit(text: str) -> "Commit | None":
    """The commit that git knows as `text`; None where there is none, or no repository."""
    from ..report.since import Commit

    command = ["git", "log", "-1", "--format=%H %ct", "--end-of-options", text, "--"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    name, _, seconds = done.stdout.strip().partition(" ")
    return Commit(name, 1000 * int(seconds)) if seconds else None
