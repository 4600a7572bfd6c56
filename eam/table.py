"""Time every way to get the toy's gradient on this machine, as the forum post did.

All rows are timed in one process, in turn, on one core, so that their ratios hold even while
the machine's clock moves. Each backend's answer is compared with the hand-written gradient.
"""

import argparse
import json
from typing import Any

import numpy as np

from . import backends
from .errors import MissingBackendError, NotOfferedError
from .measure.environment import settle
from .measure.timing import interleave
from .models import problem as make_problem


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the table."""
    parser.add_argument("--dimension", type=int, default=100, help="N of f: R^N -> R (default 100)")
    parser.add_argument("--backends", help="comma-separated names (default: all)")
    parser.add_argument("--seconds", type=float, default=15.0, help="time to measure (default 15)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    settle()
    names = args.backends.split(",") if args.backends else list(backends.backend_names())
    problem = make_problem("toy", args.dimension)
    reference = problem.manual.gradient(problem.x0)
    rows: list[dict[str, Any]] = []
    calls = [lambda: problem.manual.value(problem.x0), lambda: problem.manual.gradient(problem.x0)]
    for name in names:
        try:
            prepared = backends.prepare(problem, name)
        except (MissingBackendError, NotOfferedError) as error:
            rows.append({"backend": name, "missing": str(error)})
            continue
        error = float(np.linalg.norm(prepared.gradient(problem.x0) - reference))
        rows.append({"backend": name, "error": error, "call": len(calls)})
        calls.append(prepared.hot_gradient())
    times = interleave(calls, args.seconds)
    for row in rows:
        if "call" in row:
            column = times[:, row.pop("call")]
            row["seconds"] = float(np.median(column))
            row["ratio"] = float(np.median(column / times[:, 1]))
    print(json.dumps(rows, indent=1))
    return 0
