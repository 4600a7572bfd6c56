"""The details behind a number of a page: definition, samples, and the command to repeat it."""

from collections.abc import Iterator, Mapping
from typing import TypedDict

from .missing import measure_case
from .model_schema import CaseEntry, EstimateEntry, Field, ModelEntry, RatioEntry
from .schema import RunEntry

_RATIOS: Mapping[str, str] = {
    "numpy": "Time of the gradient over that of the NumPy gradient, written by hand, allocating.",
    "best": "Time of the gradient over that of the fastest gradient written by hand.",
    "value": "Time of the gradient over that of the function's value in the same backend.",
}
_METRICS = {"numpy": "track_overhead", "best": "track_overhead_best", "value": "track_omega"}
# field -> (definition, unit, metric)
_FIELDS: Mapping[Field, tuple[str, str, str]] = {
    "gradient_seconds": ("Time of one gradient, hot.", "seconds", "time_gradient"),
    "value_seconds": ("Time of one value of the function, hot.", "seconds", "time_value"),
    "allocations": ("Native allocations of one gradient.", "count", "track_allocations"),
    "allocated_bytes": ("Bytes that one gradient allocates.", "size", "track_allocated_bytes"),
    "peak_bytes": ("Bytes that one gradient holds at once.", "size", "track_peak"),
    "process_peak_bytes": ("Peak memory of the whole process.", "size", "peakmem_gradient"),
}


class Detail(TypedDict):
    """A number of a case.

    Attributes:
        definition: a sentence.
        unit: 'ratio', 'seconds', 'count' or 'size'.
        number: with its interval and samples.
        paired: whether a ratio's two times come from one process.
        command: that measures it again; None where the suite has no benchmark for it any more.
    """

    definition: str
    unit: str
    number: RatioEntry | EstimateEntry
    paired: bool
    command: str | None


class CaseDetails(TypedDict):
    """The details of a case, under the identifier of its place on the page."""

    id: str
    case: CaseEntry
    rows: list[Detail]


def details(run: RunEntry, model: ModelEntry) -> dict[tuple[str, int], CaseDetails]:
    """(backend, dimension) -> its details, for each case with a number or a reason for none."""
    found: dict[tuple[str, int], CaseDetails] = {}
    for i, case in enumerate(model["cases"]):
        rows = list(_rows(run, model, case))
        if rows or case["reason"]:
            key = case["backend"], case["dimension"]
            found[key] = {"id": f"case-{i}", "case": case, "rows": rows}
    return found


def _rows(run: RunEntry, model: ModelEntry, case: CaseEntry) -> Iterator[Detail]:
    def command(metric: str) -> str | None:
        benchmark = model["benchmarks"].get(metric)
        if benchmark is None:
            return None
        return measure_case(run["commit"], benchmark, case["dimension"], case["backend"])

    overheads = case["overhead"]
    ratios = {d: overheads[d] for d in ("numpy", "best", "value")}
    for denominator, ratio in ratios.items():
        if ratio is not None:
            metric = _METRICS[denominator] if ratio["paired"] else "time_gradient"
            yield {
                "definition": _RATIOS[denominator],
                "unit": "ratio",
                "number": ratio,
                "paired": ratio["paired"],
                "command": command(metric),
            }
    for field, (definition, unit, metric) in _FIELDS.items():
        estimate = case[field]
        if estimate is not None:
            yield {
                "definition": definition,
                "unit": unit,
                "number": estimate,
                "paired": True,
                "command": command(metric),
            }
