"""The suite's benchmarks, and the model that each of them measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

PARAMETERS = ["dimension", "backend"]


@dataclass(frozen=True)
class Suite:
    """What asv's benchmarks.json says of the suite.

    Attributes:
        benchmarks: name -> what asv stored of it. The suite gives each benchmark of a model the
            attribute `model`, which asv stores too.
    """

    benchmarks: Mapping[str, Mapping[str, Any]]

    @cached_property
    def tracked(self) -> Mapping[str, tuple[str, str]]:
        """Benchmark -> (model, metric), for the benchmarks over (dimension, backend).

        A benchmark without the attribute is of an older suite: its class stands for the model.
        """
        found: dict[str, tuple[str, str]] = {}
        for name, benchmark in self.benchmarks.items():
            *_, class_name, metric = ["", *name.split(".")]
            if benchmark.get("param_names") == PARAMETERS and class_name:
                found[name] = str(benchmark.get("model", class_name)), metric
        return found
