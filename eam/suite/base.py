"""The base of every benchmark: parameters, prepared problems, and reasons kept.

Nothing here imports the library of a backend: asv imports every module of a suite to list it.
"""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import eam
from eam.measure.check import check
from eam.measure.environment import settle
from eam.models import problem as make_problem

from ..backends import Backend
from ..measure.processes import die_with_parent
from ..model import Model
from .commit import reference_at_commit


def attributes(**values: Any) -> Callable[[Any], Any]:
    """Give a function attributes, which is how asv reads the unit or the timeout of one."""

    def decorate(function: Any) -> Any:
        vars(function).update(values)
        return function

    return decorate


@lru_cache(maxsize=1)
def unchecked(reference: str, dimension: int, backend: str) -> Any:
    """The problem of a model made ready: imported, compiled, warmed.

    What is missing or not offered, or unknown to an older commit, becomes n/a with its text; any
    other error fails.
    """
    settle()
    errors = eam.errors
    try:
        return eam.prepare(make_problem(reference_at_commit(reference), dimension), backend)
    except (errors.MissingBackendError, errors.NotOfferedError, errors.UnknownNameError) as reason:
        raise NotImplementedError(str(reason)) from reason


@lru_cache(maxsize=1)
def prepared(reference: str, dimension: int, backend: str) -> Any:
    """The same, with its answer checked: a wrong one (CheckError) fails and is given no number."""
    return check(unchecked(reference, dimension, backend))


def end_with_the_run() -> None:
    """Let this process of `eam track` end when the run ends, however that happens."""
    if "EAM_REASONS" in os.environ:
        die_with_parent()


class Noting(ABC):
    """A benchmark that writes down why a case has no number, since asv keeps no reason.

    The file is the one that EAM_REASONS names; without it nothing is written.
    """

    param_names: ClassVar[list[str]]

    @abstractmethod
    def make_ready(self, *parameters: Any) -> None:
        """Do what `setup` has to; NotImplementedError for n/a, any other error for failed."""

    def setup(self, *parameters: Any) -> None:
        """Make ready, or note the reason."""
        end_with_the_run()
        try:
            self.make_ready(*parameters)
        except Exception as error:
            if path := os.environ.get("EAM_REASONS"):
                benchmark = f"{type(self).__module__.partition('.')[2]}.{type(self).__name__}"
                case = ", ".join(map(repr, parameters[-len(self.param_names) :]))
                with Path(path).open("a", encoding="utf-8") as file:
                    file.write(json.dumps([benchmark, f"({case})", str(error)]) + "\n")
            raise


class Grid(Noting):
    """The parameters of every benchmark of a model.

    Attributes:
        record: the model, as the suite has it.
        backends: those that the suite measures, in the order of its parameters.
    """

    param_names: ClassVar[list[str]] = ["dimension", "backend"]
    params: ClassVar[list[Any]]
    timeout = 180
    record: ClassVar[Model]
    backends: ClassVar[Mapping[str, Backend]]

    @property
    @abstractmethod
    def model(self) -> str:
        """The model's name. Abstract: asv must not run a class that has no model."""

    @classmethod
    @abstractmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """Set the parameters of the class from the record of its model."""

    @property
    def reference(self) -> str:
        """The name or path from which eam.problem makes a problem of the model."""
        return self.record.reference


def named_in(variable: str, name: str) -> bool:
    """Whether an environment variable names it, with commas between names, or is not set."""
    names = os.environ.get(variable)
    return names is None or name in names.split(",")


class Cases(Grid):
    """Tracks whose setup_cache has measured every case: (dimension, backend) -> case."""

    case: Any

    @abstractmethod
    def measure(self, reference: str, dimensions: Sequence[int], backends: Sequence[str]) -> Any:
        """Measure, once for all tracks."""

    @attributes(timeout=1800)
    def setup_cache(self) -> Any:
        """Measure once, in processes that each have one library."""
        end_with_the_run()
        reference = reference_at_commit(self.reference)
        return self.measure(reference, self._asked_dimensions(), self._asked_backends())

    def _asked_dimensions(self) -> list[int]:
        """The dimensions to measure: all, or where EAM_DIMENSIONS is set, those that it names.

        asv does not tell setup_cache which parameters it is about to run; a run of a few
        dimensions, or of what needs no cases, would otherwise wait for all of them.
        """
        is_known = bool(self.record.source) or self.record.name in eam.model_names()
        known: list[int] = list(self.params[0]) if is_known else []
        return [dimension for dimension in known if named_in("EAM_DIMENSIONS", str(dimension))]

    def _asked_backends(self) -> list[str]:
        """The backends to measure: those that the commit under test has, which may be older than
        this suite, or where EAM_BACKENDS is set, those of them that it names."""
        known = [name for name in self.backends if name in eam.backend_names()]
        return [name for name in known if named_in("EAM_BACKENDS", name)]

    def make_ready(self, *parameters: Any) -> None:
        """A missing library or a refusal is n/a; a failed check or a crash is failed."""
        cases, dimension, backend = parameters
        if (dimension, backend) not in cases:
            raise NotImplementedError(f"{backend!r} was not measured at dimension {dimension}")
        self.case = cases[dimension, backend]
        if self.case.missing:
            raise NotImplementedError(self.case.missing)
        if self.case.failed:
            raise RuntimeError(self.case.failed)
