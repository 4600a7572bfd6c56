"""Compare a gradient of your own with those that AD makes of your energy.

FILE is a Python file with `energy(x, xp)`, `gradient(x)` and `x0(dimension)`;
`package.module:object` names an object with these functions. Its code is run, here and in measuring
processes. The folder examples/ of the checkout holds four such files, and the docstring of eam.own
says what else a file may define.

First the gradient is checked against the energy. `--quantity value_and_gradient` compares both in
one call, and `--quantity hessian_vector` the function `hessian_vector(x, v)` of your file, which is
checked against the gradient. Then fresh processes time every backend, each of
three times, against your code in interleaved blocks. Ctrl-C ends the measurement and prints
what there is.

Exit status: 0 measured, 1 a backend gives a wrong answer, 2 the file cannot be used or its gradient
is wrong, or no backend could be measured; 130 interrupted.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .. import formatting
from ..backends import backend_names, describe, is_available
from ..compare.comparison import Comparison
from ..compare.gradient_check import Checked, check_gradient
from ..compare.quantity_check import check_quantity
from ..errors import InputError, MissingToolError
from ..model import Model
from ..models import model as model_record
from ..models import problem as make_problem
from ..own import is_reference
from ..own.source import OPTIONAL
from ..quantities import GRADIENT, quantity, quantity_names
from .options import whole_numbers

# how many components of the gradient are checked: at the smallest dimension, and at the others
MOST, FEW = 1000, 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the comparison."""
    parser.add_argument("file", metavar="FILE", help="my_energy.py, or package.module:object")
    parser.add_argument(
        "--dimension", metavar="N,...", help="default: the file's DIMENSIONS, or 10,100,1000"
    )
    parser.add_argument("--backends", metavar="A,B,...", help="default: all whose library is here")
    parser.add_argument(
        "--quantity",
        default=GRADIENT,
        help="value_and_gradient or hessian_vector (default gradient)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--html", type=Path, metavar="PAGE", help="also write a page of the report, page.html"
    )


def run(args: argparse.Namespace) -> int:
    """Check, measure and print; the module's docstring lists the statuses."""
    if not is_reference(args.file):
        raise InputError(f"{args.file!r} is no file my_energy.py and no package.module:object")
    console = Console(stderr=True)
    console.print(f"Running the code in {args.file}", markup=False, highlight=False)
    model = model_record(args.file)
    _require_quantity(model, args.quantity)
    if args.html and args.quantity != GRADIENT:
        raise InputError("--html writes the page of a gradient; for another quantity take --json")
    dimensions = (
        whole_numbers("--dimension", args.dimension)
        if args.dimension
        else model.dimensions.overheads
    )
    names = args.backends.split(",") if args.backends else _installed()
    for name in names:
        describe(name)
    if args.html and not args.html.parent.is_dir():
        raise InputError(f"--html: there is no folder {args.html.parent}")
    checked: dict[int, Checked] = {}
    for dimension in sorted(dimensions):
        problem = make_problem(args.file, dimension)
        checked[dimension] = check_gradient(problem, FEW if checked else MOST)
        if args.quantity != GRADIENT:
            check_quantity(problem, args.quantity)
    comparison = Comparison(model, sorted(dimensions), names, args.quantity)
    interrupted = _measure(comparison, console, quiet=args.json)
    if args.json:
        print(json.dumps(_as_json(comparison, checked, interrupted), indent=2))
    else:
        _print(comparison, checked, interrupted)
    if args.html:
        _write_page(comparison, args.html, console)
    return 130 if interrupted else _status(comparison)


def _require_quantity(model: Model, name: str) -> None:
    if quantity(name).name in (GRADIENT, *model.quantities):
        return
    if name in OPTIONAL:
        wanted = f"{name}({', '.join(OPTIONAL[name])})"
        raise InputError(f"{model.source} defines no function {wanted} to compare with")
    known = ", ".join([GRADIENT, *(q for q in quantity_names() if q in OPTIONAL)])
    raise InputError(f"a function of your own has no {name}; it may have {known}")


def _write_page(comparison: Comparison, path: Path, console: Console) -> None:
    try:
        from ..compare.page import write_page
    except ModuleNotFoundError as error:
        raise MissingToolError("--html", str(error.name), "report") from error
    write_page(comparison, path)
    console.print(f"The page: {path}", markup=False, highlight=False)


def _installed() -> list[str]:
    return [name for name in backend_names() if is_available(name)]


def _measure(comparison: Comparison, console: Console, *, quiet: bool) -> bool:
    """Measure with a progress bar; True if the reader stopped it."""
    with Progress(console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task("starting", total=1.0)

        def say(doing: str, fraction: float) -> None:
            progress.update(task, description=doing)

        try:
            for done in comparison.measure(say):
                progress.update(task, completed=done)
        except KeyboardInterrupt:
            return True
    return False


def _status(comparison: Comparison) -> int:
    if any(case.failed for case in comparison.found.values()):
        return 1
    return 0 if any(name != "numpy" for name in comparison.ranked()) else 2


def _as_json(
    comparison: Comparison, checked: dict[int, Checked], interrupted: bool
) -> dict[str, Any]:
    return {
        "model": comparison.model.name,
        "source": comparison.model.source,
        "unit": comparison.model.unit,
        "quantity": comparison.quantity,
        "check": [{"dimension": n, **vars(found)} for n, found in checked.items()],
        "rows": [_row(comparison, *case) for case in comparison.found],
        "floors": [{"dimension": n, "floor": comparison.floor(n)} for n in comparison.dimensions],
        "advice": comparison.advice(),
        "interrupted": interrupted,
    }


def _row(comparison: Comparison, dimension: int, backend: str) -> dict[str, Any]:
    ratio = comparison.ratio(dimension, backend)
    numbers: dict[str, Any] = {"overhead": None, "low": None, "high": None}
    if ratio is not None:
        numbers = {"overhead": ratio.median, "low": ratio.low, "high": ratio.high}
    case = comparison.found[dimension, backend]
    return {
        "backend": backend,
        "kind": describe(backend).kind,
        "dimension": dimension,
        **numbers,
        "samples": case.overhead,
        "missing": case.missing,
        "failed": case.failed,
    }


def _print(comparison: Comparison, checked: dict[int, Checked], interrupted: bool) -> None:
    console = Console(file=sys.stdout)
    worst = max(checked.values(), key=lambda found: found.error)
    first, unit = next(iter(checked.values())), comparison.model.unit
    console.print(
        f"{comparison.model.name}: {comparison.model.summary}\n"
        f"gradient(x) agrees with energy by {first.method}, to {worst.error:.0e}.",
        markup=False,
        highlight=False,
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("backend", "kind"):
        table.add_column(column, no_wrap=True)
    for dimension in comparison.dimensions:
        table.add_column(formatting.at(dimension, unit), justify="right", no_wrap=True)
    for name in comparison.ranked():
        kind = f"your {comparison.quantity}, again" if name == "numpy" else describe(name).kind
        table.add_row(name, kind, *(_ratio(comparison, n, name) for n in comparison.dimensions))
    console.print(table)
    for reason in _reasons(comparison):
        console.print(reason, markup=False, highlight=False)
    floors = ", ".join(f"{comparison.floor(n):.0%}" for n in comparison.dimensions)
    console.print(
        f"Time of a {comparison.quantity} over that of yours: median and 99 % interval of three "
        f"processes. A difference from 1 of less than the floor ({floors}) is none: identical code "
        "differs by that much between runs.",
        markup=False,
        highlight=False,
    )
    if interrupted:
        console.print("Interrupted: these are the numbers so far.")
    console.print(f"\n{comparison.advice()}", markup=False, highlight=False)


def _ratio(comparison: Comparison, dimension: int, backend: str) -> str:
    ratio = comparison.ratio(dimension, backend)
    if ratio is None:
        return "n/a"
    return f"{ratio.median:.3g} ({ratio.low:.3g}–{ratio.high:.3g})"


def _reasons(comparison: Comparison) -> Sequence[str]:
    """Why backends have no number, each reason once."""
    found: dict[str, None] = {}
    for (dimension, name), case in comparison.found.items():
        if reason := comparison.reason(dimension, name):
            said = "failed" if case.failed else "n/a"
            found[f"{said}  {reason}" if name in reason else f"{said}  {name}: {reason}"] = None
    return list(found)
