"""overheads.json and overheads.csv: the document whole, and its cases as a table."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from .document import FIELDS, finite
from .results import PAIRED
from .schema import CaseEntry, Document

_RUN = ("commit", "date", "machine", "versions")
_CASE = ("model", "dimension", "backend", "library", "kind", "why_missing")
_RATIO = ("value", "low", "high", "floor", "paired", "standing")
COLUMNS = (
    *_RUN,
    *_CASE,
    *(f"over_{denominator}_{field}" for denominator in PAIRED for field in _RATIO),
    *(f"{field}{end}" for field in FIELDS for end in ("", "_low", "_high")),
)
Row = dict[str, object]


def write_exports(document: Document, folder: Path) -> list[Path]:
    """Write both files into `folder`; returns their paths."""
    as_json, as_csv = folder / "overheads.json", folder / "overheads.csv"
    text = json.dumps(finite(document), indent=1, allow_nan=False)
    as_json.write_text(text + "\n", encoding="utf-8")
    with as_csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows(document))
    return [as_json, as_csv]


def rows(document: Document) -> Iterator[Row]:
    """One row a run, model, dimension and backend."""
    for run in document["runs"]:
        versions = " ".join(f"{name}=={version}" for name, version in run["versions"].items())
        for model in run["models"]:
            known = {entry["backend"]: entry for entry in model["backends"]}
            for case in model["cells"]:
                yield {
                    "commit": run["commit"],
                    "date": run["date"],
                    "machine": run["machine"]["machine"],
                    "versions": versions,
                    "model": model["model"],
                    "dimension": case["dimension"],
                    "why_missing": case["why_missing"] or "",
                    **known[case["backend"]],
                    **_ratios(case),
                    **_fields(case),
                }


def _ratios(case: CaseEntry) -> Row:
    return {
        f"over_{denominator}_{field}": value
        for denominator in PAIRED
        for field, value in (case["overhead"][denominator] or {}).items()
    }


def _fields(case: CaseEntry) -> Row:
    return {
        name if end == "value" else f"{name}_{end}": value
        for name in FIELDS
        for end, value in (case[name] or {}).items()
    }
