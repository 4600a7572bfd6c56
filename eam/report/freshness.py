"""How old a run is: in days, in commits, and in releases that exist by now."""

from collections.abc import Iterator, Mapping
from typing import Any

from .. import formatting
from .results import Run
from .schema import FreshnessEntry, NewerEntry

DAY = 86_400_000  # milliseconds


def freshness(run: Run, now: int, behind: int | None) -> FreshnessEntry:
    """How old a run is.

    Args:
        run: with the facts that were stored beside it.
        now: milliseconds since 1970.
        behind: how many commits the branch has after that of the run; None if not known.
    """
    days = None if run.measured is None else max(0, (now - run.measured) // DAY)
    newest: Mapping[str, Any] | None = run.facts.get("newest")
    newer = [] if newest is None else list(_newer(run, newest))
    python = run.facts.get("python") or run.python
    return {
        "measured": run.measured,
        "days": days,
        "behind": behind,
        "looked_up": newest is not None,
        "newer": newer,
        "sentences": [
            _age(run.measured, days),
            *([_behind(behind)] if behind is not None else []),
            *_releases(newer, newest is not None, ".".join(python.split(".")[:2])),
        ],
    }


def _newer(run: Run, newest: Mapping[str, Any]) -> Iterator[NewerEntry]:
    """The libraries with another release on the package index than was measured."""
    for library, found in newest.items():
        measured = run.versions.get(library, "")
        if measured and measured not in (found["any"], ""):
            yield {
                "library": library,
                "measured": measured,
                "here": found["here"],
                "any": found["any"],
            }


def _age(measured: int | None, days: int | None) -> str:
    if measured is None or days is None:
        return "When it was measured is not recorded."
    ago = {0: "on the day", 1: "1 day before"}.get(days, f"{days} days before")
    return f"Measured on {formatting.day(measured)}, {ago} this page was written."


def _behind(behind: int) -> str:
    if behind == 0:
        return "Its commit is the newest."
    return f"Its commit is {behind} behind the newest."


def _releases(newer: list[NewerEntry], looked_up: bool, python: str) -> Iterator[str]:
    if not looked_up:
        yield "Whether there are newer releases of the libraries was not looked up."
    elif not newer:
        yield "Every library was the newest on the package index."
    for row in newer:
        here = row["here"] if row["here"] != row["any"] else None
        limit = f" (the newest for Python {python})" if here == row["measured"] else ""
        other = f", {here} for Python {python}" if here and not limit else ""
        yield f"{row['library']} {row['any']} exists{other}; measured: {row['measured']}{limit}."
