"""Compare the gradients of the working tree with those of a commit: did one get slower?

Every process times both versions in interleaved blocks, so a busy machine slows both alike.
Uncommitted changes count as new: `gate HEAD` measures what your edits cost, `gate main` what your
branch costs. The gate lists a backend that exists in one version only, and does not compare it.

`gate jax==0.7.2 jax==0.8.0` compares two releases of a library instead, each in an environment of
its own; either may also be a wheel file, or python==3.12 for the other one on that Python.

Exit status: 0 nothing got slower, 1 a gradient got slower or gives a wrong answer, 2 nothing could
be measured.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .. import backends
from ..errors import InputError, MissingToolError, UnknownBackendError
from ..gate import versions
from ..gate.comparison import FAILED, SLOWER, Comparison, compare
from ..gate.side_by_side import NOT_COMPARED, WRONG
from ..model import Model
from ..models import model as model_record
from ..models import problem as make_problem

# those that the suite tracks: elements of x, or atoms
DIMENSIONS = "100,10000,1000000"
ATOMS = "108,4000"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the gate."""
    parser.add_argument("base", help="commit, branch or tag to compare with; or a release")
    parser.add_argument("head", nargs="?", help="the second release, where the first is one")
    parser.add_argument("--model", default="toy", help="name of the model (default toy)")
    parser.add_argument(
        "--dimensions", metavar="N,...", help=f"default {DIMENSIONS}; for atoms {ATOMS}"
    )
    parser.add_argument("--backends", metavar="A,B,...", help="only these (default: all)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Measure and print; the module's docstring lists the statuses."""
    if "==" in args.base or args.base.endswith(".whl"):
        return _compare_releases(args)
    if args.head is not None:
        raise InputError(f"a commit is compared with the working tree, not with {args.head}")
    root = versions.repository()
    base = versions.commit(root, args.base)
    with tempfile.TemporaryDirectory(prefix="eam-gate-") as directory:
        top = Path(directory)
        old = versions.extract(root, base, top / "base")
        new = versions.snapshot(root, top / "head")
        names = _names(args.backends, set(versions.load(old, "eam_base").backend_names()))
        usual = ATOMS if model_record(args.model).has_pairs else DIMENSIONS
        cases = _cases(args.model, args.dimensions or usual, names)
        with Progress(console=Console(stderr=True), transient=True, disable=args.json) as progress:
            task = progress.add_task("comparing old and new", total=1.0)
            rows = compare(
                old, new, args.model, cases, progress=lambda f: progress.update(task, completed=f)
            )
    now = versions.commit(root, "HEAD")[:10]
    head = f"{now} with uncommitted changes" if versions.is_modified(root) else now
    status = exit_status(rows)
    if args.json:
        _print_json(args.model, base, head, rows, status)
    else:
        _print(f"gradient of {args.model}: {head} over {args.base} ({base[:10]})", rows)
    return status


def _compare_releases(args: argparse.Namespace) -> int:
    try:
        from .gate_releases import run as run_releases
    except ModuleNotFoundError as error:
        raise MissingToolError("the gate of releases", str(error.name), "releases") from error
    return run_releases(args)


def exit_status(rows: list[Comparison]) -> int:
    """1 if anything got slower or wrong; 2 if a process failed, or nothing was measured; 0."""
    verdicts = {row.verdict for row in rows}
    if verdicts & {SLOWER, WRONG}:
        return 1
    return 2 if FAILED in verdicts or verdicts <= {NOT_COMPARED} else 0


def _names(wanted: str | None, old: set[str]) -> list[str]:
    new = backends.backend_names()
    if not wanted:
        return [*new, *sorted(old - set(new))]
    names = wanted.split(",")
    for name in names:
        if name not in {*new, *old}:
            raise UnknownBackendError(name, new)
    return names


def _cases(model: str, dimensions: str, names: list[str]) -> list[tuple[str, int, int]]:
    try:
        wanted = [int(text) for text in dimensions.split(",")]
    except ValueError:
        raise InputError(f"--dimensions takes integers, not {dimensions!r}") from None
    problems = {dimension: make_problem(model, dimension) for dimension in wanted}
    return [
        (name, dimension, problem.x0.size)
        for name in names
        for dimension, problem in problems.items()
        if _is_offered(name, problem.model, dimension)
    ]


def _is_offered(name: str, model: Model, dimension: int) -> bool:
    """False where the new version offers nothing; a backend that only the old one has is tried."""
    try:
        return backends.describe(name).refusal(model, dimension) is None
    except UnknownBackendError:
        return True


def _print_json(model: str, base: str, head: str, rows: list[Comparison], status: int) -> None:
    table: list[dict[str, Any]] = []
    for row in rows:
        entry: dict[str, Any] = {"backend": row.backend, "dimension": row.dimension}
        if row.problem is None:
            low, high = row.interval
            entry |= {"ratio": row.ratio, "low": low, "high": high, "ratios": row.ratios}
        table.append({**entry, "verdict": row.verdict, "reason": row.reason})
    answer = {"model": model, "base": base, "head": head, "status": status, "rows": table}
    print(json.dumps(answer, indent=2))


def _print(title: str, rows: list[Comparison]) -> None:
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for column in ("benchmark", "dimension", "new/old", "interval", "limit", "verdict"):
        side = "left" if column in ("benchmark", "verdict") else "right"
        table.add_column(column, justify=side, no_wrap=True)
    for row in rows:
        numbers = ["", "", ""]
        if row.problem is None:
            low, high = row.interval
            numbers = [f"{row.ratio:.3f}", f"{low:.3f}–{high:.3f}", f"{row.limit:.3f}"]
        table.add_row(row.backend, f"{row.dimension}", *numbers, row.verdict)
    console = Console(file=sys.stdout)
    console.print(table)
    for backend, reason in sorted({(row.backend, row.reason) for row in rows if row.reason}):
        console.print(f"{backend}: {reason}", markup=False, highlight=False)
    console.print(
        "new/old is the median of 2 to 14 fresh processes, the interval their lowest and highest "
        "(from ten on, without the outermost). SLOWER: beyond the limit, and 1 is not within.",
        highlight=False,
    )
