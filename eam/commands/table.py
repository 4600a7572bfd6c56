"""Time the toy's gradient in every backend on this machine, as the forum post did.

One process times all rows on one core, in interleaved blocks, so the ratios hold even while the
clock of the machine drifts. A backend whose answer fails the check against the hand-written
gradient gets no time. memray counts the native allocations after the timing.

Exit status: 0 measured, 1 an answer is wrong, 2 no backend could be measured.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .. import backends, formatting
from ..errors import CheckError, InputError, MissingBackendError, NotOfferedError
from ..measure.allocations import allocations
from ..measure.check import check
from ..measure.environment import settle
from ..measure.timing import interleave
from ..models import problem as make_problem
from ..problem import Problem


@dataclass
class Row:
    """The value of f or the gradient of a backend, or the reason why there is no number.

    Attributes:
        backend: name of the backend.
        kind: of the backend, or "value of f".
        seconds: median time of a call.
        ratio: median over the rounds of its time over that of the manual NumPy gradient.
        spread: half the distance between the quartiles of that ratio, over the ratio.
        allocations, allocated_bytes: native ones of a call; None where memray does not exist.
        error: norm of its gradient minus the hand-written one.
        failed: whether its answer is wrong.
        reason: why there are no numbers.
    """

    backend: str
    kind: str
    seconds: float | None = None
    ratio: float | None = None
    spread: float | None = None
    allocations: float | None = None
    allocated_bytes: float | None = None
    error: float | None = None
    failed: bool = False
    reason: str | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the table."""
    parser.add_argument("--dimension", type=int, default=100, help="N of f: R^N -> R (default 100)")
    parser.add_argument("--backends", metavar="A,B,...", help="only these (default: all)")
    parser.add_argument("--seconds", type=float, default=15.0, help="time to measure (default 15)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0, 1 if an answer is wrong, 2 if no backend could be measured."""
    if not (math.isfinite(args.seconds) and args.seconds > 0):
        raise InputError(f"--seconds must be a positive number, not {args.seconds}")
    problem = make_problem("toy", args.dimension)
    names = args.backends.split(",") if args.backends else _names(problem)
    for name in names:
        backends.describe(name)
    settle()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=args.json) as progress:
        rows = _measure(problem, names, args.seconds, progress)
    if args.json:
        table = [asdict(row) for row in rows]
        print(json.dumps({"model": "toy", "dimension": args.dimension, "rows": table}, indent=2))
    else:
        _print(problem, rows)
    if any(row.failed for row in rows):
        return 1
    return 0 if any(row.error is not None for row in rows) else 2


def _names(problem: Problem) -> list[str]:
    names = backends.backend_names()
    return [name for name in names if not backends.describe(name).needs_pairs]


def _measure(problem: Problem, names: list[str], seconds: float, progress: Progress) -> list[Row]:
    manual = backends.prepare(problem, "numpy")
    rows = [Row("numpy", "value of f")]
    calls = [manual.hot_value(), manual.hot_gradient()]
    timed = [(rows[0], 0)]
    preparing = progress.add_task("preparing", total=len(names))
    for name in names:
        row = Row(name, backends.describe(name).kind)
        rows.append(row)
        progress.update(preparing, description=f"preparing {name}")
        try:
            prepared = manual if name == "numpy" else check(backends.prepare(problem, name))
        except (MissingBackendError, NotOfferedError, CheckError) as reason:
            row.reason = str(reason)
            row.failed = isinstance(reason, CheckError)
        else:
            difference = prepared.gradient(problem.x0) - problem.manual.gradient(problem.x0)
            row.error = float(np.linalg.norm(difference))
            timed.append((row, len(calls)))
            calls.append(prepared.hot_gradient())
        progress.advance(preparing)
    _time(timed, calls, seconds, progress)
    progress.stop()  # its thread allocates too, and would be counted
    _count_allocations(timed, calls)
    return rows


def _time(
    timed: list[tuple[Row, int]],
    calls: list[Callable[[], Any]],
    seconds: float,
    progress: Progress,
) -> None:
    timing = progress.add_task("timing", total=1.0)
    times = interleave(
        calls, seconds, tick=lambda fraction: progress.update(timing, completed=fraction)
    )
    for row, column in timed:
        ratios = times[:, column] / times[:, 1]
        low, row.ratio, high = (float(q) for q in np.percentile(ratios, (25, 50, 75)))
        row.spread = (high - low) / 2 / row.ratio
        row.seconds = float(np.median(times[:, column]))


def _count_allocations(timed: list[tuple[Row, int]], calls: list[Callable[[], Any]]) -> None:
    try:
        for row, column in timed:
            counted = allocations(calls[column])
            row.allocations, row.allocated_bytes = counted.count, counted.allocated_bytes
    except NotOfferedError as reason:
        Console(stderr=True).print(f"n/a  {reason}", markup=False, highlight=False)


def _print(problem: Problem, rows: list[Row]) -> None:
    table = Table(
        title=f"gradient of f: R^{problem.dimension} -> R",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        # seven columns into the 80 characters of a terminal
        show_edge=False,
        padding=0,
    )
    for column in ("backend", "kind"):
        table.add_column(column, no_wrap=True)
    for column in ("time", "/ manual", "allocs", "memory", "error"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        if row.reason is not None:
            table.add_row(row.backend, row.kind, "failed" if row.failed else "n/a")
            continue
        table.add_row(
            row.backend,
            row.kind,
            formatting.seconds(row.seconds or 0.0),
            f"{row.ratio:.3g} ±{row.spread:.0%}",
            "n/a" if row.allocations is None else f"{row.allocations:.3g}",
            "n/a" if row.allocated_bytes is None else formatting.size(row.allocated_bytes),
            "" if row.error is None else f"{row.error:.0e}",
        )
    console = Console(file=sys.stdout)
    console.print(table)
    for row in rows:
        if row.reason is not None:
            verdict = "failed" if row.failed else "n/a"
            console.print(f"{verdict}  {row.reason}", markup=False, highlight=False)
    console.print(
        "Times are medians. '/ manual' divides by the allocating NumPy gradient (backend numpy, "
        "timed against itself in its own row), round by round; ± is half the distance between the "
        "quartiles of that ratio. 'allocs' and 'memory' are native allocations and their bytes per "
        "call; NumPy keeps blocks of less than 1024 bytes for itself, so those go uncounted. "
        "'error' is the norm of the gradient minus the hand-written one.",
        highlight=False,
    )
