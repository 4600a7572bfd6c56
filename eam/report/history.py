"""Overheads from commit to commit."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypedDict

from .. import formatting
from .results import REFERENCE
from .schema import CaseEntry, Document, ModelEntry, RunEntry, StepEntry

Row = dict[str, Any]


class History(TypedDict):
    """What the history page's script shows.

    versions: every set of library versions, as text.
    runs: one for each run, oldest first; `versions` is an index into the above.
    rows: one for each model, dimension and backend of a run; `run` is an index into `runs`, so a
        long history repeats no subject.
    """

    versions: list[str]
    runs: list[Row]
    rows: list[Row]


class Select(TypedDict):
    """A select of the history page: its options as (value, text), the chosen one first."""

    name: str
    label: str
    options: list[tuple[Any, str]]


def history(document: Document) -> History:
    """The history of a document, for the history page."""
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
    rows: list[Row] = []
    for order, run in enumerate(document["runs"]):
        for row in _rows(run):
            found = stepped.get((order, row["model"], row["dimension"], row["backend"]))
            rows.append({"run": order, **row, "step": "" if found is None else in_words(found)})
    return {"versions": versions, "runs": runs, "rows": rows}


def _rows(run: RunEntry) -> Iterator[Row]:
    for model in run["models"]:
        libraries = {entry["backend"]: entry["library"] for entry in model["backends"]}
        for case in _charted(model):
            ratio = case["overhead"][REFERENCE]
            assert ratio is not None
            yield {
                "model": model["model"],
                "library": libraries[case["backend"]],
                "backend": case["backend"],
                "dimension": case["dimension"],
                "N": formatting.dimension(case["dimension"]),
                "overhead": "~" * (not ratio["paired"]) + f"{formatting.fine(ratio['value'])}×",
                "interval": f"{formatting.fine(ratio['low'])} to {formatting.fine(ratio['high'])}",
                **ratio,
            }


def _versions(run: RunEntry) -> str:
    named = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    return named or "not recorded"


def in_words(step: StepEntry) -> str:
    """A step in words: '1.4× slower', or '1.4× faster, jax 0.11.0'."""
    change, release = step["change"], step["release"]
    text = f"{formatting.times(max(change, 1.0 / change))} {'slower' if change > 1.0 else 'faster'}"
    return f"{text}, {release}" if release else text


def selects(document: Document, shown: History) -> list[Select]:
    """The history page's selects; they begin with what the front page shows."""
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
        _select("library", "backends of", every + _plain(libraries), library),
    ]


def _plain(names: Iterable[str]) -> list[tuple[Any, str]]:
    return [(name, name) for name in names]


def _select(name: str, label: str, options: Sequence[tuple[Any, str]], first: Any) -> Select:
    """A select whose first option is `first`; the empty value stands for all."""
    ordered = sorted(options, key=lambda option: option[0] != first)
    return {"name": name, "label": label, "options": ordered}


def _charted(model: ModelEntry) -> list[CaseEntry]:
    """The cases with an overhead: the paired ones, or where there is none, all."""
    known = [(case, r) for case in model["cells"] if (r := case["overhead"][REFERENCE]) is not None]
    return [case for case, r in known if r["paired"]] or [case for case, _ in known]
