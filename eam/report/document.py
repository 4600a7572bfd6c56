"""Everything the report says, as one JSON document: the pages are drawn from it, and from it alone.

So each number on a page is found in `overheads.json`. docs/reference/overheads-json.md describes
the fields; a field that changes its meaning, or goes, raises SCHEMA_VERSION.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..backends import CUSTOM, MANUAL, REVERSE
from ..errors import InputError
from ..measure.fit import fit_affine, worst_misfit
from . import findings, startup
from .missing import missing
from .overheads import (
    PAIRED,
    REFERENCE,
    Ratio,
    best_manual,
    floor,
    kind,
    libraries,
    library,
    overhead,
)
from .results import Estimate, Run, latest
from .sentences import headline, questions
from .steps import steps
from .verdicts import UNIT, Verdict, claimed_crossover, ratios_of, reference_dimension, verdicts

SCHEMA_VERSION = 1

# field of a cell -> benchmark
FIELDS = {
    "gradient_seconds": "time_gradient",
    "value_seconds": "time_value",
    "allocations": "track_allocations",
    "allocated_bytes": "track_allocated_bytes",
    "peak_bytes": "track_peak",
    "process_peak_bytes": "peakmem_gradient",
}

MEMORY = ("allocations", "allocated_bytes", "peak_bytes", "process_peak_bytes")

Json = dict[str, Any]


def document(runs: Sequence[Run], unreadable: Sequence[str], subjects: dict[str, str]) -> Json:
    """The document of all runs.

    Args:
        runs: in the order of their commits.
        unreadable: what keeps other result files out.
        subjects: commit -> the first line of its message.
    """
    shown = latest(runs)
    told = [{**_run(run, subjects.get(run.commit, "")), "latest": run in shown} for run in runs]
    return {
        "schema": "eam-overheads",
        "schema_version": SCHEMA_VERSION,
        "unreadable": list(unreadable),
        "seed_2019": seed_2019(),
        "runs": told,
        "steps": steps(told),
    }


def seed_2019() -> Json:
    """The forum post's table as ratios to its manual gradient."""
    manual = findings.SEED_2019["manual"][0]
    rows = [
        {"way": way, "ratio": time / manual, "allocations": count, "allocated_bytes": size}
        for way, (time, count, size) in findings.SEED_2019.items()
    ]
    return {"dimension": 100, "recovered": findings.SEED_RECOVERED, "rows": rows}


def _beside_2019(run: Run) -> list[Json]:
    """The rows of the forum post, each with what stands for it today, over NumPy at N = 100."""
    names = run.backends("toy", "track_overhead", "time_gradient")
    today = {
        "value": [],
        "manual": [REFERENCE],
        "manual in place": [n for n in names if kind(n) == MANUAL and n.endswith("-inplace")],
        "AD": [group[0] for group in libraries(n for n in names if kind(n) == REVERSE).values()],
        "AD, custom adjoint": [n for n in names if kind(n) == CUSTOM],
    }
    rows: list[Json] = []
    for then in seed_2019()["rows"]:
        now = [(n, overhead(run, "toy", 100, n)) for n in today[then["way"]]]
        omega = overhead(run, "toy", 100, REFERENCE, "value")
        if then["way"] == "value" and omega is not None:
            now = [(REFERENCE, omega.inverse())]
        found = [{"backend": name, **asdict(ratio)} for name, ratio in now if ratio is not None]
        rows.append({**then, "now": found})
    return rows


def _run(run: Run, subject: str) -> Json:
    return {
        "commit": run.commit,
        "subject": subject,
        "date": run.date,
        "machine": dict(run.machine),
        "python": run.python,
        "versions": dict(run.versions),
        "settings": dict(run.settings),
        "facts": dict(run.facts),
        "models": [_model(run, model) for model in run.models()],
    }


def _model(run: Run, model: str) -> Json:
    names = run.backends(model, "track_overhead", *FIELDS.values())
    dimensions = run.dimensions(model, "track_overhead", *FIELDS.values())
    reference = reference_dimension(run, model)
    at = 100 if reference is None else reference
    return {
        "model": model,
        "unit": UNIT.get(model, "atoms"),
        "reference_dimension": reference,
        "dimensions": list(dimensions),
        "backends": [{"backend": n, "library": library(n), "kind": kind(n)} for n in names],
        "floors": [{"dimension": n, "floor": floor(run, model, n)} for n in dimensions],
        "best_manual": [
            {"dimension": n, "backend": best}
            for n in dimensions
            if (best := best_manual(run, model, n)) is not None
        ],
        "cells": [_cell(run, model, n, name) for name in names for n in dimensions],
        "headline": headline(run, model),
        "questions": questions(run, model),
        "verdicts": [_verdict(v) for v in verdicts(run, model)],
        "growth": [row for name in names if (row := _growth(run, model, name)) is not None],
        "custom_adjoints": [_custom(row) for row in findings.custom_adjoints(run, model, at)],
        "allocations": [
            {**asdict(row), "spares_the_result": row.spares_the_result}
            for row in findings.allocations(run, model, at)
        ],
        "memory_dimensions": list(run.dimensions(model, *(FIELDS[name] for name in MEMORY))),
        "forward_modes": [asdict(row) for row in findings.forward_modes(run, model)],
        "cold": [asdict(row) for row in startup.cold(run, model)],
        "beside_2019": _beside_2019(run) if model == "toy" else [],
        "missing": missing(run, model),
    }


def _cell(run: Run, model: str, dimension: int, backend: str) -> Json:
    fields = {
        field: _estimate(run.get(model, quantity, dimension, backend))
        for field, quantity in FIELDS.items()
    }
    overheads = {
        denominator: _ratio(overhead(run, model, dimension, backend, denominator))
        for denominator in PAIRED
    }
    return {
        "backend": backend,
        "dimension": dimension,
        "overhead": overheads,
        "why_missing": _why(run, model, dimension, backend),
        **fields,
    }


def _why(run: Run, model: str, dimension: int, backend: str) -> str | None:
    """Why a cell has no overhead: asv's word on the paired benchmark, else on the time."""
    if overhead(run, model, dimension, backend) is not None:
        return None
    reasons = [run.why(model, q, dimension, backend) for q in ("track_overhead", "time_gradient")]
    return next((reason for reason in ("failed", "n/a") if reason in reasons), "not run")


def _verdict(verdict: Verdict) -> Json:
    return {
        "library": verdict.library,
        "version": verdict.version,
        "backend": verdict.backend,
        "name": verdict.name,
        "dimension": verdict.dimension,
        "word": verdict.word,
        "sentence": verdict.sentence,
        "standing": verdict.standing,
        "overhead": _ratio(verdict.ratio),
        "overhead_best": _ratio(verdict.best),
        "crossover": verdict.crossover,
    }


def _growth(run: Run, model: str, backend: str) -> Json | None:
    """The fit a + b N of a backend's times; None where there are too few."""
    dimensions = run.dimensions(model, "time_gradient")
    times = {n: run.get(model, "time_gradient", n, backend) for n in dimensions}
    measured = {n: time.value for n, time in times.items() if time is not None}
    try:
        per_call, per_element = fit_affine(list(measured), list(measured.values()))
    except InputError:
        return None
    # two points always fit
    tells = len(measured) > 2
    worst, misfit = worst_misfit(list(measured), list(measured.values())) if tells else (None, None)
    return {
        "backend": backend,
        "seconds_per_call": per_call,
        "seconds_per_element": per_element,
        "worst_dimension": worst,
        "worst_misfit": misfit,
        "crossover": claimed_crossover(ratios_of(run, model, backend)),
    }


def _custom(row: findings.CustomAdjoint) -> Json:
    return {
        "library": row.library,
        "plain": _ratio(row.plain),
        "custom": _ratio(row.custom),
        "primitive": _ratio(row.primitive),
        "recovered": row.recovered,
    }


def _ratio(ratio: Ratio | None) -> Json | None:
    return None if ratio is None else {**asdict(ratio), "standing": ratio.standing}


def _estimate(estimate: Estimate | None) -> Json | None:
    return None if estimate is None else estimate._asdict()


def finite(value: Any) -> Any:
    """The same with null for every number that JSON does not have: NaN and the infinities."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
