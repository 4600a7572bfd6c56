"""Overheads from commit to commit."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .. import formatting
from .document import Json
from .overheads import REFERENCE


def history(document: Json) -> Json:
    """What the history page's script shows.

    Returns:
        versions: every set of library versions, as text.
        runs: one for each run, oldest first; `versions` is an index into the above.
        rows: one for each model, dimension and backend of a run; `run` is an index into `runs`,
            so that a long history repeats no subject.
    """
    texts = [_versions(run) for run in document["runs"]]
    versions = list(dict.fromkeys(texts))
    runs = [
        {
            "order": order,
            "commit": run["commit"][:8],
            "subject": run["subject"],
            "date": formatting.day(run["date"]),
            "machine": run["machine"]["machine"],
            "versions": versions.index(text),
        }
        for order, (run, text) in enumerate(zip(document["runs"], texts, strict=True))
    ]
    stepped = {(s["run"], s["model"], s["dimension"], s["backend"]): s for s in document["steps"]}
    rows: list[Json] = []
    for order, run in enumerate(document["runs"]):
        for row in _rows(run):
            found = stepped.get((order, row["model"], row["dimension"], row["backend"]))
            rows.append({"run": order, **row, "step": "" if found is None else told(found)})
    return {"versions": versions, "runs": runs, "rows": rows}


def _rows(run: Json) -> Iterator[Json]:
    for model in run["models"]:
        libraries = {entry["backend"]: entry["library"] for entry in model["backends"]}
        for cell in _charted(model):
            ratio = cell["overhead"][REFERENCE]
            yield {
                "model": model["model"],
                "library": libraries[cell["backend"]],
                "backend": cell["backend"],
                "dimension": cell["dimension"],
                "N": formatting.dimension(cell["dimension"]),
                "overhead": "~" * (not ratio["paired"]) + f"{formatting.fine(ratio['value'])}×",
                "interval": f"{formatting.fine(ratio['low'])} to {formatting.fine(ratio['high'])}",
                **ratio,
            }


def _versions(run: Json) -> str:
    named = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    return named or "not recorded"


def told(step: Json) -> str:
    """A step in words: '1.4× slower', or '1.4× faster, jax 0.11.0'."""
    change, release = step["change"], step["release"]
    text = f"{formatting.times(max(change, 1.0 / change))} {'slower' if change > 1.0 else 'faster'}"
    return f"{text}, {release}" if release else text


def selects(document: Json, shown: Json) -> list[Json]:
    """The history page's selects, first what the front page shows and its fastest library."""
    newest = [run for run in document["runs"] if run["latest"]][-1]
    model = newest["models"][0]
    library = next((verdict["library"] for verdict in model["verdicts"]), None)
    rows = shown["rows"]
    every: list[tuple[Any, str]] = [("", "all")]
    versions: list[tuple[Any, str]] = list(enumerate(shown["versions"]))
    machines = dict.fromkeys(run["machine"] for run in shown["runs"])
    dimensions = sorted({(row["dimension"], row["N"]) for row in rows})
    libraries = dict.fromkeys(row["library"] for row in rows)
    models = dict.fromkeys(row["model"] for row in rows)
    return [
        _select("machine", "machine", _plain(machines), newest["machine"]["machine"]),
        _select("versions", "libraries", every + versions, ""),
        _select("model", "model", _plain(models), model["model"]),
        _select("dimension", "N", dimensions, model["reference_dimension"]),
        _select("library", "ways of", every + _plain(libraries), library),
    ]


def _plain(names: Iterable[str]) -> list[tuple[Any, str]]:
    return [(name, name) for name in names]


def _select(name: str, label: str, options: Sequence[tuple[Any, str]], first: Any) -> Json:
    """A select whose first option is `first`; the empty value stands for all."""
    ordered = sorted(options, key=lambda option: option[0] != first)
    return {"name": name, "label": label, "options": ordered}


def _charted(model: Json) -> list[Json]:
    """The cells with an overhead: the paired ones, or where there is none, all."""
    cells = [cell for cell in model["cells"] if cell["overhead"][REFERENCE] is not None]
    return [cell for cell in cells if cell["overhead"][REFERENCE]["paired"]] or cells
