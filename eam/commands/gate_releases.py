"""The gate between two releases of a library: what `gate jax==0.7.2 jax==0.8.0` runs."""

import argparse
import json
import random
import sys
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ..errors import InputError, UnknownBackendError
from ..model import Model
from ..models import model as model_record
from ..releases import comparisons, environments, pair, sides
from ..releases.axes import axis
from ..releases.locks import Lock
from ..tracking.machine import describe_machine
from .options import whole_numbers

DIMENSIONS = "100,10000,1000000"
ATOMS = "4000"


def run(args: argparse.Namespace) -> int:
    """Install both sides, compare, print; 0 nothing got slower, 1 something did, 2 not compared.

    The command `gate` holds the lock of measurements.
    """
    if args.head is None:
        raise InputError(f"{args.base} is compared with a second release, such as jax==0.8.0")
    a, b = sides.pair(sides.parse(args.base), sides.parse(args.head))
    along = axis(a.release.library)
    backends = args.backends.split(",") if args.backends else list(along.backends)
    for name in backends:
        if name not in along.backends:
            raise UnknownBackendError(name, along.backends)
    model = model_record(args.model)
    cases = [
        pair.Case(name, dimension) for name in backends for dimension in _dimensions(args, model)
    ]
    variables = _variables(args.variable)
    # four environments, since a folder alone may make a release faster or slower
    folders = [environments.environment(lock, copy) for copy, lock in enumerate((a, a, b, b))]
    console = Console(stderr=True)
    progress = Progress(console=console, transient=True, disable=args.json)
    with progress:
        task = progress.add_task(f"comparing {args.base} and {args.head}", total=1.0)
        rows = pair.compare(
            folders[:2],
            folders[2:],
            cases,
            model=model.name,
            variables=variables,
            progress=lambda done: progress.update(task, completed=done),
        )
    _remember(a, b, model.name, rows, variables)
    differing = sides.differences(a, b)
    status = exit_status(rows)
    if args.json:
        print(json.dumps(_as_json(args, differing, rows, status), indent=2))
    else:
        _print(args, differing, rows)
    return status


def _variables(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise InputError(f"--with takes NAME=VALUE, not {text!r}")
    return {name: value}


def _remember(
    a: Lock, b: Lock, model: str, rows: list[pair.Comparison], variables: dict[str, str]
) -> None:
    """Keep what was compared for the page of releases, but of wheels and Pythons nothing."""
    if a.environment != b.environment or any(":" in pin for pin in {**a.pins, **b.pins}.values()):
        return
    file = comparisons.path(a.release.library, describe_machine().machine)
    seed = random.SystemRandom().getrandbits(32)
    found = [row for row in rows if row.reason is None]
    comparisons.add(file, [comparisons.entry(a, b, model, row, seed, variables) for row in found])


def exit_status(rows: list[pair.Comparison]) -> int:
    """1 if anything got slower; 2 if nothing was compared; 0."""
    verdicts = {row.verdict for row in rows}
    if pair.SLOWER in verdicts:
        return 1
    return 2 if verdicts <= {pair.NOT_COMPARED} else 0


def _dimensions(args: argparse.Namespace, model: Model) -> list[int]:
    text = args.dimensions or (ATOMS if model.has_pairs else DIMENSIONS)
    return whole_numbers("--dimensions", text)


def _as_json(
    args: argparse.Namespace,
    differing: dict[str, tuple[str, str]],
    rows: list[pair.Comparison],
    status: int,
) -> dict[str, Any]:
    table: list[dict[str, Any]] = []
    for row in rows:
        entry: dict[str, Any] = {**row.case._asdict(), "verdict": row.verdict}
        if row.reason is None:
            low, high = row.interval
            entry |= {"ratio": row.ratio, "low": low, "high": high, "floor": row.floor}
        table.append({**entry, "limit": row.limit, "reason": row.reason})
    sides_ = {"model": args.model, "a": args.base, "b": args.head, "differing": differing}
    return {**sides_, "status": status, "rows": table}


def _print(
    args: argparse.Namespace, differing: dict[str, tuple[str, str]], rows: list[pair.Comparison]
) -> None:
    table = Table(
        title=f"gradient of {args.model}: {args.head} over {args.base}",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title_justify="left",
    )
    for column in ("backend", "dimension", "B/A", "interval", "floor", "limit", "verdict"):
        side = "left" if column in ("backend", "verdict") else "right"
        table.add_column(column, justify=side, no_wrap=True)
    for row in rows:
        numbers = ["", "", ""]
        if row.reason is None:
            low, high = row.interval
            numbers = [f"{row.ratio:.3f}", f"{low:.3f}–{high:.3f}", f"{row.floor:.3f}"]
        case = row.case
        table.add_row(case.backend, f"{case.dimension}", *numbers, f"{row.limit:.3f}", row.verdict)
    console = Console(file=sys.stdout)
    console.print(table)
    for reason in sorted({f"{row.case.backend}: {row.reason}" for row in rows if row.reason}):
        console.print(reason, markup=False, highlight=False)
    changes = (f"{name} {old} → {new}" for name, (old, new) in differing.items())
    console.print(f"What differs: {', '.join(changes) or 'nothing'}.", highlight=False)
    console.print(
        f"B/A is the median of {pair.SETS} sets of four processes, two for each side; the interval "
        "is their lowest and highest. The floor is what two processes of one side differ by. A "
        "side is slower if all four pairs say so beyond the limit and the floor.",
        highlight=False,
    )
