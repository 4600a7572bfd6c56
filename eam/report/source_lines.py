"""How many lines of code a gradient by hand takes, beside those of the energy.

Counted from the sources: the functions that a call reaches in this package, without blank lines,
comments and docstrings. What a library's adapter does (:mod:`eam.ops`) is left out: the energy is
written over it once, for every library.
"""

import ast
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

import numpy as np

from .. import models
from ..model import Model
from ..ops import Ops
from ..problem import Problem
from ..quantities import quantity

_PACKAGE = Path(__file__).parents[1]
_ADAPTERS = (_PACKAGE / "ops.py", _PACKAGE / "quantities.py")
_OF_ATOMS = "fused"  # the module of eam/kernels for all models of atoms; the others have their own


class Function(NamedTuple):
    """A function of a source file, by the line that its code begins on."""

    path: Path
    line: int


class Lines(NamedTuple):
    """Lines of code of a model's energy, and of its gradients by hand: kind -> lines."""

    model: str
    energy: int
    by_hand: dict[str, int]


def source_lines(model: str) -> Lines:
    """Count the lines of a registered model."""
    record = models.model(model)
    problem = models.problem(model, record.dimensions.tests[0])
    return Lines(
        model,
        _lines(_reached(lambda: problem.energy(Ops(np), problem.x0, problem.data))),
        {
            "NumPy": _lines(_reached(lambda: problem.manual.gradient(problem.x0))),
            "numba": _lines(_named(_kernels(record, problem), "gradient_into")),
        },
    )


def _kernels(record: Model, problem: Problem) -> str:
    """The module of eam/kernels with the compiled gradient by hand."""
    return _OF_ATOMS if record.has_pairs else problem.energy.__module__.rpartition(".")[2]


def quantity_lines(model: str, name: str) -> tuple[int, int]:
    """The lines of a model's energy, and those of a quantity of it by hand in NumPy."""
    problem = models.problem(model, models.model(model).dimensions.tests[0])
    record = quantity(name)
    call, inputs = record.reference(problem), record.inputs(problem, problem.x0)
    return source_lines(model).energy, _lines(_reached(lambda: call(*inputs)))


def _reached(call: Callable[[], object]) -> set[Function]:
    """The functions of this package that a call reaches."""
    codes: set[CodeType] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    found = {Function(Path(code.co_filename), code.co_firstlineno) for code in codes}
    return {f for f in found if f.path.is_relative_to(_PACKAGE) and f.path not in _ADAPTERS}


def _named(module: str, name: str) -> set[Function]:
    """The functions of eam/kernels that one of them names, and those that these name.

    Compiled code cannot be followed while it runs, and numba need not be installed to read it.
    """
    folder = _PACKAGE / "kernels"
    found: set[Function] = set()
    todo = [(folder / f"{module}.py", name)]
    while todo:
        path, name = todo.pop()
        definition = _definitions(path).get(name)
        if definition is None:
            continue
        function = Function(path, _first_line(definition))
        if function in found:
            continue
        found.add(function)
        imported = _imports(path)
        for used in _names(definition):
            source = imported.get(used)
            todo.append((folder / f"{source}.py", used) if source else (path, used))
    return found


def _lines(functions: Iterable[Function]) -> int:
    """The lines of code of some functions; a function inside another counts once."""
    lines: set[tuple[Path, int]] = set()
    for function in functions:
        for node in ast.walk(_tree(function.path)):
            if isinstance(node, ast.FunctionDef) and _first_line(node) == function.line:
                lines |= {(function.path, line) for line in _code(node)}
    return len(lines)


def _code(definition: ast.FunctionDef) -> set[int]:
    """The lines that hold code: those of a statement or expression, but of no docstring."""
    body = definition.body
    documented = ast.get_docstring(definition) is not None
    lines = {definition.lineno}
    for statement in body[documented:]:
        for node in ast.walk(statement):
            if isinstance(node, ast.expr | ast.stmt):
                lines |= {node.lineno, node.end_lineno or node.lineno}
    return lines


def _first_line(definition: ast.FunctionDef) -> int:
    """As code objects have it: the first decorator's."""
    return min([definition.lineno, *(d.lineno for d in definition.decorator_list)])


def _names(definition: ast.FunctionDef) -> set[str]:
    nodes = (node for statement in definition.body for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _imports(path: Path) -> dict[str, str]:
    """Imported name -> the module of the same folder that it comes from."""
    return {
        alias.asname or alias.name: node.module
        for node in _tree(path).body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        for alias in node.names
    }


@cache
def _definitions(path: Path) -> dict[str, ast.FunctionDef]:
    if not path.exists():
        return {}
    return {node.name: node for node in _tree(path).body if isinstance(node, ast.FunctionDef)}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
