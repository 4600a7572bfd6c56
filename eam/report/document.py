"""Everything the report shows, as one document: the pages are drawn from it, and from it alone.

So each number on a page is found in `overheads.json`. A field that changes its meaning, or goes,
raises SCHEMA_VERSION; docs/reference/overheads-json.md describes the fields.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..backends import CUSTOM, MANUAL, REVERSE
from ..errors import InputError
from ..measure.fit import fit_affine, worst_misfit
from . import findings
from .findings import CustomAdjoint
from .missing import missing
from .names import by_library, kind, library
from .ratios import Estimate, Ratio
from .results import OVERHEAD, REFERENCE, TIME, ModelResults, Run, latest
from .schema import (
    BesideEntry,
    CaseEntry,
    CustomAdjointEntry,
    Document,
    EstimateEntry,
    Field,
    GrowthEntry,
    ModelEntry,
    NowEntry,
    Post2019Entry,
    RatioEntry,
    RunEntry,
    VerdictEntry,
)
from .sentences import headline, questions
from .startup import startup_costs
from .steps import steps
from .verdicts import Verdict, claimed_crossover, verdicts

SCHEMA_VERSION = 1

# field of a case -> benchmark
FIELDS: Mapping[Field, str] = {
    "gradient_seconds": TIME,
    "value_seconds": "time_value",
    "allocations": "track_allocations",
    "allocated_bytes": "track_allocated_bytes",
    "peak_bytes": "track_peak",
    "process_peak_bytes": "peakmem_gradient",
}
MEMORY: tuple[Field, ...] = ("allocations", "allocated_bytes", "peak_bytes", "process_peak_bytes")


def document(
    runs: Sequence[Run], unreadable: Sequence[str], subjects: Mapping[str, str]
) -> Document:
    """The document of all runs.

    Args:
        runs: in the order of their commits.
        unreadable: what keeps other result files out.
        subjects: commit -> the first line of its message.
    """
    shown = latest(runs)
    entries = [_run(run, subjects.get(run.commit, ""), latest=run in shown) for run in runs]
    return {
        "schema": "eam-overheads",
        "schema_version": SCHEMA_VERSION,
        "unreadable": list(unreadable),
        "seed_2019": post_2019(),
        "runs": entries,
        "steps": steps(entries),
    }


def post_2019() -> Post2019Entry:
    """The forum post's table as ratios to its manual gradient."""
    manual = findings.POST_2019["manual"].microseconds
    return {
        "dimension": findings.POST_DIMENSION,
        "recovered": findings.POST_RECOVERED,
        "rows": [
            {
                "way": way,
                "ratio": row.microseconds / manual,
                "allocations": row.allocations,
                "allocated_bytes": row.allocated_bytes,
            }
            for way, row in findings.POST_2019.items()
        ],
    }


def _beside_2019(results: ModelResults) -> list[BesideEntry]:
    """The rows of the forum post, each with what stands for it today, over NumPy at N = 100."""
    names = results.timed_backends
    today = {
        "value": [],
        "manual": [REFERENCE],
        "manual in place": [n for n in names if kind(n) == MANUAL and n.endswith("-inplace")],
        "AD": [group[0] for group in by_library(n for n in names if kind(n) == REVERSE).values()],
        "AD, custom adjoint": [n for n in names if kind(n) == CUSTOM],
    }
    rows: list[BesideEntry] = []
    for row in post_2019()["rows"]:
        now = [(n, results.overhead(findings.POST_DIMENSION, n)) for n in today[row["way"]]]
        omega = results.overhead(findings.POST_DIMENSION, REFERENCE, "value")
        if row["way"] == "value" and omega is not None:
            now = [(REFERENCE, omega.inverse())]
        found: list[NowEntry] = [
            {"backend": name, **ratio_entry(ratio)} for name, ratio in now if ratio is not None
        ]
        rows.append({**row, "now": found})
    return rows


def _run(run: Run, subject: str, *, latest: bool) -> RunEntry:
    return {
        "commit": run.commit,
        "subject": subject,
        "date": run.date,
        "machine": dict(run.machine),
        "python": run.python,
        "versions": dict(run.versions),
        "settings": dict(run.settings),
        "facts": dict(run.facts),
        "models": [_model(run, results) for results in run.models()],
        "latest": latest,
    }


def _model(run: Run, results: ModelResults) -> ModelEntry:
    names = results.backends(OVERHEAD, *FIELDS.values())
    dimensions = results.dimensions(OVERHEAD, *FIELDS.values())
    reference = results.reference_dimension
    at = results.record.dimensions.reference if reference is None else reference
    return {
        "model": results.model,
        "unit": results.unit,
        "reference_dimension": reference,
        "dimensions": list(dimensions),
        "backends": [{"backend": n, "library": library(n), "kind": kind(n)} for n in names],
        "floors": [{"dimension": n, "floor": results.floor(n)} for n in dimensions],
        "best_manual": [
            {"dimension": n, "backend": best}
            for n in dimensions
            if (best := results.best_manual(n)) is not None
        ],
        "cells": [_case(results, n, name) for name in names for n in dimensions],
        "headline": headline(results),
        "questions": questions(results),
        "verdicts": [_verdict(verdict) for verdict in verdicts(results)],
        "growth": [row for name in names if (row := _growth(results, name)) is not None],
        "custom_adjoints": [_custom(row) for row in findings.custom_adjoints(results, at)],
        "allocations": [
            {
                "backend": row.backend,
                "kind": row.kind,
                "in_place": row.in_place,
                "count": row.count,
                "allocated": row.allocated,
                "peak": row.peak,
                "gradient": row.gradient,
                "spares_the_result": row.spares_the_result,
            }
            for row in findings.allocations(results, at)
        ],
        "memory_dimensions": list(results.dimensions(*(FIELDS[name] for name in MEMORY))),
        "forward_modes": [
            {
                "library": row.library,
                "faster": list(row.faster),
                "level": list(row.level),
                "slower": list(row.slower),
            }
            for row in findings.forward_modes(results)
        ],
        "cold": [
            {
                "backend": row.backend,
                "dimension": row.dimension,
                "import_seconds": row.import_seconds,
                "first_seconds": row.first_seconds,
                "break_even": row.break_even,
            }
            for row in startup_costs(run, results.model)
        ],
        "beside_2019": _beside_2019(results) if results.model == "toy" else [],
        "missing": missing(results),
    }


def _case(results: ModelResults, dimension: int, backend: str) -> CaseEntry:
    def field(name: Field) -> EstimateEntry | None:
        return _estimate(results.get(FIELDS[name], dimension, backend))

    return {
        "backend": backend,
        "dimension": dimension,
        "overhead": {
            "numpy": _ratio(results.overhead(dimension, backend, "numpy")),
            "best": _ratio(results.overhead(dimension, backend, "best")),
            "value": _ratio(results.overhead(dimension, backend, "value")),
        },
        "why_missing": _why(results, dimension, backend),
        "gradient_seconds": field("gradient_seconds"),
        "value_seconds": field("value_seconds"),
        "allocations": field("allocations"),
        "allocated_bytes": field("allocated_bytes"),
        "peak_bytes": field("peak_bytes"),
        "process_peak_bytes": field("process_peak_bytes"),
    }


def _why(results: ModelResults, dimension: int, backend: str) -> str | None:
    """Why a case has no overhead: asv's word on the paired benchmark, else on the time."""
    if results.overhead(dimension, backend) is not None:
        return None
    reasons = [results.why(metric, dimension, backend) for metric in (OVERHEAD, TIME)]
    return next((reason for reason in ("failed", "n/a") if reason in reasons), "not run")


def _verdict(verdict: Verdict) -> VerdictEntry:
    return {
        "library": verdict.library,
        "version": verdict.version,
        "backend": verdict.backend,
        "name": verdict.name,
        "dimension": verdict.dimension,
        "word": verdict.word,
        "sentence": verdict.sentence,
        "standing": verdict.standing,
        "overhead": ratio_entry(verdict.ratio),
        "overhead_best": _ratio(verdict.best),
        "crossover": verdict.crossover,
    }


def _growth(results: ModelResults, backend: str) -> GrowthEntry | None:
    """The fit a + b N of a backend's times; None where there are too few."""
    times = {n: results.get(TIME, n, backend) for n in results.dimensions(TIME)}
    measured = {n: time.value for n, time in times.items() if time is not None}
    try:
        per_call, per_element = fit_affine(list(measured), list(measured.values()))
    except InputError:
        return None
    worst, misfit = None, None
    if len(measured) > 2:  # a line through two points fits them both
        worst, misfit = worst_misfit(list(measured), list(measured.values()))
    return {
        "backend": backend,
        "seconds_per_call": per_call,
        "seconds_per_element": per_element,
        "worst_dimension": worst,
        "worst_misfit": misfit,
        "crossover": claimed_crossover(results.overheads(backend)),
    }


def _custom(row: CustomAdjoint) -> CustomAdjointEntry:
    return {
        "library": row.library,
        "plain": ratio_entry(row.plain),
        "custom": ratio_entry(row.custom),
        "primitive": _ratio(row.primitive),
        "recovered": row.recovered,
    }


def ratio_entry(ratio: Ratio) -> RatioEntry:
    """A ratio as the document has it."""
    return {
        "value": ratio.value,
        "low": ratio.low,
        "high": ratio.high,
        "floor": ratio.floor,
        "paired": ratio.paired,
        "standing": ratio.standing,
    }


def _ratio(ratio: Ratio | None) -> RatioEntry | None:
    return None if ratio is None else ratio_entry(ratio)


def _estimate(estimate: Estimate | None) -> EstimateEntry | None:
    if estimate is None:
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def finite(value: Any) -> Any:
    """The same with null for every number that JSON does not have: NaN and the infinities."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
