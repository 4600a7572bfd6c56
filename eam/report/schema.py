"""The types of overheads.json, which docs/reference/overheads-json.md describes.

Those of one model are in :mod:`eam.report.model_schema`. Dates are in milliseconds since 1970; None
is what is not known.
"""

from typing import Any, TypedDict

from .model_schema import AnswerEntry, ModelEntry, PostEntry, RatioEntry
from .ratios import Score


class TallyEntry(TypedDict):
    """On how many models a library works, and how it stands there against a gradient by hand.

    `missing` names the models without a number. `mean` is the geometric mean of the overhead over
    the `mean_of` models with a paired one.
    """

    works: int
    ahead: int
    close: int
    behind: int
    unclear: int
    missing: list[str]
    mean: float | None
    mean_of: int


class PlaceEntry(TypedDict):
    """How a library does on a model: its fastest backend without a hand-written rule.

    `why_missing` and `reason` say why there is none.
    """

    model: str
    backend: str | None
    numpy: RatioEntry | None
    numpy_score: Score
    best: RatioEntry | None
    best_score: Score
    why_missing: str | None
    reason: str | None


class LibraryEntry(TypedDict):
    """A row of the matrix: a library that differentiates."""

    library: str
    version: str
    places: list[PlaceEntry]
    numpy: TallyEntry
    best: TallyEntry
    sentence: str


class ColumnEntry(TypedDict):
    """A column of the matrix: a model, and its fastest gradient by hand at its dimension."""

    model: str
    summary: str
    unit: str
    dimension: int
    best_backend: str | None
    best: RatioEntry | None


class MatrixEntry(TypedDict):
    """Models by libraries; the best library first, the toy last. The headline answers in words.

    `reasons` says why libraries have no number.
    """

    columns: list[ColumnEntry]
    rows: list[LibraryEntry]
    headline: list[AnswerEntry]
    reasons: list[str]


class LinesEntry(TypedDict):
    """Lines of code of a model: of its energy, and of its gradients by hand, by kind."""

    model: str
    energy: int
    by_hand: dict[str, int]


class ChangeEntry(TypedDict):
    """An overhead that is another now; `was` and `now` are how the library counts with it.

    `before` or `after` is None where one of the runs has no number; `commits` and `releases` name
    the steps in between.
    """

    model: str
    dimension: int
    unit: str
    backend: str
    before: float | None
    after: float | None
    change: float
    was: Score
    now: Score
    commits: list[str]
    releases: list[str]
    sentence: str


class SinceEntry(TypedDict):
    """The changes since an earlier run of the same machine, `runs` ago."""

    commit: str
    date: int
    runs: int
    compared: int
    sentence: str
    verdicts: list[ChangeEntry]
    overheads: list[ChangeEntry]


class NewerEntry(TypedDict):
    """A library with another release on the package index: for this Python, and for any."""

    library: str
    measured: str
    here: str | None
    any: str


class FreshnessEntry(TypedDict):
    """How old a run is; `looked_up` is whether the package index was asked."""

    measured: int | None
    days: int | None
    behind: int | None
    looked_up: bool
    newer: list[NewerEntry]
    sentences: list[str]


class OnMachineEntry(TypedDict):
    """A library's fastest backend on one machine, and how it counts over the NumPy gradient."""

    backend: str
    value: float
    score: Score


class AgreementEntry(TypedDict):
    """A library on a model, machine by machine; the agreement is 'same', 'other' or 'unclear'.

    `holds` says on how many machines the verdict of most holds, and where it does not.
    """

    model: str
    dimension: int
    unit: str
    library: str
    agreement: str
    on: list[OnMachineEntry | None]
    holds: str


class MachinesEntry(TypedDict):
    """Several machines side by side."""

    machines: list[str]
    rows: list[AgreementEntry]
    sentence: str


class QuantityCellEntry(TypedDict):
    """A library's fastest backend for a quantity: its time over that of the best by hand.

    `score` is one of :class:`eam.report.ratios.Score`.
    """

    library: str
    backend: str
    over_best: float
    score: str


class QuantityEntry(TypedDict):
    """A quantity beyond the gradient, of a model at a dimension, and its lines of code by hand."""

    model: str
    unit: str
    quantity: str
    dimension: int
    lines_of_energy: int | None
    lines_by_hand: int | None
    cells: list[QuantityCellEntry]


class RunEntry(TypedDict):
    """One result file.

    `unknown` are the stored names that this version of eam does not have, and `unmeasured` its own
    names without a number.
    """

    commit: str
    subject: str
    date: int
    machine: dict[str, str]
    python: str
    versions: dict[str, str]
    settings: dict[str, str]
    facts: dict[str, Any]
    freshness: FreshnessEntry
    since: SinceEntry
    unknown: list[str]
    unmeasured: list[str]
    matrix: MatrixEntry
    quantities: list[QuantityEntry]
    models: list[ModelEntry]


class StepEntry(TypedDict):
    """An overhead that changed from the commit `since` to `commit`; new over old is `change`."""

    machine: str
    commit: str
    since: str
    date: int
    model: str
    dimension: int
    unit: str
    backend: str
    change: float
    release: str | None


class Post2019Entry(TypedDict):
    """The forum post's table."""

    dimension: int
    recovered: float
    rows: list[PostEntry]


class Document(TypedDict):
    """overheads.json."""

    schema: str
    schema_version: int
    unreadable: list[str]
    post_2019: Post2019Entry
    source_lines: list[LinesEntry]
    runs: list[RunEntry]
    machines: MachinesEntry | None
    steps: list[StepEntry]
