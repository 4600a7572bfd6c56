"""The report's answers in words: the headline, and the forum post's three questions.

Each answer is {'question', 'answer', 'details', 'standing'}: a few words, then sentences with the
numbers; the standing colours a headline.
"""

from collections.abc import Callable, Sequence

from .. import formatting
from ..backends import BY_HAND, MANUAL
from . import findings
from .findings import Allocation, CustomAdjoint
from .missing import measure
from .overheads import AHEAD, BEHIND, LEVEL, UNCLEAR, UNPAIRED, Ratio, best_manual
from .results import Run
from .verdicts import Verdict, at, gradient_bytes, reference_dimension, verdicts

Answer = dict[str, object]


def headline(run: Run, model: str) -> list[Answer]:
    """May I stop writing gradients by hand? Once for NumPy's gradient, once for the best."""
    found = verdicts(run, model)
    if not found:
        command = measure(run.commit, "Overhead")
        return [_answer("Against a NumPy gradient", "Not measured.", f"Get it with: {command}")]
    large = verdicts(run, model, max(run.dimensions(model, "track_overhead"), default=0))
    best = best_manual(run, model, found[0].dimension)
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
) -> Answer:
    ranked = _ranked(found, ratio_of)
    if not ranked:
        return _answer(question, "Not measured.")
    sentences = [_numbers(ranked, rival)]
    if large and large[0].dimension != found[0].dimension:
        sentences.append(_numbers(_ranked(large, ratio_of), ""))
    if all(ratio.standing == UNPAIRED for _, ratio in ranked):
        sentences.append(
            "The times come from separate processes, which a shared machine runs at different "
            "speeds: no claim."
        )
        return _answer(question, "Cannot say.", *sentences)
    yes = [verdict.library for verdict, ratio in ranked if ratio.standing in (AHEAD, LEVEL)]
    if yes:
        short = f"Yes, with {formatting.listed(yes)}."
        return _answer(question, short, *sentences, standing=AHEAD)
    later = [v for v in _ranked(large, ratio_of) if v[1].standing in (AHEAD, LEVEL)]
    if later:
        names = formatting.listed([verdict.library for verdict, _ in later])
        short = f"At {at(later[0][0].model, later[0][0].dimension)}, with {names}."
        return _answer(question, short, *sentences, standing="later")
    if any(ratio.standing == UNCLEAR for _, ratio in ranked):
        sentences.append("The intervals are too wide to tell; a quieter machine will.")
        return _answer(question, "Not clear.", *sentences)
    return _answer(question, "Not yet.", *sentences, standing=BEHIND)


def _ranked(
    found: Sequence[Verdict], ratio_of: Callable[[Verdict], Ratio | None]
) -> list[tuple[Verdict, Ratio]]:
    ratios = ((verdict, ratio_of(verdict)) for verdict in found)
    known = [(verdict, ratio) for verdict, ratio in ratios if ratio is not None]
    return sorted(known, key=lambda item: item[1].value)


def _numbers(ranked: Sequence[tuple[Verdict, Ratio]], rival: str) -> str:
    """'At N = 100, jax takes 1.0× the time of numpy, torch 3.1× and autograd 30×.'"""
    (first, ratio), *others = ranked[:4]
    names = [f"{first.library} takes {_about(ratio)}{rival}"]
    names += [f"{verdict.library} {_about(ratio)}" for verdict, ratio in others]
    return f"At {at(first.model, first.dimension)}, {formatting.listed(names)}."


def _about(ratio: Ratio) -> str:
    sure = ratio.standing not in (UNCLEAR, UNPAIRED)
    return formatting.times(ratio.value) if sure else f"about {formatting.times(ratio.value)}"


def questions(run: Run, model: str) -> list[Answer]:
    """The forum post's three questions, answered at the reference dimension."""
    dimension = reference_dimension(run, model) or 100
    return [
        _custom_adjoint(run, model, dimension),
        _allocations(run, model, dimension),
        _what_else(run, model, dimension),
    ]


def _custom_adjoint(run: Run, model: str, dimension: int) -> Answer:
    question = "Is the custom adjoint indicative of what I can still expect?"
    rows = findings.custom_adjoints(run, model, dimension)
    if not rows:
        return _answer(question, "Not measured.")
    paired = [row for row in rows if row.plain.paired]
    shares = [row.recovered for row in paired if row.recovered is not None]
    if not paired:
        short = "Cannot say: the times come from separate processes."
    elif not shares and any(row.plain.standing == UNCLEAR for row in paired):
        short = "Not clear: the intervals are too wide to tell."
    elif not shares:
        short = "There is no gap to recover."
    elif max(shares) <= 0.0:
        short = "No: it recovers nothing of the gap."
    elif max(shares) < 1 / 3:
        short = f"Hardly: it recovers at most {formatting.percent(max(shares))} of the gap."
    else:
        short = f"In part: it recovers up to {formatting.percent(max(shares))} of the gap."
    then = formatting.percent(findings.SEED_RECOVERED)
    return _answer(
        question,
        short,
        *(_one_adjoint(row) for row in rows),
        f"In 2019 Zygote went from 4.1× to 1.4×, {then} of the gap to the manual gradient.",
    )


def _one_adjoint(row: CustomAdjoint) -> str:
    change = f"{_about(row.plain)} plain, {_about(row.custom)} with it"
    if row.plain.standing == UNCLEAR:
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


def _allocations(run: Run, model: str, dimension: int) -> Answer:
    question = "Is there an official way to avoid allocations?"
    rows = findings.allocations(run, model, dimension)
    if (model, "track_allocations") not in run.tracked:
        counted = sorted(name for name, what in run.tracked if what == "track_allocations")
        see = f"; see {formatting.listed(counted)}" * bool(counted)
        return _answer(question, f"Not counted for this model{see}.")
    if not rows:
        command = measure(run.commit, "track_alloc")
        return _answer(question, "Not measured.", f"Get it with: {command}")
    ad = [row for row in rows if row.kind not in BY_HAND]
    lean = [row.backend for row in ad if row.spares_the_result]
    result = formatting.size(gradient_bytes(model, dimension))
    short = (
        f"Yes: {formatting.listed(lean)}."
        if lean
        else f"No: each AD way allocates more than the result itself ({result})."
    )
    by_hand = [row for row in rows if row.kind == MANUAL][:1]
    reused = [row for row in ad if row.in_place and row.backend not in lean]
    named = [*(row for row in ad if row.backend in lean), *reused, *by_hand]
    if not lean and not reused:
        named = [*ad[:2], *by_hand]
    return _answer(question, short, *(_one_allocation(row) for row in named))


def _one_allocation(row: Allocation) -> str:
    amount = "" if row.allocated is None else f", {formatting.size(row.allocated)}"
    way = "by hand, " * (row.kind == MANUAL) + ("into reused memory" if row.in_place else "")
    number = formatting.count(row.count)
    suffix = f" ({way.rstrip(', ')})" if way else ""
    return f"{row.backend}{suffix}: {number} allocation{'s' * (number != '1')}{amount} a call."


def _what_else(run: Run, model: str, dimension: int) -> Answer:
    question = "What else should I look at?"
    ranked = [(n, r) for n, r in findings.ranking(run, model, dimension) if r.standing != UNPAIRED]
    if not ranked:
        return _answer(question, "Not measured.")
    details: list[str] = []
    last = max(run.dimensions(model, "track_overhead"))
    for n in dict.fromkeys((dimension, last)):
        best = [(name, r) for name, r in findings.ranking(run, model, n) if r.standing != UNPAIRED]
        numbers = formatting.listed([f"{name} {formatting.times(r.value)}" for name, r in best[:4]])
        details.append(f"The fastest ways at {at(model, n)}, over NumPy: {numbers}.")
    details += [_forward(row) for row in findings.forward_modes(run, model)]
    behind = sum(r.standing == BEHIND for _, r in ranked)
    details.append(
        f"{behind} of {len(ranked)} ways are slower than NumPy at {at(model, dimension)}."
    )
    return _answer(question, f"{ranked[0][0]}, the fastest at {at(model, dimension)}.", *details)


def _forward(row: findings.Forward) -> str:
    parts = [
        f"{word} at {formatting.listed([formatting.dimension(n) for n in group])}"
        for word, group in (("faster", row.faster), ("level", row.level), ("slower", row.slower))
        if group
    ]
    return f"Forward mode against reverse mode in {row.library}, by N: {', '.join(parts)}."


def _answer(question: str, answer: str, *details: str, standing: str = UNPAIRED) -> Answer:
    return {
        "question": question,
        "answer": answer,
        "details": list(details),
        "standing": standing,
    }
