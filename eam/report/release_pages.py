"""The pages of releases: an overview of all libraries, and a page for each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..releases import index
from ..releases.comparisons import Entry
from .release_charts import (
    FIRST_CALL,
    FIRST_CALL_N,
    IMPORT,
    case_name,
    change,
    cold_chart,
    overhead_chart,
)
from .releases import LibraryReleases, Measured
from .templating import RELEASES, Templates


def write_releases(
    axes: Sequence[LibraryReleases], folder: Path, linked: Sequence[str] = ()
) -> list[Path]:
    """Write the pages of all measured releases; none where nothing was measured.

    Args:
        axes: what was measured, as :func:`eam.report.releases.read` gives it.
        folder: to write to.
        linked: files there that a reader can go to.
    """
    if not axes:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    templates = Templates(folder, [RELEASES, *linked])
    summaries = [summary(found) for found in axes]
    written = [templates.write("releases.html", RELEASES, axes=summaries, run=None)]
    for found in axes:
        charts = {name: overhead_chart(found, name) for name in found.axis.backends}
        charts = {name: spec for name, spec in charts.items() if spec is not None}
        titles = {f"overhead-{number}": name for number, name in enumerate(charts)}
        specs = dict(zip(titles, charts.values(), strict=True))
        cold = cold_chart(found)
        values: dict[str, Any] = {
            **summary(found),
            "specs": specs | ({"cold": cold} if cold else {}),
            "charts": titles,
            "script": "charts.js",
            "steps": [step_values(found, step) for step in found.steps],
            "causes": [step_values(found, step) for step in found.causes],
            "rows": [_row(found, release) for release in found.releases],
            "cases": [(model, n) for model, n in found.cases(found.axis.backends[0])],
            "faults": found.faults,
            "busy": found.busy,
            "calibrated": found.calibrated,
            "run": None,
        }
        written.append(templates.write("library.html", found.file, **values))
    return written


def summary(found: LibraryReleases) -> dict[str, Any]:
    """The values of a library on the overview and on the front page."""
    measured, largest = found.newest_measured, found.largest_step
    moved, of = found.moved
    return {
        "library": found.axis.library,
        "machine": found.machine,
        "file_of_library": found.file,
        "backend": found.axis.backends[0],
        "over": "the best hand-written gradient" if found.axis.library == "numpy" else "NumPy's",
        "measured": measured,
        "count": len({release.version for release in found.releases if release.run}),
        "newest": found.newest,
        "largest": None if largest is None else step_values(found, largest),
        "moved": moved,
        "of": of,
    }


def step_values(found: LibraryReleases, step: Entry) -> dict[str, Any]:
    """The values of a step on a page, with what moved with it and the command that repeats it."""
    with_it = ""
    if companion := found.axis.companion:
        of = {r.version: r.companion for r in index.releases(found.axis.library, offline=True)}
        with_it = f"{companion} {of.get(step.a) or '?'} → {of.get(step.b) or '?'}"
    command = (
        f"python -m eam gate {found.axis.library}=={step.a} {found.axis.library}=={step.b} "
        f"--backends {step.backend} --dimensions {step.dimension}"
    )
    if step.model != "toy":
        command += f" --model {step.model}"
    if step.variables:
        command += f" --with '{step.variables}'"
    return {
        **vars(step),
        "case": case_name(step.model, step.dimension),
        "change": change(step),
        "with_it": with_it,
        "command": command,
    }


def _row(found: LibraryReleases, release: Measured) -> dict[str, Any]:
    backend, library = found.axis.backends[0], found.axis.library
    imported = release.run.others.get((IMPORT, library)) if release.run else None
    return {
        "release": release,
        "overheads": [found.overhead(release, backend, *case) for case in found.cases(backend)],
        "first_call": release.get("toy", FIRST_CALL, FIRST_CALL_N, backend),
        "imported": imported,
        "allocations": release.get("toy", "track_allocations", 100, backend),
        "peak": release.get("toy", "peakmem_gradient", 1_000_000, backend),
        "installed": release.facts.get("installed_bytes"),
    }
