"""Which releases changed the speed? A bisection that looks for every step, not for one.

The ends of a range are compared, and then each half whose ends differ is halved again. Steps are
not monotone: a bisection that follows one difference walks past a second. Two steps that cancel
each other out between two ends stay unseen below the first halving.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from .pair import SAME

Item = TypeVar("Item")


# the verdict and the ratio of two items
Compare = Callable[[Item, Item], tuple[str, float]]


def steps(
    items: Sequence[Item], compare: Compare[Item], halve_once: bool = True
) -> Iterator[tuple[Item, Item, float]]:
    """The neighbours that differ.

    Args:
        items: in order, at least two.
        compare: of an earlier and a later one; remembers for itself.
        halve_once: look into both halves even where the ends are alike.

    Yields:
        (before, after, ratio) of each step, in order.
    """
    verdict, ratio = compare(items[0], items[-1])
    if len(items) == 2:
        if verdict != SAME:
            yield items[0], items[-1], ratio
        return
    if verdict == SAME and not halve_once:
        return
    middle = len(items) // 2
    yield from steps(items[: middle + 1], compare, halve_once=False)
    yield from steps(items[middle:], compare, halve_once=False)


def comparisons_left(count: int) -> int:
    """About how many comparisons a range of so many items takes, if it holds one step."""
    return 1 + 2 * max(1, (count - 1).bit_length())
