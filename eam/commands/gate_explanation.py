"""Possible causes of a row of the gate: commits, a bisection to paste, the diff, profiles."""

import shlex
import subprocess
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from .. import formatting
from ..gate.comparison import Comparison
from ..gate.explain import Profile
from ..gate.side_by_side import NEW, OLD
from ..measure.outcome import Outcome

# Functions shown: those whose time differs most.
_SHOWN = 12


def print_explanation(
    root: Path, base: str, model: str, row: Comparison, examined: Outcome
) -> None:
    """Print what may have changed a row.

    Args:
        root: the checkout.
        base: hash of the commit that was compared with.
        model: name of the model.
        row: what was measured.
        examined: what :func:`eam.gate.explain.examine` found.
    """
    console = Console(file=sys.stdout, highlight=False, markup=False)
    if not examined.succeeded:
        console.print(f"The row could not be examined: {examined.failed}")
        return
    versions = examined.value
    for which, version in versions.items():
        if "failed" in version:
            console.print(f"The {which} version could not be examined: {version['failed']}")
    files = sorted({file for version in versions.values() for file in version.get("files", ())})
    log = _git(root, "log", "--oneline", f"{base}..HEAD", "--", *files)
    console.print("Commits that touched what this row runs:", style="bold")
    console.print(log or "none; see the diff for uncommitted changes\n")
    if log.count("\n") > 1:
        console.print("To find the commit:", style="bold")
        print(_bisection(base, model, row, files))
    console.print("What changed in the source of what is timed:", style="bold")
    print(_git(root, "diff", base, "--", *files) or "nothing\n")
    if all("profile" in version for version in versions.values()):
        _print_profiles(console, versions[OLD]["profile"], versions[NEW]["profile"])


def _bisection(base: str, model: str, row: Comparison, files: list[str]) -> str:
    """Commands for a shell; a commit that cannot be measured (status 2) is skipped."""
    gate = (
        f"python -m eam gate {base[:10]} --model {shlex.quote(model)} --backends {row.backend} "
        f"--dimensions {row.dimension} --quantity {row.quantity}"
    )
    script = f"{gate}; status=$?; [ $status -ne 2 ] || status=125; exit $status"
    return (
        f"  git bisect start HEAD {base[:10]} -- {shlex.join(files)}\n"
        f"  git bisect run sh -c {shlex.quote(script)}\n"
        "  git bisect reset\n"
    )


def _print_profiles(console: Console, old: Profile, new: Profile) -> None:
    """Functions by how much their own time differs; no table where there is one function only."""
    names = {name for name in {*old, *new} if "_lsprof" not in name and "perf_counter" not in name}
    if len(names) < 2:
        console.print("A profile shows one compiled call, and no more.")
        return
    names = sorted(names, key=lambda name: -abs(new.get(name, 0.0) - old.get(name, 0.0)))
    table = Table(
        title="own time of each function in one call, under cProfile, which adds to it",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("function", overflow="fold")
    table.add_column("old", justify="right", no_wrap=True)
    table.add_column("new", justify="right", no_wrap=True)
    for name in names[:_SHOWN]:
        times = (formatting.seconds(p[name]) if name in p else "" for p in (old, new))
        table.add_row(name, *times)
    console.print(table)


def _git(root: Path, *arguments: str) -> str:
    return subprocess.check_output(["git", "-C", str(root), *arguments], text=True)
