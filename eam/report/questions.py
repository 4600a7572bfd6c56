"""The report's answers in words: the headline, and the forum post's three questions.

Each answer is {'question', 'answer', 'details', 'standing'}: a few words, then sentences with the
numbers; the standing colours a headline.
"""

from collections.abc import Callable, Sequence

from ..backends import MANUAL
from . import answers, words
from .answers import Allocation, CustomAdjoint
from .missing import measure
from .overheads import AHEAD, BEHIND, LEVEL, UNPAIRED, Ratio, best_manual
from .store import Run
from .verdicts import Verdict, at, reference_dimension, verdicts

Answer = dict[str, object]


def headline(run: Run, model: str) -> list[Answer]:
    """May I stop writing gradients by hand? Once for NumPy's gradient, once for the best."""
    found = verdicts(run, model)
    if not found:
        command = measure(run.commit, "Overhead")
        return [_answer("Against a NumPy gradient", "Not measured.", f"Get it with: {command}")]
    best = best_manual(run, model, found[0].dimension)
    return [
        _against("If your gradient is NumPy", "the NumPy gradient", found, lambda v: v.ratio),
        _against(
            "If your gradient is compiled",
            f"the fastest hand-written gradient ({best})",
            [v for v in found if v.best is not None],
            lambda v: v.best or v.ratio,
        ),
    ]


def _against(
    question: str, rival: str, found: Sequence[Verdict], ratio_of: Callable[[Verdict], Ratio]
) -> Answer:
    ranked = sorted(found, key=lambda v: ratio_of(v).value)
    if not ranked:
        return _answer(question, "Not measured.")
    where = at(ranked[0].model, ranked[0].dimension)
    numbers = words.listed([f"{v.library} {words.times(ratio_of(v).value)}" for v in ranked[:3]])
    sentence = f"At {where}, as multiples of {rival}: {numbers}."
    yes = [v.library for v in ranked if ratio_of(v).standing in (AHEAD, LEVEL)]
    if all(ratio_of(v).standing == UNPAIRED for v in ranked):
        return _answer(
            question, "Cannot say.", sentence, "The times were taken apart, which proves nothing."
        )
    if yes:
        return _answer(question, f"Yes, with {words.listed(yes)}.", sentence, standing=AHEAD)
    later = [v for v in ranked if v.crossover is not None and ratio_of(v) is v.ratio]
    if later:
        first = min(later, key=lambda v: v.crossover or 0.0)
        large = at(first.model, first.crossover or 0.0)
        short = f"Above {large}, with {first.library}."
        return _answer(question, short, sentence, standing="later")
    return _answer(question, "Not yet.", sentence, standing=BEHIND)


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
    rows = answers.custom_adjoints(run, model, dimension)
    if not rows:
        return _answer(question, "Not measured.")
    shares = [row.recovered for row in rows if row.recovered is not None]
    if not shares:
        short = "There is no gap to recover."
    elif max(shares) < 1 / 3:
        short = f"Hardly: it recovers at most {words.percent(max(shares))} of the gap."
    else:
        short = f"In part: it recovers up to {words.percent(max(shares))} of the gap."
    then = words.percent(answers.SEED_RECOVERED)
    return _answer(
        question,
        short,
        *(_one_adjoint(row) for row in rows),
        f"In 2019 Zygote went from 4.1× to 1.4×, {then} of the gap to the manual gradient.",
    )


def _one_adjoint(row: CustomAdjoint) -> str:
    change = f"{words.times(row.plain.value)} plain, {words.times(row.custom.value)} with it"
    if row.recovered is None:
        share = "plain AD is not behind, so there is nothing to recover"
    else:
        share = f"{words.percent(row.recovered)} of the gap"
    whole = ""
    if row.primitive is not None:
        whole = f"; the whole function as one rule: {words.times(row.primitive.value)}"
    return f"{row.library}: {change}: {share}{whole}."


def _allocations(run: Run, model: str, dimension: int) -> Answer:
    question = "Is there an official way to avoid allocations?"
    rows = answers.allocations(run, model, dimension)
    if not rows:
        command = measure(run.commit, "track_alloc")
        return _answer(question, "Not measured.", f"Get it with: {command}")
    ad = [row for row in rows if row.kind != MANUAL]
    lean = [row.backend for row in ad if row.spares_the_result(dimension)]
    result = words.size(8.0 * dimension)
    short = (
        f"Yes: {words.listed(lean)}."
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
    amount = "" if row.allocated is None else f", {words.size(row.allocated)}"
    way = "by hand, " * (row.kind == MANUAL) + ("into reused memory" if row.in_place else "")
    number = words.count(row.count)
    suffix = f" ({way.rstrip(', ')})" if way else ""
    return f"{row.backend}{suffix}: {number} allocation{'s' * (number != '1')}{amount} a call."


def _what_else(run: Run, model: str, dimension: int) -> Answer:
    question = "What else should I look at?"
    ranked = [(n, r) for n, r in answers.ranking(run, model, dimension) if r.standing != UNPAIRED]
    if not ranked:
        return _answer(question, "Not measured.")
    details: list[str] = []
    last = max(run.dimensions(model, "track_overhead"))
    for n in dict.fromkeys((dimension, last)):
        best = [(name, r) for name, r in answers.ranking(run, model, n) if r.standing != UNPAIRED]
        numbers = words.listed([f"{name} {words.times(r.value)}" for name, r in best[:4]])
        details.append(f"The fastest ways at {at(model, n)}, over NumPy: {numbers}.")
    for row in answers.forward_modes(run, model):
        if row.faster:
            where = words.listed([words.dimension(n) for n in row.faster])
            details.append(f"Forward mode in {row.library} beats reverse mode at N = {where}.")
    behind = sum(r.standing == BEHIND for _, r in ranked)
    details.append(
        f"{behind} of {len(ranked)} ways are slower than NumPy at {at(model, dimension)}."
    )
    return _answer(question, f"{ranked[0][0]}, the fastest at {at(model, dimension)}.", *details)


def _answer(question: str, answer: str, *details: str, standing: str = UNPAIRED) -> Answer:
    return {
        "question": question,
        "answer": answer,
        "details": list(details),
        "standing": standing,
    }
