"""Time the toy in C and in every backend, interleaved, for N from 1 to 10^7.

The measure is the literal loop of the forum post in C, which is what a reader would write in a
compiled language. One pinned process per N times it and every backend in interleaved blocks, and
every time is given as a ratio to it. A C compiler is needed. It takes about ten minutes.

Exit status: 0 measured, 1 an answer is wrong, 2 bad input or no C compiler.
"""

import argparse
import math
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ..backends import backend_names, describe
from ..compiler import find_compiler
from ..errors import InputError
from ..measure.lock import only_measurement
from ..peers.native import libraries
from ..peers.toy import Column, measure
from ..peers.toy_page import render, replace_section
from .options import whole_numbers

DIMENSIONS = [1, 10, 100, 200, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the peers table."""
    parser.add_argument("--dimensions", metavar="N,N,...", help="default: 1 to 10^7")
    parser.add_argument("--backends", metavar="A,B,...", help="only these (default: all)")
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="to measure at each N (default 15)"
    )
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="put the tables into a page, such as "
        "docs/explanation/performance.md, between its peers marks",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measure, print, write; 1 if a backend's answer is wrong, or it crashes or hangs."""
    names = args.backends.split(",") if args.backends else list(backend_names())
    for name in names:
        describe(name)
    if not (math.isfinite(args.seconds) and args.seconds > 0):
        raise InputError(f"--seconds must be a positive number, not {args.seconds}")
    dimensions = _dimensions(args.dimensions) if args.dimensions else DIMENSIONS
    if args.write and not args.write.is_file():
        raise InputError(f"--write: there is no page {args.write}")
    with only_measurement():
        columns = _measure(dimensions, names, args.seconds)
    tables = render(columns, names, find_compiler())
    print(tables)
    if args.write:
        page = args.write.read_text(encoding="utf-8")
        args.write.write_text(replace_section(page, tables), encoding="utf-8")
    return 1 if any(column.failed for column in columns) else 0


def _measure(dimensions: list[int], names: list[str], seconds: float) -> list[Column]:
    console = Console(stderr=True)
    with libraries() as built, Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=len(dimensions))
        columns: list[Column] = []
        for dimension in dimensions:
            columns.append(
                measure(
                    dimension,
                    names,
                    built,
                    seconds,
                    lambda doing, _: progress.update(task, description=doing),
                )
            )
            progress.advance(task)
        return columns


def _dimensions(text: str) -> list[int]:
    dimensions = sorted(set(whole_numbers("--dimensions", text)))
    if dimensions[0] < 1:
        raise InputError(f"--dimensions must be at least 1, not {dimensions[0]}")
    return dimensions
