"""The pages, drawn from the report's document with Jinja2: escaped, offline, one file each.

A page's content security policy allows the two scripts inlined in it and nothing else: no request
leaves the page, and a result file that smuggles in HTML finds it escaped and its script refused.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import jinja2
import vl_convert
from markupsafe import Markup, escape

from .. import formatting
from .charts import history_chart, strip_chart, times_chart
from .history import history, selects
from .ratios import Standing
from .schema import BackendEntry, Document, ModelEntry, RatioEntry, RunEntry

_TEMPLATES = Path(__file__).parent / "templates"
EXPLORE, CLASSIC, HISTORY, FRONT = "explore.html", "classic.html", "history.html", "index.html"
RELEASES = "releases.html"
_NAVIGATION = (
    (FRONT, "Report", ""),
    (HISTORY, "History", ""),
    (RELEASES, "Releases", ""),
    (EXPLORE, "Explore asv's data", "needs a server, such as make browse"),
    (CLASSIC, "asv's classic pages", "needs a server and the internet"),
    ("overheads.csv", "CSV", ""),
    ("overheads.json", "JSON", ""),
)


def write_pages(document: Document, folder: Path, others: Sequence[str] = ()) -> list[Path]:
    """Write the front pages and the history page; returns their paths.

    Args:
        document: as :func:`eam.report.document.document` makes it, with at least one run.
        folder: to write to.
        others: files beside ours, to be linked: EXPLORE, CLASSIC, RELEASES.
    """
    environment = environment_of([FRONT, HISTORY, "overheads.csv", "overheads.json", *others])
    fronts = _fronts(document)
    choices = [{"file": file, "text": text} for file, text, *_ in fronts]
    written: list[Path] = []
    for file, _, run, model in fronts:
        cases = {(case["backend"], case["dimension"]): case for case in model["cells"]}
        values: dict[str, Any] = {
            "run": run,
            "model": model,
            "cases": cases,
            "strip": strip_chart(model),
            "charts": _charts(model),
            "choices": choices,
            "unreadable": document["unreadable"],
        }
        written.append(write_page(environment, "front.html", folder / file, **values))
    shown = history(document)
    written.append(
        write_page(
            environment,
            "history.html",
            folder / HISTORY,
            history=shown,
            selects=selects(document, shown),
            chart=history_chart(),
            run=fronts[0][2],
        )
    )
    return written


def write_empty(reason: str, unreadable: Sequence[str], folder: Path) -> Path:
    """Write a front page that says why there is nothing on it."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"reason": reason, "unreadable": unreadable, "run": None, "navigation": []}
    return write_page(environment_of(()), "empty.html", folder / FRONT, **values)


def _fronts(document: Document) -> list[tuple[str, str, RunEntry, ModelEntry]]:
    """(file, text of its link, run, model): each model of each machine's latest run."""
    fronts: list[tuple[str, str, RunEntry, ModelEntry]] = []
    shown = [run for run in document["runs"] if run["latest"]]
    for run in reversed(shown):
        for model in run["models"]:
            text = f"{model['model']} on {run['machine']['machine']}"
            name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
            file = f"{name}-{len(fronts)}.html" if fronts else FRONT
            fronts.append((file, text, run, model))
    return fronts


def _charts(model: ModelEntry) -> list[dict[str, Any]]:
    libraries = dict.fromkeys(entry["library"] for entry in model["backends"])
    specs = ((library, times_chart(model, library)) for library in libraries)
    found = [(library, spec) for library, spec in specs if spec is not None]
    return [
        {"id": f"times-{i}", "title": library, "spec": spec}
        for i, (library, spec) in enumerate(found)
    ]


def write_page(environment: Any, template: str, path: Path, **values: Any) -> Path:
    """Draw a template with these values into a file, which is returned."""
    charted = any(values.get(name) for name in ("charts", "chart", "strip", "cold"))
    scripts = [*_scripts()] if charted else []
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {hashes}{' ' + repr('unsafe-eval') * charted}; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    html = environment.get_template(template).render(
        file=path.name, policy=policy, scripts=[Markup(script) for script in scripts], **values
    )
    path.write_text(html, encoding="utf-8")
    return path


def _scripts() -> tuple[str, str]:
    """Vega's bundle and ours. Neither may end the script element that it stands in."""
    bundle = cast(Any, vl_convert).javascript_bundle().replace("</script", "<\\/script")
    return bundle, _TEMPLATES.joinpath("page.js").read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def environment_of(linked: Sequence[str]) -> Any:
    """What templates are drawn in; the navigation leads to the files in `linked`."""
    environment: Any = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["navigation"] = [
        {"file": file, "text": text, "note": note}
        for file, text, note in _NAVIGATION
        if file in linked
    ]
    style = _TEMPLATES.joinpath("style.css").read_text(encoding="utf-8")
    environment.globals["style"] = Markup(style)
    environment.filters.update(_FILTERS)
    return environment


def _json(value: Any) -> Markup:
    """JSON inside a script element: without a character that HTML could read as its own."""
    text = json.dumps(value, allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _unbroken(text: str) -> Markup:
    """The same without a line break in 'N = 100', '100 atoms' and 'enzyme-ad'."""
    text = re.sub(r"\bN = (?=\d)", "N\u00a0=\u00a0", text)
    text = re.sub(r"(?<=\d) (?=atoms\b)", "\u00a0", text)
    name = re.compile(r"\b\w+(?:-\w+)+")
    return Markup(name.sub(r'<span class="together">\g<0></span>', str(escape(text))))


def _shade(ratio: RatioEntry) -> str:
    """The class of a table's cell: its standing, and how far it goes."""
    standing, value = ratio["standing"], ratio["value"]
    if standing == Standing.AHEAD:
        return f"{standing}-{1 + (value < 0.5) + (value < 0.2)}"
    if standing == Standing.BEHIND:
        return f"{standing}-{1 + (value > 3.0) + (value > 15.0)}"
    return standing


def _interpreter(python: str) -> str:
    """The version of Python; asv stores a path for an existing environment."""
    return "an existing environment" if "/" in python or "\\" in python else python


def _in_order(groups: Any, backends: Sequence[BackendEntry]) -> list[Any]:
    """Groups of backends in the order of the suite, not of the alphabet."""
    order = list(dict.fromkeys(entry["library"] for entry in backends))
    return sorted(groups, key=lambda group: order.index(group[0]))


_FILTERS: dict[str, Callable[..., Any]] = {
    "times": formatting.times,
    "seconds": formatting.seconds,
    "size": formatting.size,
    "dimension": formatting.dimension,
    "count": formatting.count,
    "percent": formatting.percent,
    "bare": formatting.digits,
    "rounded": formatting.rounded,
    "fine": formatting.fine,
    "at": formatting.at,
    "plain": repr,
    "day": formatting.day,
    "conditions": formatting.conditions,
    "json": _json,
    "shade": _shade,
    "unbroken": _unbroken,
    "interpreter": _interpreter,
    "in_order": _in_order,
}
