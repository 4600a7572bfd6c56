"""Steps: overheads that changed from one run to a later one by more than their uncertainty."""

from collections.abc import Iterator, Sequence
from typing import Any

from .overheads import REFERENCE

Json = dict[str, Any]


def steps(runs: Sequence[Json]) -> list[Json]:
    """The steps of all machines.

    A run is compared with the last one before it that has the same libraries, or where there is
    none with the last one: a new release may be a step too.

    Args:
        runs: of the document, the oldest first.

    Returns:
        One {run, since, model, dimension, backend, change, release} a step: `run` and `since` are
        indices into `runs`, `change` is new over old, `release` that of a library that is another
        now, or None.
    """
    found: list[Json] = []
    before: dict[tuple[Any, ...], Json] = {}
    for order, run in enumerate(runs):
        versions = tuple(sorted(run["versions"].items()))
        for cell, overhead in _paired(run):
            key = (run["machine"]["machine"], *cell.values())
            old = before.get((*key, versions), before.get(key))
            now = {**overhead, "run": order}
            if old is not None and _apart(old, now):
                found.append(
                    {
                        "run": order,
                        "since": old["run"],
                        **cell,
                        "change": now["value"] / old["value"],
                        "release": None if now["release"] == old["release"] else now["release"],
                    }
                )
            before[key] = before[*key, versions] = now
    return found


def _paired(run: Json) -> Iterator[tuple[Json, Json]]:
    """({model, dimension, backend}, {an overhead's fields, release}) of what is compared."""
    for model in run["models"]:
        libraries = {entry["backend"]: entry["library"] for entry in model["backends"]}
        for cell in model["cells"]:
            ratio = cell["overhead"][REFERENCE]
            if ratio is not None and ratio["paired"]:
                library = libraries[cell["backend"]]
                release = f"{library} {run['versions'].get(library, '')}".rstrip()
                named = {"dimension": cell["dimension"], "backend": cell["backend"]}
                yield {"model": model["model"], **named}, {**ratio, "release": release}


def _apart(old: Json, new: Json) -> bool:
    """Whether the intervals stay apart even when widened by the floor."""
    slack = 1.0 + max(old["floor"], new["floor"])
    return new["low"] > old["high"] * slack or new["high"] * slack < old["low"]
