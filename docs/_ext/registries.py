"""Directives that draw reference pages from the code, so no page has to repeat it."""

import inspect
import os
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import benchmarks
import eam
from eam.backends import describe
from eam.commands.main import COMMANDS, make_parser
from eam.models import model

ROOT = Path(__file__).parents[2]
TIMED = ("time_", "timeraw_", "track_", "peakmem_")


class Generated(SphinxDirective):
    """A directive that puts Markdown in its place."""

    def run(self) -> list[nodes.Node]:
        """The nodes of the Markdown; a page is built again when the code has changed."""
        for path in (ROOT / "eam").rglob("*.py"):
            self.env.note_dependency(str(path))
        return self.parse_text_to_nodes(self.markdown(), allow_section_headings=True)

    def markdown(self) -> str:
        """The Markdown that replaces the directive."""
        raise NotImplementedError


class Commands(Generated):
    """The help text of every command."""

    def markdown(self) -> str:
        """A section a command."""
        os.environ["COLUMNS"] = "80"  # argparse fits its text to the terminal
        return "\n".join(
            f"## {name}\n\n{summary[0].upper()}{summary[1:]}.\n\n"
            f"```text\n{make_parser(name).format_help()}```\n"
            for name, (_, summary) in COMMANDS.items()
        )


class Backends(Generated):
    """The registry of backends."""

    def markdown(self) -> str:
        """A row a backend."""
        rows = []
        for name in eam.backend_names():
            backend = describe(name)
            limits = [f"{backend.platforms} only"] if backend.platforms else []
            if backend.max_size is not None:
                limits.append(f"x.size up to {backend.max_size}")
            if backend.needs_pairs:
                limits.append("models of atoms only")
            if not backend.has_gather:
                limits.append("no models of atoms")
            in_place = "yes" if backend.in_place else ""
            library = f"`{backend.library}`"
            rows.append([f"`{name}`", library, backend.kind, in_place, "; ".join(limits)])
        return table(["backend", "extra", "kind", "in place", "limits"], rows)


class Models(Generated):
    """The registry of models."""

    def markdown(self) -> str:
        """A row a model."""
        rows = [
            [f"`{name}`", model(name).summary, model(name).unit, _module(name)]
            for name in eam.model_names()
        ]
        return table(["model", "what it is", "dimension counts", "module"], rows)


class Benchmarks(Generated):
    """The asv suite."""

    def markdown(self) -> str:
        """A row a benchmark, with the first line of its docstring."""
        rows = [
            [f"`{method}`", ", ".join(f"`{name}`" for name in classes), unit, text]
            for (method, unit, text), classes in _benchmarks().items()
        ]
        return table(["benchmark", "of", "unit", "measures"], rows)


def _benchmarks() -> dict[tuple[str, str, str], list[str]]:
    """(method, unit, what it measures) -> the classes that have it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for module in pkgutil.iter_modules(benchmarks.__path__, "benchmarks."):
        for name, suite in vars(import_module(module.name)).items():
            for method in dir(suite) if _is_suite(suite, module.name) else ():
                function = getattr(suite, method)
                if method.startswith(TIMED) and not hasattr(function, "skip_benchmark"):
                    text = (inspect.getdoc(function) or "").split("\n")[0]
                    row = method, _unit(suite, method), text
                    where = module.name.removeprefix("benchmarks.")
                    found.setdefault(row, []).append(f"{where}.{name}")
    return found


def _is_suite(value: Any, module: str) -> bool:
    return inspect.isclass(value) and value.__module__ == module and not inspect.isabstract(value)


def _unit(suite: Any, method: str) -> str:
    if method.startswith("time"):
        return "seconds"
    if method.startswith("peakmem_"):
        return "bytes"
    return str(getattr(getattr(suite, method), "unit", getattr(suite, "unit", "")))


def _module(name: str) -> str:
    module = inspect.getmodule(eam.problem(name, model(name).dimensions.tests[-1]).energy)
    return f"`{module.__name__}`" if module else ""


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("eam-commands", Commands)
    app.add_directive("eam-backends", Backends)
    app.add_directive("eam-models", Models)
    app.add_directive("eam-benchmarks", Benchmarks)
    return {"parallel_read_safe": True}
