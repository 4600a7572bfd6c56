"""Models by libraries: how each library does on each model, at the model's reference dimension."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..backends import FORWARD, REVERSE, backend_names
from .names import by_library, kind, refusal, registered
from .ratios import Ratio, Score, score
from .results import OVERHEAD, TIME, ModelResults, Run
from .verdicts import Verdict, fastest

ByHand = Literal["numpy", "best"]  # the gradients by hand that a library is compared with


@dataclass(frozen=True)
class Place:
    """How a library does on a model.

    Attributes:
        results: of the model.
        verdict: on the library's fastest backend without a hand-written rule; None where none has
            a number.
        why, reason: where there is none: 'failed', 'n/a' or 'not run', and the reason if known.
    """

    results: ModelResults
    verdict: Verdict | None
    why: str = ""
    reason: str = ""

    def over(self, by_hand: ByHand) -> Ratio | None:
        """The overhead over NumPy's gradient, or over the best by hand."""
        if self.verdict is None:
            return None
        return self.verdict.ratio if by_hand == "numpy" else self.verdict.best

    def score(self, by_hand: ByHand) -> Score:
        """How the library counts on this model."""
        return score(self.over(by_hand))


@dataclass(frozen=True)
class Tally:
    """A library's scores over the models.

    Attributes:
        scores: model -> score.
        mean: geometric mean of the paired overheads; None where there is none.
        mean_of: how many models it is over.
    """

    scores: dict[str, Score]
    mean: float | None
    mean_of: int

    def count(self, *scores: Score) -> int:
        """On how many models the library has one of `scores`."""
        return sum(found in scores for found in self.scores.values())

    @property
    def missing(self) -> list[str]:
        """The models without a number."""
        return [model for model, found in self.scores.items() if found == Score.MISSING]

    @property
    def works(self) -> int:
        """On how many models the library has a number."""
        return len(self.scores) - len(self.missing)


@dataclass(frozen=True)
class Row:
    """A library that differentiates, and its places in the order of the matrix's columns."""

    library: str
    version: str
    places: tuple[Place, ...]

    @cached_property
    def numpy(self) -> Tally:
        """Against the NumPy gradient."""
        return self._tally("numpy")

    @cached_property
    def best(self) -> Tally:
        """Against the best gradient by hand."""
        return self._tally("best")

    @property
    def rank(self) -> tuple[int, int, float]:
        """The key that sorts the rows: as fast as by hand on most models, then the mean."""
        fast = self.numpy.count(Score.AHEAD, Score.CLOSE)
        mean = math.inf if self.numpy.mean is None else self.numpy.mean
        return -fast, len(self.numpy.missing), mean

    def _tally(self, by_hand: ByHand) -> Tally:
        scores = {place.results.model: place.score(by_hand) for place in self.places}
        ratios = [ratio for place in self.places if (ratio := place.over(by_hand)) is not None]
        logarithms = [math.log(ratio.value) for ratio in ratios if ratio.paired]
        mean = math.exp(sum(logarithms) / len(logarithms)) if logarithms else None
        return Tally(scores, mean, len(logarithms))


@dataclass(frozen=True)
class Matrix:
    """The models that a run measured by the libraries that differentiate.

    Attributes:
        columns: the models, the toy last.
        rows: the libraries, the best first; those without a number too.
    """

    columns: tuple[ModelResults, ...]
    rows: tuple[Row, ...]


def matrix(run: Run) -> Matrix:
    """The matrix of a run."""
    columns = run.models()
    asked = [key.backend for r in columns for key in (*r.numbers, *r.missing)]
    # a suite of the reader's own has no row for what it does not ask for
    ours = backend_names() if any(registered(r.model) for r in columns) else ()
    names = [name for name in dict.fromkeys([*ours, *asked]) if _is_plain(name)]
    rows = [
        Row(
            library,
            run.versions.get(library, ""),
            tuple(_place(results, backends) for results in columns),
        )
        for library, backends in by_library(names).items()
    ]
    return Matrix(columns, tuple(sorted(rows, key=lambda row: row.rank)))


def _is_plain(backend: str) -> bool:
    """Whether a backend differentiates without a rule written by hand."""
    return kind(backend) in (REVERSE, FORWARD)


def _place(results: ModelResults, backends: Sequence[str]) -> Place:
    dimension = results.reference_dimension
    if dimension is None:
        return Place(results, None, "not run")
    found = fastest(results, backends, dimension)
    if found:
        return Place(results, found)
    return Place(results, None, *_why(results, backends, dimension))


def _why(results: ModelResults, backends: Sequence[str], dimension: int) -> tuple[str, str]:
    """Why a library has no number: a failure first, then what is stored, then the refusal."""
    whys = [results.why(metric, dimension, b) for b in backends for metric in (OVERHEAD, TIME)]
    whys.sort(key=lambda why: (("failed", "n/a", "not run").index(why[0]), not why[1]))
    word, reason = whys[0]
    return word, reason or (_refusal(results, backends, dimension) if word != "failed" else "")


def _refusal(results: ModelResults, backends: Sequence[str], dimension: int) -> str:
    """The registry's reason, where it offers none of the backends for this model."""
    reasons = [refusal(results.model, dimension, name) for name in backends]
    return reasons[0] if reasons and all(reasons) else ""
