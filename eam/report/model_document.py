"""One model of a run, as overheads.json has it."""

from collections.abc import Mapping

from ..backends import CUSTOM, MANUAL, REVERSE
from ..errors import InputError
from ..measure.fit import fit_affine, worst_misfit
from . import findings
from .entries import estimate_entry, optional_ratio_entry, ratio_entry
from .findings import CustomAdjoint
from .missing import missing
from .model_schema import (
    BesideEntry,
    CaseEntry,
    CustomAdjointEntry,
    EstimateEntry,
    Field,
    GrowthEntry,
    ModelEntry,
    NowEntry,
    PostEntry,
    SimulationEntry,
    VerdictEntry,
)
from .names import by_library, kind, library, refusal, registered
from .results import OVERHEAD, REFERENCE, TIME, ModelResults, Run
from .sentences import headline, questions
from .simulation import TIMESTEP, Simulation, simulations
from .startup import startup_costs
from .verdicts import Verdict, claimed_crossover, verdicts

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


def model_entry(run: Run, results: ModelResults) -> ModelEntry:
    """The entry of overheads.json for one model of a run."""
    names = results.backends(OVERHEAD, *FIELDS.values())
    dimensions = results.dimensions(OVERHEAD, *FIELDS.values())
    reference = results.reference_dimension
    at = results.record.dimensions.reference if reference is None else reference
    return {
        "model": results.model,
        "summary": results.record.summary,
        "unit": results.unit,
        "benchmarks": {
            metric: name
            for (model, metric), name in results.suite.pairs.items()
            if model == results.model
        },
        "reference_dimension": reference,
        "dimensions": list(dimensions),
        "backends": [{"backend": n, "library": library(n), "kind": kind(n)} for n in names],
        "floors": [{"dimension": n, "floor": results.floor(n)} for n in dimensions],
        "best_manual": [
            {"dimension": n, "backend": best}
            for n in dimensions
            if (best := results.best_manual(n)) is not None
        ],
        "cases": [_case(results, n, name) for name in names for n in dimensions],
        "headline": headline(results),
        # the forum post asks of its own function, and these models stand for it
        "questions": questions(results) if registered(results.model) else [],
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
        "startup": [
            {
                "backend": row.backend,
                "dimension": row.dimension,
                "import_seconds": row.import_seconds,
                "first_seconds": row.first_seconds,
                "break_even": row.break_even,
            }
            for row in startup_costs(run, results.model)
        ],
        "simulation": [_simulation(row) for row in simulations(run, results.model)],
        "beside_2019": _beside_2019(results) if results.model == "toy" else [],
        "missing": missing(results),
    }


def _case(results: ModelResults, dimension: int, backend: str) -> CaseEntry:
    def field(name: Field) -> EstimateEntry | None:
        return estimate_entry(results.get(FIELDS[name], dimension, backend))

    why, reason = _why(results, dimension, backend)
    return {
        "backend": backend,
        "dimension": dimension,
        "overhead": {
            "numpy": optional_ratio_entry(results.overhead(dimension, backend, "numpy")),
            "best": optional_ratio_entry(results.overhead(dimension, backend, "best")),
            "value": optional_ratio_entry(results.overhead(dimension, backend, "value")),
        },
        "why_missing": why,
        "reason": reason,
        "gradient_seconds": field("gradient_seconds"),
        "value_seconds": field("value_seconds"),
        "allocations": field("allocations"),
        "allocated_bytes": field("allocated_bytes"),
        "peak_bytes": field("peak_bytes"),
        "process_peak_bytes": field("process_peak_bytes"),
    }


def _why(
    results: ModelResults, dimension: int, backend: str
) -> tuple[str, str | None] | tuple[None, None]:
    """Why a case has no overhead: asv's word on the paired benchmark, else on the time."""
    if results.overhead(dimension, backend) is not None:
        return None, None
    whys = [results.why(metric, dimension, backend) for metric in (OVERHEAD, TIME)]
    word, reason = min(whys, key=lambda why: ("failed", "n/a", "not run").index(why[0]))
    if not reason and word != "failed":
        reason = refusal(results.model, dimension, backend)
    return word, reason or None


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
        "overhead_best": optional_ratio_entry(verdict.best),
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
        "primitive": optional_ratio_entry(row.primitive),
        "recovered": row.recovered,
    }


def _simulation(row: Simulation) -> SimulationEntry:
    return {
        "dimension": row.dimension,
        "timestep_femtoseconds": TIMESTEP,
        "list_builder": row.builder,
        "list_seconds": row.list_seconds,
        "nanoseconds_per_atom": {name: 1e9 * t for name, t in row.seconds_per_atom.items()},
        "steps": [
            {
                "backend": step.backend,
                "rebuilt_every": step.rebuilt_every,
                "seconds": step.seconds,
                "steps_per_second": 1.0 / step.seconds,
                "nanoseconds_per_day": step.nanoseconds_per_day,
                "over_numpy": step.over_numpy,
                "over_best": step.over_best,
            }
            for step in row.steps
        ],
    }


def post_rows() -> list[PostEntry]:
    """The forum post's table, its times as ratios to its manual gradient."""
    manual = findings.POST_2019["manual"].microseconds
    return [
        {
            "row": name,
            "ratio": row.microseconds / manual,
            "allocations": row.allocations,
            "allocated_bytes": row.allocated_bytes,
        }
        for name, row in findings.POST_2019.items()
    ]


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
    for row in post_rows():
        now = [(n, results.overhead(findings.POST_DIMENSION, n)) for n in today[row["row"]]]
        omega = results.overhead(findings.POST_DIMENSION, REFERENCE, "value")
        if row["row"] == "value" and omega is not None:
            now = [(REFERENCE, omega.inverse())]
        found: list[NowEntry] = [
            {"backend": name, **ratio_entry(ratio)} for name, ratio in now if ratio is not None
        ]
        rows.append({**row, "now": found})
    return rows
