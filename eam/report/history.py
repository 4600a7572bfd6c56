"""Overheads from commit to commit."""

from typing import Any

from . import words
from .document import Json
from .overheads import REFERENCE

Key = tuple[str, str, str, int, str]


def history_rows(document: Json) -> list[Json]:
    """One row a commit, machine, set of versions, model, dimension and backend, oldest first."""
    rows: list[Json] = []
    before: dict[Key, Json] = {}
    for order, run in enumerate(document["runs"]):
        versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
        for model in run["models"]:
            kinds = {entry["backend"]: entry["library"] for entry in model["backends"]}
            for cell in _charted(model):
                ratio = cell["overhead"][REFERENCE]
                row: Json = {
                    "order": order,
                    "commit": run["commit"][:8],
                    "subject": run["subject"],
                    "date": run["date"],
                    "machine": run["machine"]["machine"],
                    "versions": versions or "not recorded",
                    "model": model["model"],
                    "library": kinds[cell["backend"]],
                    "backend": cell["backend"],
                    "dimension": cell["dimension"],
                    "overhead": words.times(ratio["value"]),
                    **ratio,
                }
                key = (row["machine"], versions, row["model"], row["dimension"], row["backend"])
                row["step"] = step(before.get(key), row)
                before[key] = row
                rows.append(row)
    return rows


def step(before: Json | None, now: Json) -> str:
    """'1.4× slower' or '1.4× faster' where two rows differ beyond intervals and floors; else ''."""
    if before is None or not (before["paired"] and now["paired"]):
        return ""
    slack = 1.0 + max(before["floor"], now["floor"])
    change = now["value"] / before["value"]
    if now["low"] > before["high"] * slack:
        return f"{words.times(change)} slower"
    if now["high"] * slack < before["low"]:
        return f"{words.times(1.0 / change)} faster"
    return ""


def selects(document: Json, rows: list[Json]) -> list[dict[str, Any]]:
    """The history page's selects, first what the front page shows and its fastest library."""
    newest = [run for run in document["runs"] if run["latest"]][-1]
    model = newest["models"][0]
    library = next((verdict["library"] for verdict in model["verdicts"]), None)
    dimensions = sorted({row["dimension"] for row in rows})
    return [
        _select("machine", "machine", _distinct(rows, "machine"), newest["machine"]["machine"]),
        _select("versions", "libraries", ["", *_distinct(rows, "versions")], ""),
        _select("model", "model", _distinct(rows, "model"), model["model"]),
        _select("dimension", "N", dimensions, model["reference_dimension"]),
        _select("library", "ways of", ["", *_distinct(rows, "library")], library),
    ]


def _select(name: str, label: str, values: list[Any], first: Any) -> dict[str, Any]:
    """A select whose first option is `first`; the empty value stands for all."""
    ordered = sorted(values, key=lambda value: value != first)
    return {
        "name": name,
        "label": label,
        "options": [(v, v if v != "" else "all") for v in ordered],
    }


def _distinct(rows: list[Json], field: str) -> list[Any]:
    return list(dict.fromkeys(row[field] for row in rows))


def _charted(model: Json) -> list[Json]:
    """The cells with an overhead: the paired ones, or where there is none, all."""
    cells = [cell for cell in model["cells"] if cell["overhead"][REFERENCE] is not None]
    return [cell for cell in cells if cell["overhead"][REFERENCE]["paired"]] or cells
