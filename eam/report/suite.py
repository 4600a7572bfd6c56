"""The suite's benchmarks, and the model that each of them measures.

The model is the attribute `model` of a benchmark's class, read from the suite itself. Where the
suite has no such class any more, its stored name stands for the model.
"""

import importlib
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

PARAMETERS = ["dimension", "backend"]


class Suite:
    """What asv knows of the benchmarks, and what their classes say.

    Attributes:
        benchmarks: name -> what asv's benchmarks.json says of it.
        faults: the modules of the suite that cannot be imported, each with the reason.
    """

    def __init__(self, benchmarks: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
        """`folder` is the suite's, a package: asv's benchmark_dir."""
        self.benchmarks = benchmarks
        self.faults: list[str] = []
        self._folder = folder

    @cached_property
    def tracked(self) -> Mapping[str, tuple[str, str]]:
        """Benchmark -> (model, metric), for those over (dimension, backend)."""
        over = [
            name
            for name, benchmark in self.benchmarks.items()
            if benchmark.get("param_names") == PARAMETERS and name.count(".") >= 1
        ]
        return {name: (self._model(name), name.rpartition(".")[2]) for name in over}

    def _model(self, benchmark: str) -> str:
        """The model that a benchmark's class names; else the stored name of the class."""
        *path, class_name, _ = benchmark.split(".")
        module = self._module(".".join([self._folder.name, *path]))
        model = getattr(getattr(module, class_name, None), "model", None)
        return model if isinstance(model, str) else class_name

    def _module(self, name: str) -> ModuleType | None:
        """A module of the suite, or None where it is gone or cannot be imported."""
        try:
            with _importable(self._folder.parent):
                return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                self._fault(name, error)
        except Exception as error:  # the suite's own code, which may raise anything
            self._fault(name, error)
        return None

    def _fault(self, module: str, error: Exception) -> None:
        shown = "its models are shown under the names of its classes"
        fault = f"{module} cannot be imported ({error!r}); {shown}"
        if fault not in self.faults:
            self.faults.append(fault)


@contextmanager
def _importable(folder: Path) -> Generator[None]:
    """Look for packages in `folder` first."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
