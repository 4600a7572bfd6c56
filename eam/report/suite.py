"""The suite's benchmarks, and the model that each of them measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..model import Dimensions, Model, one_per_dimension

PARAMETERS = ["dimension", "backend"]


@dataclass(frozen=True)
class Suite:
    """The suite as asv's benchmarks.json describes it.

    Attributes:
        benchmarks: name -> what asv stored of it. The suite gives each benchmark of a model the
            attribute `model`, which asv stores too.
    """

    benchmarks: Mapping[str, Mapping[str, Any]]

    def has_version(self, benchmark: str, version: str | None) -> bool:
        """Whether a stored version is the suite's; a benchmark that is gone has any."""
        known = self.benchmarks.get(benchmark)
        return known is None or version is None or version == known["version"]

    def tracked(self, benchmark: str, params: Sequence[Sequence[str]]) -> tuple[str, str] | None:
        """(model, metric) of a benchmark over (dimension, backend); None for any other.

        The class stands for the model where asv knows of none: in an older suite, and for a
        benchmark that the suite no longer has.

        Args:
            benchmark: 'module.Class.metric'.
            params: the stored values of its parameters, as text.
        """
        *_, class_name, metric = ["", *benchmark.split(".")]
        known = self.benchmarks.get(benchmark, {})
        named = known.get("param_names", PARAMETERS) == PARAMETERS and class_name
        if not named or len(params) != 2 or not all(text.isdecimal() for text in params[0]):
            return None
        return str(known.get("model", class_name)), metric

    def record(self, model: str) -> Model:
        """The record of a model that is not registered here, from what asv stored of it.

        It is a function of the reader's own, or a model of another version. Where the suite stored
        nothing, its dimension is called N.
        """
        stored = next((b for b in self.benchmarks.values() if b.get("model") == model), {})
        dimensions = Dimensions(reference=stored.get("reference_dimension", 1))
        return Model(
            model,
            summary=stored.get("summary", ""),
            unit=stored.get("dimension_unit", "N"),
            shape=one_per_dimension,
            dimensions=dimensions,
        )

    @cached_property
    def pairs(self) -> Mapping[tuple[str, str], str]:
        """(model, metric) -> the benchmark that measures it."""
        return {
            pair: name
            for name, benchmark in self.benchmarks.items()
            if (pair := self.tracked(name, benchmark["params"])) is not None
        }
