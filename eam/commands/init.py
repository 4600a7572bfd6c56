"""Track a function of your own in your own repository: write asv.conf.json, eam.toml, benchmarks/.

FILE is a Python file with `energy(x, xp)`, `gradient(x)` and `x0(dimension)`; without one, all such
files of the repository are taken, and in a repository without any, an example is written. Their
code is run. The versions of libraries are those installed here.

No file that exists is changed. Run it in a git repository.

Exit status: 0 the files are there, 2 a file cannot be used or this is no git repository.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from ..backends import backend_names, describe, is_available
from ..compare.gradient_check import check_gradient
from ..errors import InputError
from ..init import environment, files
from ..init.finding import functions_in, imports_of, top_of_repository
from ..model import Model
from ..models import model as model_record
from ..models import problem as make_problem


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `init`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="default: all in the repository")
    parser.add_argument(
        "--backends", metavar="A,B,...", help="to measure (default: all whose library is here)"
    )


def run(args: argparse.Namespace) -> int:
    """Check the functions and write what is not there yet."""
    top = top_of_repository(Path.cwd())
    names = [_from_top(top, file) for file in args.files] or functions_in(top)
    if not names:
        _write(top, {files.EXAMPLE: files.example()})
        names = [files.EXAMPLE]
    models = [model_record(top / name) for name in names]
    for model in models:
        print(f"running the code in {model.source}")
        check_gradient(make_problem(model.source, model.dimensions.tests[0]))
    backends = args.backends.split(",") if args.backends else _offered(models)
    records = [describe(name) for name in backends]
    where = environment.requirement(top)
    imported: Iterable[str] = {name for model in models for name in imports_of(Path(model.source))}
    versions = environment.pins(records, imported, from_index=where is None)
    _write(top, files.configuration(top, names, backends, versions, where))
    _describe_machine()
    print(_NEXT)
    return 0


_NEXT = """
Commit these files; asv measures commits, and nothing else. Then:

  asv run HEAD^!               measures the commit
  asv publish && asv preview   shows the report
  asv compare HEAD^ HEAD       compares two measured commits
  eam track                    measures and publishes; stop it when you like, it goes on next time
  eam gate HEAD                says what your edits cost, before you commit them"""


def _from_top(top: Path, file: str) -> str:
    """A file by its path from the top of the repository."""
    path = Path(file).resolve()
    if not path.is_relative_to(top.resolve()):
        raise InputError(f"{file} is not in the repository {top}")
    return path.relative_to(top.resolve()).as_posix()


def _offered(models: Iterable[Model]) -> list[str]:
    """The backends whose library is here and that take one of the models."""
    return [
        name
        for name in backend_names()
        if is_available(name)
        and any(
            describe(name).refusal(model, model.dimensions.tests[0]) is None for model in models
        )
    ]


def _write(top: Path, texts: dict[str, str]) -> None:
    """Write the files that are not there."""
    for name, text in texts.items():
        path = top / name
        if path.exists():
            print(f"kept    {name}, which was there")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote   {name}")


def _describe_machine() -> None:
    """Tell asv what machine this is, or its first run would ask."""
    try:
        from ..tracking.machine import describe_machine
    except ModuleNotFoundError:  # asv is not here yet
        return
    describe_machine()
