"""Everything the report shows, as one document: the pages are drawn from it, and from it alone.

So each number on a page is found in `overheads.json`, or in the history beside it. A field that
changes its meaning, or goes, raises SCHEMA_VERSION; docs/reference/overheads-json.md describes the
fields.
"""

from collections.abc import Iterable, Mapping, Sequence

from ..models import model_names
from . import findings
from .entries import optional_ratio_entry
from .history import Past, steps
from .matrix import Matrix, Place, Row, Tally, matrix
from .model_document import model_entry, post_rows
from .names import registered
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
    TallyEntry,
)
from .source_lines import source_lines
from .summary import library_sentence, matrix_headline

SCHEMA_VERSION = 2


def document(
    latest: Sequence[Run],
    history: Iterable[Past],
    unreadable: Sequence[str],
    subjects: Mapping[str, str],
) -> Document:
    """The document of a report.

    Args:
        latest: the latest run of each machine, the newest first.
        history: every run, in the order of the commits.
        unreadable: the files at fault, each with the reason and what to do.
        subjects: commit -> the first line of its message.
    """
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
        "runs": [_run(run, subjects.get(run.commit, "")) for run in latest],
        "steps": steps(history),
    }


def _counted(latest: Iterable[Run]) -> Sequence[str]:
    """The models whose lines are counted: all of this version's, where any of them was measured."""
    measured = [results.model for run in latest for results in run.models()]
    return model_names() if any(map(registered, measured)) else ()


def _lines(model: str) -> LinesEntry:
    lines = source_lines(model)
    return {"model": lines.model, "energy": lines.energy, "by_hand": lines.by_hand}


def _run(run: Run, subject: str) -> RunEntry:
    return {
        "commit": run.commit,
        "subject": subject,
        "date": run.date,
        "machine": dict(run.machine),
        "python": run.python,
        "versions": dict(run.versions),
        "settings": dict(run.settings),
        "facts": dict(run.facts),
        "matrix": matrix_entry(matrix(run), run.commit),
        "models": [model_entry(run, results) for results in run.models()],
    }


def matrix_entry(found: Matrix, commit: str) -> MatrixEntry:
    """The matrix of a run, with its headline in words."""
    return {
        "columns": [_column(results) for results in found.columns],
        "rows": [_row(row) for row in found.rows],
        "headline": matrix_headline(found, commit),
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
