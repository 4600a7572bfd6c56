"""Cold costs, which the other benchmarks leave out: imports, first calls, and their break-even."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from eam.measure import startup

from ..backends import Backend
from ..model import Model
from .base import Cases, Noting, attributes


def imported_by(backends: Mapping[str, Backend]) -> dict[str, str]:
    """library -> what its backends import: itself, and numba where it compiles their loops."""
    names: dict[str, set[str]] = {}
    for backend in backends.values():
        loops = {"numba"} if backend.needs_energy_loop else set[str]()
        names.setdefault(backend.library, {backend.library}).update(loops)
    return {
        library: ", ".join([library, *sorted(names[library] - {library})])
        for library in sorted(names)
    }


class Import(Noting):
    """Seconds to import a library in a new process; fails if the import fails."""

    param_names: ClassVar[list[str]] = ["library"]
    params: ClassVar[list[Any]]
    number = 1
    repeat = 2
    version = "2"
    imports: ClassVar[Mapping[str, str]]

    def make_ready(self, *parameters: Any) -> None:
        """A library that is not installed is n/a."""
        (library,) = parameters
        if find_spec(library) is None:
            raise NotImplementedError(f"{library} is not installed")

    def timeraw_import(self, library: str) -> str:
        """The import statement; Python's own start is not counted."""
        return f"import {self.imports.get(library, library)}"


class FirstCall(Cases):
    """A model's first gradient in a process, with empty caches on disk; imports not counted."""

    version = "1"

    @classmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """At the dimension where backends are compared."""
        cls.params = [[model.dimensions.reference], list(backends)]

    def measure(self, reference: str, dimensions: Sequence[int], backends: Sequence[str]) -> Any:
        """Measure every backend, each in a process of its own."""
        return startup.measure(reference, dimensions, backends)

    @attributes(unit="seconds")
    def track_first_call(self, cases: Any, dimension: int, backend: str) -> float:
        """Seconds to prepare (trace, compile) and take the first gradient."""
        return self.case.first

    @attributes(unit="gradients")
    def track_break_even(self, cases: Any, dimension: int, backend: str) -> float:
        """Gradients after which that is paid back against numpy's; n/a for never."""
        return self.case.break_even
