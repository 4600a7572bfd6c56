"""The report's answers in words: the headline, and the forum post's three questions."""

from collections.abc import Callable, Sequence

from .. import formatting
from ..backends import BY_HAND, MANUAL
from . import findings
from .findings import Allocation, CustomAdjoint, gradient_bytes
from .missing import measure
from .model_schema import AnswerEntry
from .ratios import Ratio, Standing
from .results import OVERHEAD, ModelResults
from .verdicts import Verdict, verdicts


def headline(results: ModelResults) -> list[AnswerEntry]:
    """May I stop writing gradients by hand? Once for NumPy's gradient, once for the best."""
    found = verdicts(results)
    if not found:
        command = measure(results.commit, "Overhead")
        return [_answer("Against a NumPy gradient", "Not measured.", f"Get it with: {command}")]
    large = verdicts(results, max(results.dimensions(OVERHEAD), default=0))
    best = results.best_manual(found[0].dimension)
    return [
        _against("If your gradient is NumPy", " the time of NumPy", found, large, _over_numpy),
        _against(
            "If your gradient is compiled (C, Julia, numba)",
            f" the time of the best by hand ({best})",
            found,
            large,
            _over_best,
        ),
    ]


def _over_numpy(verdict: Verdict) -> Ratio | None:
    return verdict.ratio


def _over_best(verdict: Verdict) -> Ratio | None:
    return verdict.best


def _against(
    question: str,
    rival: str,
    found: Sequence[Verdict],
    large: Sequence[Verdict],
    ratio_of: Callable[[Verdict], Ratio | None],
) -> AnswerEntry:
    ranked = _ranked(found, ratio_of)
    if not ranked:
        return _answer(question, "Not measured.")
    sentences = [_numbers(ranked, rival)]
    if large and large[0].dimension != found[0].dimension:
        sentences.append(_numbers(_ranked(large, ratio_of), ""))
    if all(ratio.standing == Standing.UNPAIRED for _, ratio in ranked):
        sentences.append(
            "The times come from separate processes, which a shared machine runs at different "
            "speeds, so no claim is made."
        )
        return _answer(question, "Cannot say.", *sentences)
    yes = _libraries(ranked)
    if yes:
        return _answer(question, f"Yes, with {yes}.", *sentences, standing=Standing.AHEAD)
    at_large = _ranked(large, ratio_of)
    later = _libraries(at_large)
    if later:
        short = f"At {_at(at_large[0][0])}, with {later}."
        return _answer(question, short, *sentences, standing=Standing.LATER)
    if any(ratio.standing == Standing.UNCLEAR for _, ratio in ranked):
        sentences.append("The intervals are too wide to tell. Measure on a quieter machine.")
        return _answer(question, "Not clear.", *sentences)
    return _answer(question, "Not yet.", *sentences, standing=Standing.BEHIND)


def _ranked(
    found: Sequence[Verdict], ratio_of: Callable[[Verdict], Ratio | None]
) -> list[tuple[Verdict, Ratio]]:
    ratios = ((verdict, ratio_of(verdict)) for verdict in found)
    known = [(verdict, ratio) for verdict, ratio in ratios if ratio is not None]
    return sorted(known, key=lambda item: item[1].value)


def _libraries(ranked: Sequence[tuple[Verdict, Ratio]]) -> str:
    """The libraries that are ahead or level, listed."""
    good = (Standing.AHEAD, Standing.LEVEL)
    return formatting.listed([v.library for v, ratio in ranked if ratio.standing in good])


def _numbers(ranked: Sequence[tuple[Verdict, Ratio]], rival: str) -> str:
    """'At N = 100, jax takes 1.0× the time of numpy, torch 3.1× and autograd 30×.'"""
    (first, ratio), *others = ranked[:4]
    names = [f"{first.library} takes {_about(ratio)}{rival}"]
    names += [f"{verdict.library} {_about(ratio)}" for verdict, ratio in others]
    return f"At {_at(first)}, {formatting.listed(names)}."


def _at(verdict: Verdict) -> str:
    return formatting.at(verdict.dimension, verdict.results.unit)


def _about(ratio: Ratio) -> str:
    sure = ratio.standing not in (Standing.UNCLEAR, Standing.UNPAIRED)
    return formatting.times(ratio.value) if sure else f"about {formatting.times(ratio.value)}"


def questions(results: ModelResults) -> list[AnswerEntry]:
    """The forum post's three questions, answered at the reference dimension."""
    dimension = results.reference_dimension or results.record.dimensions.reference
    return [
        _custom_adjoint(results, dimension),
        _allocations(results, dimension),
        _what_else(results, dimension),
    ]


def _custom_adjoint(results: ModelResults, dimension: int) -> AnswerEntry:
    question = "Is the custom adjoint indicative of what I can still expect?"
    rows = findings.custom_adjoints(results, dimension)
    if not rows:
        return _answer(question, "Not measured.")
    then = formatting.percent(findings.POST_RECOVERED)
    return _answer(
        question,
        _gap_recovered(rows),
        *(_one_adjoint(row) for row in rows),
        f"In 2019 Zygote went from 4.1× to 1.4×, {then} of the gap to the manual gradient.",
    )


def _gap_recovered(rows: Sequence[CustomAdjoint]) -> str:
    paired = [row for row in rows if row.plain.paired]
    shares = [row.recovered for row in paired if row.recovered is not None]
    if not paired:
        return "Cannot say: the times come from separate processes."
    if not shares and any(row.plain.standing == Standing.UNCLEAR for row in paired):
        return "Not clear: the intervals are too wide to tell."
    if not shares:
        return "There is no gap to recover."
    if max(shares) <= 0.0:
        return "No: it recovers nothing of the gap."
    share = formatting.percent(max(shares))
    if max(shares) < 1 / 3:
        return f"Hardly: it recovers at most {share} of the gap."
    return f"In part: it recovers up to {share} of the gap."


def _one_adjoint(row: CustomAdjoint) -> str:
    change = f"{_about(row.plain)} plain, {_about(row.custom)} with it"
    if row.plain.standing == Standing.UNCLEAR:
        share = "not clear whether plain AD is behind"
    elif row.recovered is None:
        share = "plain AD is not behind, so there is nothing to recover"
    elif row.recovered <= 0.0:
        share = "nothing of the gap"
    else:
        share = f"{formatting.percent(row.recovered)} of the gap"
    whole = ""
    if row.primitive is not None:
        whole = f"; the whole function as one rule: {formatting.times(row.primitive.value)}"
    return f"{row.library}: {change}: {share}{whole}."


def _allocations(results: ModelResults, dimension: int) -> AnswerEntry:
    question = "Is there an official way to avoid allocations?"
    if (results.model, "track_allocations") not in results.suite.pairs:
        counted = sorted(
            model for model, what in results.suite.pairs if what == "track_allocations"
        )
        see = f"; see {formatting.listed(counted)}" * bool(counted)
        return _answer(question, f"Not counted for this model{see}.")
    rows = findings.allocations(results, dimension)
    if not rows:
        command = measure(results.commit, "track_alloc")
        return _answer(question, "Not measured.", f"Get it with: {command}")
    ad = [row for row in rows if row.kind not in BY_HAND]
    lean = [row for row in ad if row.spares_the_result]
    result = formatting.size(gradient_bytes(results, dimension))
    short = (
        f"Yes: {formatting.listed([row.backend for row in lean])}."
        if lean
        else f"No: every AD backend allocates more than the result itself ({result})."
    )
    by_hand = [row for row in rows if row.kind == MANUAL][:1]
    reused = [row for row in ad if row.in_place and row not in lean]
    named = lean + reused or ad[:2]
    return _answer(question, short, *(_one_allocation(row) for row in [*named, *by_hand]))


def _one_allocation(row: Allocation) -> str:
    amount = "" if row.allocated is None else f", {formatting.size(row.allocated)}"
    notes = ["by hand"] * (row.kind == MANUAL) + ["into reused memory"] * row.in_place
    suffix = f" ({', '.join(notes)})" if notes else ""
    number = formatting.count(row.count)
    return f"{row.backend}{suffix}: {number} allocation{'s' * (number != '1')}{amount} a call."


def _what_else(results: ModelResults, dimension: int) -> AnswerEntry:
    question = "What else should I look at?"
    ranked = _paired_ranking(results, dimension)
    if not ranked:
        return _answer(question, "Not measured.")
    details: list[str] = []
    for n in dict.fromkeys((dimension, max(results.dimensions(OVERHEAD)))):
        best = _paired_ranking(results, n)[:4]
        numbers = formatting.listed([f"{name} {formatting.times(r.value)}" for name, r in best])
        where = formatting.at(n, results.unit)
        details.append(f"The fastest backends at {where}, over NumPy: {numbers}.")
    details += [_forward(row) for row in findings.forward_modes(results)]
    behind = sum(ratio.standing == Standing.BEHIND for _, ratio in ranked)
    where = formatting.at(dimension, results.unit)
    details.append(f"{behind} of {len(ranked)} backends are slower than NumPy at {where}.")
    return _answer(question, f"{ranked[0][0]}, the fastest at {where}.", *details)


def _paired_ranking(results: ModelResults, dimension: int) -> list[tuple[str, Ratio]]:
    ranked = findings.ranking(results, dimension)
    return [(name, r) for name, r in ranked if r.standing != Standing.UNPAIRED]


def _forward(row: findings.Forward) -> str:
    parts = [
        f"{word} at {formatting.listed([formatting.dimension(n) for n in group])}"
        for word, group in (("faster", row.faster), ("level", row.level), ("slower", row.slower))
        if group
    ]
    return f"Forward mode against reverse mode in {row.library}, by N: {', '.join(parts)}."


def _answer(
    question: str, answer: str, *details: str, standing: Standing = Standing.UNPAIRED
) -> AnswerEntry:
    return {
        "question": question,
        "answer": answer,
        "details": list(details),
        "standing": standing,
    }
