"""Everything the report shows, as one document: the pages are drawn from it, and from it alone.

So each number on a page is found in `overheads.json`, or in the history beside it. A field that
changes its meaning, or goes, raises SCHEMA_VERSION; docs/reference/overheads-json.md describes the
fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..backends import backend_names
from ..models import model_names
from . import findings
from .entries import optional_ratio_entry
from .freshness import freshness
from .history import Past, steps
from .machines import side_by_side
from .matrix import Matrix, Place, Row, Tally, matrix
from .model_document import model_entry, post_rows
from .names import registered
from .quantities import quantity_entries
from .ratios import Score
from .results import ModelResults, Run
from .schema import (
    ColumnEntry,
    Document,
    LibraryEntry,
    LinesEntry,
    MatrixEntry,
    PlaceEntry,
    RunEntry,
    SinceEntry,
    TallyEntry,
)
from .since import a_look_ago, changes
from .source_lines import source_lines
from .summary import library_sentence, matrix_headline, reasons_in_words

SCHEMA_VERSION = 2


class Repository(NamedTuple):
    """Facts of the repository about the commits that were measured.

    Attributes:
        subjects: commit -> the first line of its message.
        behind: commit of a latest run -> how many commits the branch has after it.
    """

    subjects: Mapping[str, str]
    behind: Mapping[str, int]


def document(
    latest: Sequence[Run],
    history: Sequence[Past],
    unreadable: Sequence[str],
    repository: Repository,
    now: int,
) -> Document:
    """The document of a report.

    Args:
        latest: the latest run of each machine, the newest first.
        history: every run, in the order of the commits.
        unreadable: the files at fault, each with the reason and what to do.
        repository: what it says of the commits.
        now: milliseconds since 1970.
    """
    found = steps(history)
    since = changes(history, found, a_look_ago(history))
    matrices = [(run.machine["machine"], matrix(run)) for run in latest]
    return {
        "schema": "eam-overheads",
        "schema_version": SCHEMA_VERSION,
        "unreadable": list(unreadable),
        "post_2019": {
            "dimension": findings.POST_DIMENSION,
            "recovered": findings.POST_RECOVERED,
            "rows": post_rows(),
        },
        "source_lines": [_lines(name) for name in _counted(latest)],
        "runs": [
            _run(run, table, repository, since[machine], now)
            for run, (machine, table) in zip(latest, matrices, strict=True)
        ],
        "machines": side_by_side(matrices),
        "steps": found,
    }


def _counted(latest: Iterable[Run]) -> Sequence[str]:
    """The models whose lines are counted: all of this version's, where any of them was measured."""
    measured = [results.model for run in latest for results in run.models()]
    return model_names() if any(map(registered, measured)) else ()


def _lines(model: str) -> LinesEntry:
    lines = source_lines(model)
    return {"model": lines.model, "energy": lines.energy, "by_hand": lines.by_hand}


def _run(run: Run, table: Matrix, repository: Repository, since: SinceEntry, now: int) -> RunEntry:
    return {
        "commit": run.commit,
        "subject": repository.subjects.get(run.commit, ""),
        "date": run.date,
        "machine": dict(run.machine),
        "python": run.python,
        "versions": dict(run.versions),
        "settings": dict(run.settings),
        "facts": dict(run.facts),
        "freshness": freshness(run, now, repository.behind.get(run.commit)),
        "since": since,
        "unknown": _unknown(run),
        "unmeasured": _unmeasured(run),
        "matrix": matrix_entry(table, run.commit),
        "quantities": quantity_entries(run),
        "models": [model_entry(run, results) for results in run.models()],
    }


def _names(run: Run) -> tuple[list[str], list[str]]:
    """The models and the backends with a number."""
    models = run.models()
    return [m.model for m in models], [*dict.fromkeys(b for m in models for b in m.timed_backends)]


def _unknown(run: Run) -> list[str]:
    """The stored names that this version does not have; a reader's own models are no such names."""
    models, backends = _names(run)
    ours = _counted([run])
    return [
        *[f"model {name}" for name in models if ours and name not in ours],
        *[f"backend {name}" for name in backends if name not in backend_names()],
    ]


def _unmeasured(run: Run) -> list[str]:
    """The names of this version without a number."""
    models, backends = _names(run)
    return [
        *[f"model {name}" for name in _counted([run]) if name not in models],
        *[f"backend {name}" for name in backend_names() if name not in backends],
    ]


def matrix_entry(found: Matrix, commit: str) -> MatrixEntry:
    """The matrix of a run, with its headline in words."""
    return {
        "columns": [_column(results) for results in found.columns],
        "rows": [_row(row) for row in found.rows],
        "headline": matrix_headline(found, commit),
        "reasons": reasons_in_words(found),
    }


def _column(results: ModelResults) -> ColumnEntry:
    dimension = results.reference_dimension or 0
    best = results.best_manual(dimension)
    return {
        "model": results.model,
        "summary": results.record.summary,
        "unit": results.unit,
        "dimension": dimension,
        "best_backend": best,
        "best": optional_ratio_entry(results.overhead(dimension, best) if best else None),
    }


def _row(row: Row) -> LibraryEntry:
    return {
        "library": row.library,
        "version": row.version,
        "places": [_place(place) for place in row.places],
        "numpy": _tally(row.numpy),
        "best": _tally(row.best),
        "sentence": library_sentence(row),
    }


def _place(place: Place) -> PlaceEntry:
    return {
        "model": place.results.model,
        "backend": place.verdict.backend if place.verdict else None,
        "numpy": optional_ratio_entry(place.over("numpy")),
        "numpy_score": place.score("numpy"),
        "best": optional_ratio_entry(place.over("best")),
        "best_score": place.score("best"),
        "why_missing": place.why or None,
        "reason": place.reason or None,
    }


def _tally(tally: Tally) -> TallyEntry:
    return {
        "works": tally.works,
        "ahead": tally.count(Score.AHEAD),
        "close": tally.count(Score.CLOSE),
        "behind": tally.count(Score.BEHIND),
        "unclear": tally.count(Score.UNCLEAR),
        "missing": tally.missing,
        "mean": tally.mean,
        "mean_of": tally.mean_of,
    }
