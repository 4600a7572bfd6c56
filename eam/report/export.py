"""overheads.json and overheads.csv: the document whole, and its cells as a table."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from .document import FIELDS, Json, finite
from .overheads import PAIRED

_RUN = ("commit", "date", "machine", "versions")
_CELL = ("model", "dimension", "backend", "library", "kind", "why_missing")
_RATIO = ("value", "low", "high", "floor", "paired", "standing")
COLUMNS = (
    *_RUN,
    *_CELL,
    *(f"over_{denominator}_{field}" for denominator in PAIRED for field in _RATIO),
    *(f"{field}{end}" for field in FIELDS for end in ("", "_low", "_high")),
)


def write_exports(document: Json, folder: Path) -> list[Path]:
    """Write both files into `folder`; returns their paths."""
    as_json, as_csv = folder / "overheads.json", folder / "overheads.csv"
    text = json.dumps(finite(document), indent=1, allow_nan=False)
    as_json.write_text(text + "\n", encoding="utf-8")
    with as_csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows(document))
    return [as_json, as_csv]


def rows(document: Json) -> Iterator[Json]:
    """One row a run, model, dimension and backend."""
    for run in document["runs"]:
        versions = " ".join(f"{name}=={version}" for name, version in run["versions"].items())
        for model in run["models"]:
            known = {entry["backend"]: entry for entry in model["backends"]}
            for cell in model["cells"]:
                yield {
                    "commit": run["commit"],
                    "date": run["date"],
                    "machine": run["machine"]["machine"],
                    "versions": versions,
                    "model": model["model"],
                    "dimension": cell["dimension"],
                    "why_missing": cell["why_missing"] or "",
                    **known[cell["backend"]],
                    **_ratios(cell),
                    **_fields(cell),
                }


def _ratios(cell: Json) -> Json:
    return {
        f"over_{denominator}_{field}": value
        for denominator, ratio in cell["overhead"].items()
        for field, value in (ratio or {}).items()
    }


def _fields(cell: Json) -> Json:
    return {
        name if end == "value" else f"{name}_{end}": value
        for name in FIELDS
        for end, value in (cell[name] or {}).items()
    }
