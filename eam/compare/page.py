"""A comparison as a page of the report: the one of a model, with nothing beside it."""

import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ..backends import is_available, manual_names
from ..measure.facts import facts
from ..measure.interval import median_interval
from ..measure.overhead import Overheads
from ..report.document import Repository, document
from ..report.history import reduced
from ..report.pages import write_model_page
from ..report.ratios import Estimate
from ..report.results import OVERHEAD, PAIRED, Key, ModelResults, Run
from ..report.suite import Suite
from ..tracking.machine import machine_name
from .comparison import Comparison


def write_page(comparison: Comparison, path: Path) -> None:
    """Write what was measured as one HTML file, which needs no other."""
    about, now = facts(), datetime.now(UTC)
    model = comparison.model
    results = ModelResults(
        model.name,
        numbers=_numbers(comparison),
        missing={
            Key(OVERHEAD, dimension, name): ("failed" if case.failed else "n/a", reason)
            for (dimension, name), case in comparison.found.items()
            if (reason := comparison.reason(dimension, name))
        },
        suite=_suite(comparison),
    )
    run = Run(
        path=path,
        commit="",
        date=int(1000 * now.timestamp()),
        machine={
            "machine": machine_name(),
            "cpu": about["cpu"] or "",
            "num_cpu": str(about["cpus"]),
            "arch": "",
            "os": about["system"],
        },
        python=about["python"],
        versions={k.replace("_", "-"): v for k, v in about["versions"].items() if v},
        settings={},
        results={model.name: results},
        facts=about,
    )
    everything = document([run], [reduced(run)], [], Repository({}, {}), run.date)
    everything["runs"][0]["subject"] = f"eam {shlex.join(sys.argv[1:])}"
    write_model_page(everything, path)


def _numbers(comparison: Comparison) -> dict[Key, Estimate]:
    # without a row of its own, the page would take another gradient for the fastest by hand
    has_best = {*_by_hand(comparison)} <= {*comparison.backends}
    numbers: dict[Key, Estimate] = {}
    for (dimension, name), case in comparison.found.items():
        for metric, samples in _samples(case).items():
            if samples and (metric != PAIRED["best"] or has_best):
                numbers[Key(metric, dimension, name)] = Estimate(*median_interval(samples))
    return numbers


def _by_hand(comparison: Comparison) -> Iterator[str]:
    """The gradients by hand that a best one is chosen from."""
    return filter(is_available, manual_names(comparison.model, comparison.dimensions[0]))


def _samples(case: Overheads) -> dict[str, list[float]]:
    return {OVERHEAD: case.overhead, PAIRED["best"]: case.best, PAIRED["value"]: case.omega}


def _suite(comparison: Comparison) -> Suite:
    """The entry that a suite would store of the function; the page takes its words from it."""
    model = comparison.model
    stored = {
        "model": model.name,
        "summary": model.summary,
        "dimension_unit": model.unit,
        "reference_dimension": max(comparison.dimensions),
        "params": [],
    }
    return Suite({"comparison": stored})
