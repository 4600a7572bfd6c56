"""Several machines side by side: where their verdicts agree, and where not."""

from collections.abc import Sequence

from .. import formatting
from .matrix import Matrix, Place
from .ratios import Score
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
    scores = {place.score("numpy") for place in found.values()}
    claims = scores - {Score.UNCLEAR}
    agreement = "other" if len(claims) > 1 else "same" if len(scores) == 1 else "unclear"
    return {
        "model": model,
        "dimension": dimension,
        "unit": next(iter(found.values())).results.unit,
        "library": library,
        "agreement": agreement,
        "on": [_on(found.get(machine)) for machine in machines],
    }


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
