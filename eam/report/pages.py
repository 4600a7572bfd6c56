"""The pages, drawn from the report's document with Jinja2: escaped, and usable offline.

A page's content security policy allows the scripts inlined in it, and what these add: the data of
the history, from files beside the page. No request leaves the machine, and a result file that
smuggles in HTML finds it escaped and its script refused.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .case_details import details
from .charts import Spec, history_chart, strip_chart, times_chart
from .history_page import HistoryIndex, slug, step_links
from .model_schema import ModelEntry
from .schema import Document, RunEntry
from .templating import FRONT, HISTORY, NUMBERS, Templates

CHANGES_SHOWN = 5  # of each kind, on the front page


class Page(NamedTuple):
    """A page of a run: of one of its models, or of all of them where `model` is None."""

    file: str
    run: RunEntry
    model: ModelEntry | None


def write_pages(
    document: Document,
    index: HistoryIndex,
    folder: Path,
    others: Sequence[str] = (),
    axes: Sequence[Mapping[str, Any]] = (),
) -> list[Path]:
    """Write the front page of each machine, the pages of its models, and the history page.

    Args:
        document: of at least one run.
        index: of the history, as :func:`eam.report.history_page.write_history` gives it.
        folder: to write to.
        others: files beside ours, to be linked: EXPLORE, CLASSIC, RELEASES.
        axes: what :func:`eam.report.release_pages.summary` says of each library's releases.

    Returns:
        The paths of the pages.
    """
    templates = Templates(folder, [FRONT, HISTORY, *NUMBERS, *others])
    pages = _pages(document)
    written: list[Path] = []
    for page in pages:
        ours = [other for other in pages if other.run is page.run]
        values: dict[str, Any] = {
            "document": document,
            "unreadable": document["unreadable"],
            "run": page.run,
            "fronts": [other for other in pages if other.model is None],
            "front": ours[0].file,
            "history": HISTORY,
            "shown": CHANGES_SHOWN,
            "axes": axes,
            "models": {o.model["model"]: o.file for o in ours if o.model is not None},
        }
        if page.model is None:
            written.append(templates.write("front.html", page.file, **values))
        else:
            written.append(_write_model(templates, page.file, page.model, values))
    written.append(
        templates.write(
            "history.html",
            HISTORY,
            run=document["runs"][0],
            index=index,
            selected=_selected(document, index),
            steps=step_links(document["steps"]),
            specs={"history": history_chart()},
            script="history.js",
        )
    )
    return written


def write_model_page(document: Document, path: Path) -> Path:
    """Write the page of the only model of a document by itself."""
    (run,) = document["runs"]
    (model,) = run["models"]
    values: dict[str, Any] = {
        "document": document,
        "unreadable": [],
        "run": run,
        "fronts": [],
        "front": path.name,
        "models": {model["model"]: path.name},
    }
    return _write_model(Templates(path.parent), path.name, model, values)


def _write_model(
    templates: Templates, file: str, model: ModelEntry, values: dict[str, Any]
) -> Path:
    strip = strip_chart(model)
    charts = _charts(model)
    titles = {f"times-{i}": library for i, library in enumerate(charts)}
    specs = dict(zip(titles, charts.values(), strict=True)) | ({"strip": strip} if strip else {})
    return templates.write(
        "model.html",
        file,
        model=model,
        cases={(case["backend"], case["dimension"]): case for case in model["cases"]},
        details=details(values["run"], model),
        charts=titles,
        specs=specs,
        script="charts.js",
        **values,
    )


def _charts(model: ModelEntry) -> dict[str, Spec]:
    """Library -> the chart of its times."""
    libraries = dict.fromkeys(entry["library"] for entry in model["backends"])
    specs = {library: times_chart(model, library) for library in libraries}
    return {library: spec for library, spec in specs.items() if spec is not None}


def _pages(document: Document) -> list[Page]:
    """The front page of each machine, followed by those of its models; no two of one name."""
    pages: list[Page] = []
    taken: set[str] = set()

    def named(text: str) -> str:
        name = slug(text) or "page"
        unique = name
        while unique in taken:
            unique = f"{name}-{len(taken)}"
        taken.add(unique)
        return f"{unique}.html"

    for run in document["runs"]:
        machine = run["machine"]["machine"]
        pages.append(Page(named(f"report on {machine}") if pages else FRONT, run, None))
        for model in run["models"]:
            pages.append(Page(named(f"{model['model']} on {machine}"), run, model))
    return pages


def _selected(document: Document, index: HistoryIndex) -> int:
    """The choice that the history page opens on: the front page's first model, at its size."""
    run = document["runs"][0]
    for column in run["matrix"]["columns"]:
        for i, choice in enumerate(index["choices"]):
            wanted = run["machine"]["machine"], column["model"], column["dimension"]
            if (choice["machine"], choice["model"], choice["dimension"]) == wanted:
                return i
    return 0
