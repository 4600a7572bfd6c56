"""The matrix in words: the headline of the front page, and a sentence for each library."""

from collections.abc import Sequence

from .. import formatting
from .matrix import ByHand, Matrix, Row, Tally
from .missing import measure
from .model_schema import AnswerEntry
from .ratios import CLOSE, Score, Standing

_SCORES = {
    Score.AHEAD: "ahead on {}",
    Score.CLOSE: f"within {CLOSE}× on {{}}",
    Score.BEHIND: "behind on {}",
    Score.UNCLEAR: "not clear on {}",
}
_QUESTIONS: dict[ByHand, tuple[str, str]] = {
    "numpy": ("If your gradient is NumPy", "the NumPy gradient"),
    "best": ("If your gradient is compiled (C, Julia, numba)", "the best gradient by hand"),
}


def matrix_headline(matrix: Matrix, commit: str) -> list[AnswerEntry]:
    """May I stop writing gradients by hand? Once for NumPy's gradient, once for the best."""
    return [_against(matrix, by_hand, commit) for by_hand in ("numpy", "best")]


def _against(matrix: Matrix, by_hand: ByHand, commit: str) -> AnswerEntry:
    question, rival = _QUESTIONS[by_hand]
    tallies = [(row, row.numpy if by_hand == "numpy" else row.best) for row in matrix.rows]
    fast = {row.library: tally.count(Score.AHEAD, Score.CLOSE) for row, tally in tallies}
    models, most = len(matrix.columns), max(fast.values(), default=0)
    names = [library for library, count in fast.items() if count == most]
    details = [_means(tallies, rival)]
    standing = Standing.BEHIND
    if most == models > 0:
        short, standing = f"Yes, with {formatting.listed(names)}.", Standing.AHEAD
        details.insert(0, f"On {_models(models)} they are ahead of {rival} or within {CLOSE}×.")
        if len(names) == 1:
            details[0] = details[0].replace("they are", "it is")
    elif most > 0:
        short = f"On {most} of {_models(models)}, with {formatting.listed(names)}."
        standing = Standing.LATER
    elif any(tally.mean is not None for _, tally in tallies):
        short = "Not yet."
    elif any(tally.works for _, tally in tallies):
        short, standing = "Cannot say.", Standing.UNPAIRED
        details = ["The times come from separate processes, so no claim is made."]
    else:
        short, standing = "Not measured.", Standing.UNPAIRED
        details = [f"Get it with: {measure(commit, 'Overhead')}"]
    return {
        "question": question,
        "answer": short,
        "details": list(filter(None, details)),
        "standing": standing,
    }


def _models(count: int) -> str:
    return f"{count} model{'s' * (count != 1)}"


def _means(tallies: Sequence[tuple[Row, Tally]], rival: str) -> str:
    """'Over the NumPy gradient, in the mean: jax 0.9× on 5 models, torch 3.1× on 4 models.'"""
    known = [(row.library, t.mean, t.mean_of) for row, t in tallies if t.mean is not None]
    ranked = sorted(known, key=lambda item: (-item[2], item[1]))
    parts = [f"{name} {formatting.times(mean)} on {_models(n)}" for name, mean, n in ranked[:4]]
    return f"Over {rival}, in the geometric mean: {formatting.listed(parts)}." if parts else ""


def library_sentence(row: Row) -> str:
    """One line a library: on how many models it works, and how it stands there."""
    name = f"{row.library} {row.version}".rstrip()
    of = len(row.places)
    parts = [f"{name} works on {row.numpy.works} of {_models(of)}"]
    if row.numpy.works:
        parts.append(f"over NumPy {_standings(row.numpy)}")
        parts.append(f"over the best by hand {_standings(row.best)}")
    if row.numpy.missing and row.numpy.works:
        parts.append(f"missing on {formatting.listed(row.numpy.missing)}")
    return "; ".join(parts)


def _standings(tally: Tally) -> str:
    parts = [text.format(n) for score, text in _SCORES.items() if (n := tally.count(score))]
    if tally.mean is not None:
        parts.append(f"geometric mean {formatting.times(tally.mean)}")
    return ", ".join(parts)


def reasons_in_words(matrix: Matrix) -> list[str]:
    """Why libraries have no number, one line a reason: 'casadi on tabulated and toy: ...'."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in matrix.rows:
        for place in row.places:
            if place.reason or place.why not in ("", "not run"):
                key = row.library, place.why, place.reason or "the reason was not stored"
                found.setdefault(key, []).append(place.results.model)
    return [
        f"{library} on {formatting.listed(models)}: {why}, {reason}"
        for (library, why, reason), models in found.items()
    ]
