"""The files of numbers: overheads.json and .csv; and the history, runs.csv and history.csv."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from .entries import finite
from .history import Past
from .model_document import FIELDS
from .model_schema import CaseEntry, EstimateEntry, RatioEntry
from .results import PAIRED
from .schema import Document

_RUN = ("commit", "date", "machine", "versions")
_CASE = ("model", "dimension", "backend", "library", "kind", "why_missing")
_RATIO = ("value", "low", "high", "floor", "paired", "standing")
CASE_COLUMNS = (
    *_RUN,
    *_CASE,
    *(f"over_{denominator}_{field}" for denominator in PAIRED for field in _RATIO),
    *(f"{field}{end}" for field in FIELDS for end in ("", "_low", "_high")),
)
RUN_COLUMNS = ("run", "commit", "date", "machine", "subject", "python", "versions")
HISTORY_COLUMNS = (
    "run", "model", "dimension", "backend", "overhead", "low", "high", "floor", "paired"
)  # fmt: skip
Row = dict[str, object]


def write_exports(
    document: Document, history: Sequence[Past], subjects: Mapping[str, str], folder: Path
) -> None:
    """Write the files into `folder`.

    Args:
        document: of the report.
        history: every run, in the order of the commits.
        subjects: commit -> the first line of its message.
        folder: of the report.
    """
    text = json.dumps(finite(document), indent=1, allow_nan=False)
    folder.joinpath("overheads.json").write_text(text + "\n", encoding="utf-8")
    _write_csv(folder / "overheads.csv", CASE_COLUMNS, cases(document))
    _write_csv(folder / "runs.csv", RUN_COLUMNS, _runs(history, subjects))
    _write_csv(folder / "history.csv", HISTORY_COLUMNS, _overheads(history))


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def cases(document: Document) -> Iterator[Row]:
    """A row for each run of the document, model, dimension and backend."""
    for run in document["runs"]:
        for model in run["models"]:
            known = {entry["backend"]: entry for entry in model["backends"]}
            for case in model["cases"]:
                yield {
                    "commit": run["commit"],
                    "date": run["date"],
                    "machine": run["machine"]["machine"],
                    "versions": _versions(run["versions"]),
                    "model": model["model"],
                    "dimension": case["dimension"],
                    "why_missing": case["why_missing"] or "",
                    **known[case["backend"]],
                    **_ratios(case),
                    **_fields(case),
                }


def _ratios(case: CaseEntry) -> Row:
    found: dict[str, RatioEntry | None] = {d: case["overhead"][d] for d in PAIRED}
    return {
        f"over_{denominator}_{field}": ratio[field]
        for denominator, ratio in found.items()
        if ratio is not None
        for field in _RATIO
    }


def _fields(case: CaseEntry) -> Row:
    found: dict[str, EstimateEntry | None] = {name: case[name] for name in FIELDS}
    row: Row = {}
    for name, estimate in found.items():
        if estimate is not None:
            row |= {
                name: estimate["value"],
                f"{name}_low": estimate["low"],
                f"{name}_high": estimate["high"],
            }
    return row


def _runs(history: Iterable[Past], subjects: Mapping[str, str]) -> Iterator[Row]:
    for order, past in enumerate(history):
        yield {
            "run": order,
            "commit": past.commit,
            "date": past.date,
            "machine": past.machine,
            "subject": subjects.get(past.commit, ""),
            "python": past.python,
            "versions": _versions(past.versions),
        }


def _overheads(history: Iterable[Past]) -> Iterator[Row]:
    for order, past in enumerate(history):
        for series, ratio in past.overheads.items():
            yield {
                "run": order,
                **series._asdict(),
                "overhead": f"{ratio.value:.6g}",
                "low": f"{ratio.low:.6g}",
                "high": f"{ratio.high:.6g}",
                "floor": f"{ratio.floor:.3g}",
                "paired": int(ratio.paired),
            }


def _versions(versions: Mapping[str, str]) -> str:
    return " ".join(f"{name}=={version}" for name, version in versions.items())
