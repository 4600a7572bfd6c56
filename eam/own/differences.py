"""The element in which what the reader wrote differs most from what it should be."""

from typing import Any, NamedTuple

import numpy as np


class Difference(NamedTuple):
    """An element that is wrong.

    Attributes:
        place: its index in brackets; empty for a number.
        found: its value.
        wanted: the right one.
    """

    place: str
    found: float
    wanted: float


def furthest_off(found: Any, wanted: Any, allowed: float) -> Difference | None:
    """The element that is furthest off; None if all are right.

    Args:
        found, wanted: arrays of one shape, or numbers.
        allowed: the difference that counts as none.
    """
    off = np.abs(np.subtract(found, wanted))
    if np.max(off) <= allowed:  # false for NaN, which is where argmax then points
        return None
    worst = np.unravel_index(np.argmax(off), off.shape)
    place = f"[{', '.join(map(str, worst))}]" if off.ndim else ""
    return Difference(place, float(np.asarray(found)[worst]), float(np.asarray(wanted)[worst]))
