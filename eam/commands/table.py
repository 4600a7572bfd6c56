"""Time a gradient in every backend on this machine, as the forum post did: by default the toy's.

`--quantity` times another quantity: energy and forces, the virial, a Hessian-vector product, or a
derivative by the parameters of the model, such as that of a force-matching loss.

`--model my_energy.py` takes a function of your own instead, and runs the code of that file.

One process times all rows on one core, in interleaved blocks, so the ratios hold even while the
clock of the machine drifts. A backend whose answer fails the check against the hand-written
gradient, before or after the timing, gets no time. If a backend crashes or hangs, every backend is
timed again in a process of its own, and the row of the guilty one holds the reason. memray counts
the native allocations after the timing.

Exit status: 0 measured, 1 a backend failed, 2 no backend could be measured.
"""

import argparse
import json
import math
import sys
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .. import backends, formatting
from ..errors import InputError, NotOfferedError
from ..measure.lock import only_measurement
from ..measure.table import Row, measure
from ..model import Model
from ..models import model as model_record
from ..models import problem as make_problem
from ..quantities import GRADIENT, quantity, quantity_names


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the table."""
    parser.add_argument("--model", default="toy", help="a model's name, or a file (default toy)")
    parser.add_argument(
        "--dimension", type=int, help="N, or the number of atoms (default: the model's reference)"
    )
    parser.add_argument(
        "--quantity", default=GRADIENT, help=f"one of {', '.join(quantity_names())}"
    )
    parser.add_argument("--backends", metavar="A,B,...", help="only these (default: all)")
    parser.add_argument("--seconds", type=float, default=15.0, help="time to measure (default 15)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Measure and print; returns the exit status that the module's docstring lists."""
    if not (math.isfinite(args.seconds) and args.seconds > 0):
        raise InputError(f"--seconds must be a positive number, not {args.seconds}")
    quantity(args.quantity)
    model = model_record(args.model)
    if args.dimension is None:
        args.dimension = model.dimensions.reference
    make_problem(args.model, args.dimension)
    if args.quantity not in (GRADIENT, *model.quantities):
        raise NotOfferedError(backends.describe("numpy").refusal(model, 1, args.quantity))
    names = args.backends.split(",") if args.backends else _names(model)
    for name in names:
        backends.describe(name)
    progress = Progress(console=Console(stderr=True), transient=True, disable=args.json)
    with only_measurement(), progress:
        task = progress.add_task("", total=1.0)
        rows = measure(
            args.model,
            args.dimension,
            names,
            args.seconds,
            lambda doing, fraction: progress.update(task, description=doing, completed=fraction),
            args.quantity,
        )
    if args.json:
        table = [asdict(row) for row in rows]
        about = {"model": model.name, "quantity": args.quantity, "dimension": args.dimension}
        shown = {**about, "rows": table}
        print(json.dumps(shown, indent=2))
    else:
        _print(_title(model, args.dimension, args.quantity), args.quantity, rows)
    if any(row.failed for row in rows):
        return 1
    return 0 if any(row.error is not None for row in rows) else 2


def _names(model: Model) -> list[str]:
    names = backends.backend_names()
    if model.has_pairs:
        return list(names)
    return [name for name in names if not backends.describe(name).needs_pairs]


def _title(model: Model, dimension: int, quantity: str) -> str:
    if model.name == "toy":
        return f"{quantity} of f: R^{dimension} -> R"
    at = f"N = {dimension}" if model.unit == "N" else f"{dimension} {model.unit}"
    return f"{quantity} of {model.name} at {at}"


def _print(title: str, quantity: str, rows: list[Row]) -> None:
    table = Table(
        title=title,
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
        if row.seconds is None:
            table.add_row(row.backend, row.kind, "failed" if row.failed else "n/a")
            continue
        table.add_row(
            row.backend,
            row.kind,
            formatting.seconds(row.seconds),
            f"{row.ratio:.3g} ±{row.spread:.0%}",
            "n/a" if row.allocations is None else f"{row.allocations:.3g}",
            "n/a" if row.allocated_bytes is None else formatting.size(row.allocated_bytes),
            "" if row.error is None else f"{row.error:.0e}",
        )
    console = Console(file=sys.stdout)
    console.print(table)
    for row in rows:
        if row.seconds is None:
            verdict = "failed" if row.failed else "n/a"
            console.print(f"{verdict}  {row.backend}: {row.reason}", markup=False, highlight=False)
    for reason in {row.reason for row in rows if row.seconds is not None and row.reason}:
        console.print(f"n/a  allocations: {reason}", markup=False, highlight=False)
    console.print(
        f"Times are medians. '/ manual' divides by the allocating NumPy {quantity} (backend numpy, "
        "timed against itself in its own row), round by round; ± is half the distance between the "
        "quartiles of that ratio. 'allocs' and 'memory' are native allocations and their bytes per "
        "call; NumPy keeps blocks of less than 1024 bytes for itself, so those go uncounted. "
        f"'error' is the norm of the {quantity} minus the hand-written one.",
        highlight=False,
    )
