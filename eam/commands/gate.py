"""Compare the working tree with a commit: did a gradient, a value or another quantity get slower?

Every process times both versions in interleaved blocks, so a busy machine slows both alike.
Uncommitted changes count as new: `gate HEAD` measures what your edits cost, `gate main` what your
branch costs.

Timed are the gradients, and up to 10^4 elements the values. Of every other quantity that exists the
answers are compared, at the smallest dimension; --quantity virial,hessian_vector times them
instead. A row is BROKEN where the old version has a number and the new one raises, gives a
wrong or another answer, or does not offer the case any more. A library that is not installed is
not compared. `--explain jax@100` measures one row and prints what may have changed it.

In a repository with an eam.toml (see `eam init`), the functions that it names are compared, and
their code is run; --json prints a list of them.

`gate jax==0.7.2 jax==0.8.0` compares two releases of a library instead, each in an environment of
its own; either may also be a wheel file, or python==3.12 for the other one on that Python. With
`--with XLA_FLAGS=...` only the second has that environment variable, which may show a cause.

Exit status: 0 nothing got slower, 1 a row is SLOWER or BROKEN, 2 nothing could be
measured, the machine was too busy to tell, or a measuring process crashed.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from .. import backends
from ..errors import InputError, MissingToolError, UnknownBackendError
from ..gate import explain, versions
from ..gate.comparison import compare, plan
from ..measure.lock import only_measurement
from ..models import model as model_record
from ..models import problem as make_problem
from ..own.repository import find_repository
from ..quantities import GRADIENT
from .gate_explanation import print_explanation
from .gate_functions import compare_functions
from .gate_table import as_json, exit_status, print_table, worth_showing, write
from .options import TIMED, quantities, whole_numbers

# those that the suite tracks: elements of x, or atoms
DIMENSIONS = "100,10000,1000000"
ATOMS = "108,4000"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the gate."""
    parser.add_argument("base", help="commit, branch or tag to compare with; or a release")
    parser.add_argument("head", nargs="?", help="the second release, where the first is one")
    parser.add_argument(
        "--model", help="default toy; with an eam.toml, all its functions, or a file that it names"
    )
    parser.add_argument(
        "--dimensions",
        metavar="N,...",
        help=f"default {DIMENSIONS}; for atoms {ATOMS}; with an eam.toml, the file's DIMENSIONS",
    )
    parser.add_argument("--backends", metavar="A,B,...", help="only these (default: all)")
    parser.add_argument("--quantity", metavar="Q,...", help=f"time these: {', '.join(TIMED)}")
    parser.add_argument(
        "--explain", metavar="BACKEND@N", help="measure this row only, and print what changed it"
    )
    parser.add_argument(
        "--with",
        dest="variable",
        metavar="NAME=VALUE",
        help="of releases: an environment variable of the second one's processes",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--write", metavar="FOLDER", type=Path, help="also write table.txt and rows.json there"
    )


def run(args: argparse.Namespace) -> int:
    """Measure and print; the module's docstring lists the statuses."""
    repository = find_repository(Path.cwd())
    with only_measurement():
        if "==" in args.base or args.base.endswith(".whl"):
            if args.quantity:
                raise InputError("releases are compared by their gradients; leave out --quantity")
            args.model = args.model or "toy"
            return _compare_releases(args)
        if args.variable is not None:
            raise InputError("--with is for two releases, such as jax==0.4.36 jax==0.4.36")
        if args.head is not None:
            raise InputError(f"a commit is compared with the working tree, not with {args.head}")
        if repository is not None:
            return compare_functions(args, repository)
        return _compare_with_commit(args)


def _compare_with_commit(args: argparse.Namespace) -> int:
    args.model = args.model or "toy"
    if args.explain:
        _choose_row(args)
    asked = quantities(args.quantity)
    root = versions.repository()
    base = versions.commit(root, args.base)
    with tempfile.TemporaryDirectory(prefix="eam-gate-") as directory:
        top = Path(directory)
        old = versions.extract(root, base, top / "base")
        new = versions.snapshot(root, top / "head")
        names = _names(args.backends, versions.require_comparable(old, args.base))
        usual = ATOMS if model_record(args.model).has_pairs else DIMENSIONS
        wanted = whole_numbers("--dimensions", args.dimensions or usual)
        sizes = {dimension: make_problem(args.model, dimension).x0.size for dimension in wanted}
        rows = plan(names, sizes, asked)
        with Progress(console=Console(stderr=True), transient=True, disable=args.json) as progress:
            task = progress.add_task("comparing old and new", total=1.0)
            compare(
                old, new, args.model, rows, progress=lambda f: progress.update(task, completed=f)
            )
        rows = worth_showing(rows, bool(args.backends))
        now = versions.commit(root, "HEAD")[:10]
        head = f"{now} with uncommitted changes" if versions.is_modified(root) else now
        title = f"{args.model}: {head} over {args.base} ({base[:10]})"
        answer = as_json(args.model, base, head, rows)
        if args.json:
            print(json.dumps(answer, indent=2))
        else:
            print_table(title, rows, sys.stdout)
        if args.write:
            write(args.write, title, answer, rows)
        if args.explain:
            (row,) = rows
            found = explain.examine(old, new, args.model, row.backend, row.dimension, row.quantity)
            print_explanation(root, base, args.model, row, found)
    return exit_status(rows)


def _choose_row(args: argparse.Namespace) -> None:
    name, _, dimension = args.explain.rpartition("@")
    if not (name and dimension.isdecimal()):
        raise InputError(f"--explain takes a row such as jax@100, not {args.explain!r}")
    if args.json or args.backends or args.dimensions:
        raise InputError("--explain chooses the row; leave out --json, --backends, --dimensions")
    args.backends, args.dimensions = name, dimension
    args.quantity = args.quantity or GRADIENT
    if "," in args.quantity:
        raise InputError(f"--explain takes one quantity, not {args.quantity!r}")


def _compare_releases(args: argparse.Namespace) -> int:
    try:
        from .gate_releases import run as run_releases
    except ModuleNotFoundError as error:
        raise MissingToolError("the gate of releases", str(error.name), "releases") from error
    return run_releases(args)


def _names(wanted: str | None, old: list[str]) -> list[str]:
    """The names asked for, or those of both versions."""
    known = list(dict.fromkeys([*backends.backend_names(), *old]))
    names = wanted.split(",") if wanted else known
    for name in names:
        if name not in known:
            raise UnknownBackendError(name, known)
    return names
