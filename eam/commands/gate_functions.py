"""The gate in another repository: the reader's own functions, as eam.toml names them."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ..backends import built_in_names, describe
from ..errors import InputError, UnknownModelError
from ..gate import versions
from ..gate.comparison import Comparison, compare, plan
from ..gate.side_by_side import FUNCTIONS
from ..init.finding import top_of_repository
from ..models import model as model_record
from ..models import problem as make_problem
from ..own.repository import Repository
from .gate_table import as_json, exit_status, print_table, worth_showing
from .options import quantities, whole_numbers


def compare_functions(args: argparse.Namespace, repository: Repository) -> int:
    """Compare each function at a commit with that of the working tree; returns the status."""
    if args.write:
        raise InputError("--write is for a checkout of eam; here, redirect the output")
    if args.explain:
        raise InputError(
            f"--explain is for a checkout of eam; your own change is shown by: git diff {args.base}"
        )
    top = top_of_repository(repository.top)
    base = versions.commit(top, args.base)
    now = versions.commit(top, "HEAD")[:10]
    head = f"{now} with uncommitted changes" if versions.is_modified(top, ".") else now
    found: dict[str, list[Comparison]] = {}
    with tempfile.TemporaryDirectory(prefix="eam-gate-") as directory:
        old = versions.extract(top, base, Path(directory, "base"), ".")
        new = versions.snapshot_of_all(top, Path(directory, "head"))
        for model in _chosen(args.model, repository):
            rows = _compare(args, repository, top, model, old, new)
            found[model] = worth_showing(rows, bool(args.backends))
    if args.json:
        print(json.dumps([as_json(m, base, head, rows) for m, rows in found.items()], indent=2))
    else:
        for model, rows in found.items():
            print_table(f"{model}: {head} over {args.base} ({base[:10]})", rows, sys.stdout)
    return exit_status([row for rows in found.values() for row in rows])


def _compare(
    args: argparse.Namespace, repository: Repository, top: Path, model: str, old: Path, new: Path
) -> list[Comparison]:
    """The rows of one function, by its path from the top or as package.module:object."""
    reference = str(top / model) if model.endswith(".py") else model
    dimensions = (
        whole_numbers("--dimensions", args.dimensions)
        if args.dimensions
        else model_record(reference).dimensions.overheads
    )
    sizes = {dimension: make_problem(reference, dimension).x0.size for dimension in dimensions}
    names = args.backends.split(",") if args.backends else repository.backends or built_in_names()
    rows = plan([describe(name).name for name in names], sizes, quantities(args.quantity))
    console = Console(stderr=True)
    console.print(f"Running the code in {model}, old and new", markup=False, highlight=False)
    with Progress(console=console, transient=True, disable=args.json) as progress:
        task = progress.add_task(f"comparing old and new {model}", total=1.0)
        compare(
            old,
            new,
            model,
            rows,
            of=FUNCTIONS,
            progress=lambda done: progress.update(task, completed=done),
        )
    return rows


def _chosen(wanted: str | None, repository: Repository) -> list[str]:
    """The functions to compare, files by their path from the top of the git repository."""
    top = top_of_repository(repository.top)
    known = [
        Path(name).relative_to(top).as_posix() if name.endswith(".py") else name
        for name in repository.models
    ]
    if wanted is None:
        return known
    if wanted not in known:
        raise UnknownModelError(wanted, known)
    return [wanted]
