"""Several machines side by side: where their verdicts agree, and where not."""

from collections import Counter
from collections.abc import Mapping, Sequence

from .. import formatting
from .matrix import Matrix, Place
from .ratios import CLOSE, Score
from .schema import AgreementEntry, MachinesEntry, OnMachineEntry


def side_by_side(matrices: Sequence[tuple[str, Matrix]]) -> MachinesEntry | None:
    """The verdicts of at least two machines over the NumPy gradient; None of one machine.

    Args:
        matrices: the name of each machine and the matrix of its latest run.
    """
    if len(matrices) < 2:
        return None
    places: dict[tuple[str, int, str], dict[str, Place]] = {}
    for machine, matrix in matrices:
        for row in matrix.rows:
            for place in row.places:
                if place.verdict is not None:
                    key = place.results.model, place.verdict.dimension, row.library
                    places.setdefault(key, {})[machine] = place
    names = [machine for machine, _ in matrices]
    rows = [_row(*key, found, names) for key, found in places.items() if len(found) > 1]
    counts = {word: sum(row["agreement"] == word for row in rows) for word in ("same", "other")}
    unclear = len(rows) - sum(counts.values())
    return {
        "machines": names,
        "rows": sorted(rows, key=lambda row: ("other", "unclear", "same").index(row["agreement"])),
        "sentence": _sentence(len(rows), counts["same"], counts["other"], unclear),
    }


def _row(
    model: str, dimension: int, library: str, found: dict[str, Place], machines: Sequence[str]
) -> AgreementEntry:
    by_machine = {machine: place.score("numpy") for machine, place in found.items()}
    scores = set(by_machine.values())
    claims = scores - {Score.UNCLEAR}
    agreement = "other" if len(claims) > 1 else "same" if len(scores) == 1 else "unclear"
    return {
        "model": model,
        "dimension": dimension,
        "unit": next(iter(found.values())).results.unit,
        "library": library,
        "agreement": agreement,
        "on": [_on(found.get(machine)) for machine in machines],
        "holds": _holds(by_machine),
    }


def _holds(scores: Mapping[str, Score]) -> str:
    """On how many machines the verdict of most of them holds, and what the others say.

    "behind on all 3"; "ahead on 2 of 3, behind on a-cpu"; "ahead on 1 of 2, not clear on a-cpu".
    """
    words = {Score.AHEAD: "ahead", Score.CLOSE: f"within {CLOSE}×", Score.BEHIND: "behind"}
    claims = Counter(score for score in scores.values() if score in words)
    most = max(claims, key=claims.__getitem__) if claims else Score.UNCLEAR
    those = [machine for machine, score in scores.items() if score == most]
    if len(those) == len(scores):
        return f"{words.get(most, 'not clear')} on all {len(those)}"
    parts = [f"{words.get(most)} on {len(those)} of {len(scores)}"]
    for other in dict.fromkeys(scores.values()):
        names = [machine for machine, score in scores.items() if score == other != most]
        if names:
            parts.append(f"{words.get(other, 'not clear')} on {formatting.listed(names)}")
    return ", ".join(parts)


def _on(place: Place | None) -> OnMachineEntry | None:
    ratio = None if place is None else place.over("numpy")
    if place is None or ratio is None or place.verdict is None:
        return None
    score = place.score("numpy")
    return {"backend": place.verdict.backend, "value": ratio.value, "score": score}


def _sentence(count: int, same: int, other: int, unclear: int) -> str:
    if not count:
        return "They have no model and library in common at the same size."
    verdicts = f"{count} verdict{'s' * (count != 1)}"
    parts = [f"agree on {same}", f"disagree on {other}"]
    parts += [f"cannot be compared on {unclear}, which one of them leaves unclear"] * bool(unclear)
    return f"Of {verdicts} that more than one of them has, they {formatting.listed(parts)}."
