"""Time LAMMPS, ASE, matscipy and this project's backends on the same copper, interleaved.

All codes read one potential file (this project's table of copper, 10001 points) and compute one
rattled crystal. One pinned process per size times energy and forces with the neighbour list given,
and with the list built in every call. A process per code then measures its peak memory. Answers
are compared before anything is timed. The other codes come with
``python -m pip install -e '.[peers]'``; a code that is not installed is left out, and the page says
so. It takes about a quarter of an hour.

Exit status: 0 measured, 1 an answer of this project is wrong, 2 bad input.
"""

import argparse
import math
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ..backends import backend_names, describe
from ..errors import InputError
from ..measure.lock import only_measurement
from ..models import tabulated
from ..peers.atoms import Column, measure
from ..peers.atoms_page import BEGIN, END, render
from ..peers.toy_page import replace_section
from .options import whole_numbers

SIZES = [4000, 32000]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the table."""
    parser.add_argument("--sizes", metavar="N,N,...", help="atoms; default: 4000,32000")
    parser.add_argument("--backends", metavar="A,B,...", help="default: all that take the atoms")
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="to measure at each size (default 30)"
    )
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="put the table into a page, such as "
        "docs/explanation/performance-atoms.md, between its peers-atoms marks",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measure, print, write; 1 if an answer of ours is wrong, or a code crashes or hangs."""
    sizes = whole_numbers("--sizes", args.sizes) if args.sizes else SIZES
    names = args.backends.split(",") if args.backends else _offered(sizes)
    for name in names:
        describe(name)
    if not (math.isfinite(args.seconds) and args.seconds > 0):
        raise InputError(f"--seconds must be a positive number, not {args.seconds}")
    if args.write and not args.write.is_file():
        raise InputError(f"--write: there is no page {args.write}")
    if args.write:
        # a page without marks is an error before the minutes of measuring, not after
        replace_section(args.write.read_text(encoding="utf-8"), "", BEGIN, END)
    with only_measurement():
        columns = _measure(sizes, names, args.seconds)
    tables = render(columns, names)
    print(tables)
    if args.write:
        page = args.write.read_text(encoding="utf-8")
        args.write.write_text(replace_section(page, tables, BEGIN, END), encoding="utf-8")
    return 1 if any(column.failed for column in columns) else 0


def _offered(sizes: list[int]) -> list[str]:
    """The backends that take one of the crystals."""
    return [
        name
        for name in backend_names()
        if any(describe(name).refusal(tabulated.MODEL, n_atoms) is None for n_atoms in sizes)
    ]


def _measure(sizes: list[int], names: list[str], seconds: float) -> list[Column]:
    columns: list[Column] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(sizes))
        for n_atoms in sizes:
            progress.update(task, description=f"{n_atoms} atoms")
            columns.append(
                measure(
                    n_atoms,
                    names,
                    seconds,
                    lambda doing, _: progress.update(task, description=doing),
                )
            )
            progress.advance(task)
    return columns
