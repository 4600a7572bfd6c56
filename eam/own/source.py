"""Reading the reader's file or object: what it defines, and what is wrong with it."""

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..errors import FunctionFileError, Interrupted
from ..quantities import GRADIENT

DIMENSIONS = (10, 100, 1_000)

# name -> the arguments it is called with
REQUIRED = {"energy": ("x", "xp"), "gradient": ("x",), "x0": ("dimension",)}
_FOLDERS: list[str] = []  # the last entries of sys.path, as far as they are the reader's
_LONGEST = 200  # characters of a message
_REQUESTS_TO_END = (GeneratorExit, Interrupted, KeyboardInterrupt)  # no faults of the reader's code

OPTIONAL = {
    "gradient_into": ("out", "x"),
    "value_and_gradient": ("x",),
    "hessian_vector": ("x", "v"),
    "energy_loop": ("x",),
    "gradient_loop": ("out", "x"),
}


@dataclass(frozen=True, eq=False)
class Source:
    """The functions and texts that the reader's file or object defines.

    Attributes:
        reference: as :func:`eam.problem` takes it.
        name: see :func:`name_of`.
        path: of the file; for an object, that of its module.
        functions: name -> function, of those that the contract names.
        takes_sum_of: whether `energy` has the parameter `sum_of`.
        dimensions: where the function is measured.
        summary: a phrase.
        unit: what a dimension counts.
    """

    reference: str
    name: str
    path: Path
    functions: dict[str, Callable[..., Any]]
    takes_sum_of: bool
    dimensions: tuple[int, ...]
    summary: str
    unit: str

    def line_of(self, name: str) -> int:
        """The line that one of the functions begins at; 0 where Python does not know it."""
        return _first_line(self.functions[name])

    def lines_by_hand(self, quantity: str) -> int:
        """How many lines a quantity takes by hand, blank lines left out."""
        names = {quantity}
        if quantity.endswith(GRADIENT):  # a Hessian-vector product does not replace the gradient
            names |= {name for name in self.functions if name.startswith(GRADIENT)}
        written = [function for name, function in self.functions.items() if name in names]
        lines = {line for f in written for line in _numbered_lines(f) if line[1].strip()}
        return len(lines)

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        """Call one of the functions.

        Raises:
            FunctionFileError: it raised an error; the message has the line and the error.
        """
        with self.running(name, "raises"):
            return self.functions[name](*arguments, **keywords)

    @contextmanager
    def running(self, name: str, verb: str) -> Generator[None]:
        """Inside, an error is that of one of the functions.

        Raises:
            FunctionFileError: "NAME VERB ERROR", with the line.
        """
        try:
            yield
        except _REQUESTS_TO_END:
            raise
        except BaseException as error:
            line = line_in(self.path, error) or self.line_of(name)
            raise FunctionFileError(self.path, line, f"{name} {verb} {shown(error)}") from error


def is_reference(name: object) -> bool:
    """Whether a model's name means the reader's own: 'my_energy.py', 'package.module:object'."""
    return isinstance(name, str) and (is_file(name) or ":" in name)


def is_file(name: str) -> bool:
    """Whether a name means a file: it ends with .py, or has a path separator."""
    return name.endswith(".py") or "/" in name or os.sep in name


def name_of(reference: str) -> str:
    """The name under which a file or an object is shown, and its results are stored.

    That of the file without its suffix, or of the object; where eam has a model of this name, the
    suffix or the module stays: toy.py must not be taken for the toy.
    """
    from ..models import built_in_names  # which imports this package

    if is_file(reference):
        short, whole = Path(reference).stem, Path(reference).name
    else:
        module, _, attribute = reference.partition(":")
        short, whole = attribute, f"{module}.{attribute}"
    return whole if short in built_in_names() else short


def read(reference: str) -> Source:
    """Read a file or object; this runs its code, again only after the file has changed.

    Raises:
        FunctionFileError: it is not there, cannot be imported, or lacks something.
    """
    if not is_file(reference):
        return _read_object(reference, tuple(sys.path))
    path = Path(reference)
    if path.suffix != ".py":
        raise FunctionFileError(reference, 0, "is a path, so it has to end with .py")
    if not path.is_file():
        raise FunctionFileError(reference, 0, "there is no such file")
    return _read_file(reference, str(path.resolve()), path.stat().st_mtime_ns)


@lru_cache
def _read_file(reference: str, resolved: str, changed: int) -> Source:
    path = Path(resolved)
    module_name = f"eam_own_{path.stem}"
    loader = SourceFileLoader(module_name, resolved)
    module = module_from_spec(ModuleSpec(module_name, loader, origin=resolved))
    module.__file__ = resolved
    sys.modules[module_name] = module
    # as for a script, what lies beside the file can be imported
    with imports_from(path.parent):
        _run(lambda: loader.exec_module(module), reference, path)
    _also_import_from(str(path.parent))
    return _source(module, reference, path)


@lru_cache
def _read_object(reference: str, path: tuple[str, ...]) -> Source:
    """Read an object, which may be another one on another path."""
    module_name, _, attribute = reference.partition(":")
    _also_import_from(os.getcwd())  # noqa: PTH109
    module: Any = _run(lambda: import_module(module_name), reference, None)
    try:
        found: Any = attrgetter(attribute)(module)
    except AttributeError as error:
        raise FunctionFileError(module.__file__ or module_name, 0, str(error)) from error
    return _source(found, reference, Path(module.__file__ or module_name))


@contextmanager
def imports_from(folder: Path, *others: Path) -> Generator[None]:
    """Import from a folder, then forget those modules: another version may be imported next.

    asv and the gate read a file at two commits in one process. Without this, both would get the
    helper modules of the first.
    """
    path, known = list(sys.path), set(sys.modules)
    sys.path[:0] = map(str, (folder, *others))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in sys.modules.keys() - known:
            if _lies_in(folder, sys.modules[name]):
                del sys.modules[name]


def _lies_in(folder: Path, module: Any) -> bool:
    file = getattr(module, "__file__", None)
    if not file or not Path(file).resolve().is_relative_to(folder):
        return False
    # a virtual environment in the folder is no part of it, and no library can be imported twice
    return "site-packages" not in Path(file).parts


def _also_import_from(folder: str) -> None:
    """For imports within functions: the folder of what was read last comes first."""
    if folder in _FOLDERS or folder not in sys.path:
        _FOLDERS[:] = [folder, *(other for other in _FOLDERS if other != folder)]
        sys.path[:] = [*(entry for entry in sys.path if entry not in _FOLDERS), *_FOLDERS]


def _run(load: Callable[[], Any], reference: str, path: Path | None) -> Any:
    """Import the reader's code; what it raises becomes one sentence with the line."""
    try:
        return load()
    except SyntaxError as error:
        said = f"is not Python: {error.msg}"
        raise FunctionFileError(error.filename or reference, error.lineno or 0, said) from error
    except _REQUESTS_TO_END:
        raise
    except BaseException as error:
        said = f"cannot be imported: {shown(error)}"
        line = line_in(path, error) if path is not None else 0
        raise FunctionFileError(reference, line, said) from error


def line_in(path: Path, error: BaseException) -> int:
    """The innermost line of a file that an error came through; 0 if it came from elsewhere."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno or 0) for frame in frames]
    if (compiled := getattr(error, "loc", None)) is not None:  # numba's: what it cannot compile
        places.append((compiled.filename, compiled.line))
    lines = [line for filename, line in places if Path(filename) == path]
    return lines[-1] if lines else 0


def shown(error: BaseException) -> str:
    """An error of the reader's code in one line, cut where a library writes a page."""
    said = " ".join(str(error).split())
    short = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
    return f"{type(error).__name__}: {short}"


def _source(found: Any, reference: str, path: Path) -> Source:
    name = name_of(reference)
    functions: dict[str, Callable[..., Any]] = {}
    for function, arguments in (REQUIRED | OPTIONAL).items():
        given = getattr(found, function, None)
        if given is None and function in OPTIONAL:
            continue
        if not callable(given):
            wanted = f"{function}({', '.join(arguments)})"
            raise FunctionFileError(path, 0, f"defines no function {wanted}, which eam needs")
        _check_signature(given, function, arguments, path)
        functions[function] = given
    return Source(
        reference=reference,
        name=name,
        path=path,
        functions=functions,
        takes_sum_of="sum_of" in inspect.signature(functions["energy"]).parameters,
        dimensions=_dimensions(found, path),
        summary=_text(found, "SUMMARY", path) or _first_sentence(found) or name,
        unit=_text(found, "UNIT", path) or "N",
    )


def _check_signature(given: Any, name: str, arguments: tuple[str, ...], path: Path) -> None:
    signature = inspect.signature(getattr(given, "py_func", given))
    keywords = ["sum_of"] if name == "energy" and "sum_of" in signature.parameters else []
    try:
        signature.bind(*arguments, **dict.fromkeys(keywords))
    except TypeError:
        raise FunctionFileError(
            path,
            _first_line(given),
            f"{name} has to take ({', '.join(arguments)}), and takes {signature}",
        ) from None


def _first_line(function: Any) -> int:
    code = getattr(getattr(function, "py_func", function), "__code__", None)
    return code.co_firstlineno if code is not None else 0


def _numbered_lines(function: Any) -> list[tuple[int, str]]:
    try:
        lines, first = inspect.getsourcelines(getattr(function, "py_func", function))
    except (OSError, TypeError):  # its source is nowhere, or it is no Python
        return []
    return list(enumerate(lines, first))


def _dimensions(found: Any, path: Path) -> tuple[int, ...]:
    given = getattr(found, "DIMENSIONS", DIMENSIONS)
    try:
        dimensions = tuple(sorted({int(dimension) for dimension in given}))
    except (TypeError, ValueError):
        dimensions = ()
    if not dimensions or dimensions[0] < 1:
        said = f"DIMENSIONS has to be a tuple of whole numbers from 1 on, and is {given!r}"
        raise FunctionFileError(path, 0, said)
    return dimensions


def _text(found: Any, name: str, path: Path) -> str:
    given = getattr(found, name, "")
    if not isinstance(given, str):
        raise FunctionFileError(path, 0, f"{name} has to be a string, and is {given!r}")
    return given


def _first_sentence(found: Any) -> str:
    text = inspect.getdoc(found) or ""
    return text.partition("\n")[0].rstrip(".")
