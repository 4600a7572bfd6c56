"""Jinja2 and its filters: a page is a template, the values it shows, and the scripts it runs."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import jinja2
import vl_convert
from markupsafe import Markup, escape

from .. import formatting
from .missing import measure
from .model_schema import BackendEntry, RatioEntry
from .ratios import Score, Standing

_TEMPLATES = Path(__file__).parent / "templates"
EXPLORE, CLASSIC, HISTORY, FRONT = "explore.html", "classic.html", "history.html", "index.html"
RELEASES, FEED = "releases.html", "steps.xml"
NUMBERS = ("overheads.csv", "overheads.json")
_NAVIGATION = (
    (FRONT, "Report", ""),
    (HISTORY, "History", ""),
    (RELEASES, "Releases", ""),
    (EXPLORE, "Explore asv's data", "needs a server, such as asv preview"),
    (CLASSIC, "asv's classic pages", "needs a server and the internet"),
    ("overheads.csv", "CSV", ""),
    ("overheads.json", "JSON", ""),
)


class Templates:
    """The templates, and the folder that pages are written to."""

    def __init__(self, folder: Path, linked: Sequence[str] = ()) -> None:
        """`linked` are the files there that the navigation leads to."""
        self._folder = folder
        self._environment = _environment(linked)

    def write(
        self, template: str, file: str, *, specs: Any = None, script: str = "", **values: Any
    ) -> Path:
        """Write a page.

        Args:
            template: its file.
            file: of the page.
            specs: name -> chart.
            script: the file of the script that draws the charts; with none the page has no script.
            values: that the template shows.
        """
        scripts = [_bundle(), _text("page.js"), _text(script)] if specs else []
        hashes = [f"'sha256-{_digest(text)}'" for text in scripts]
        # The scripts may add others, and draw by functions that they make.
        allowed = " ".join([*hashes, "'unsafe-eval'", "'strict-dynamic'"] if hashes else ["'none'"])
        policy = (
            f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )
        html = self._environment.get_template(template).render(
            file=file,
            policy=policy,
            specs=specs or {},
            scripts=[Markup(text) for text in scripts],
            **values,
        )
        path = self._folder / file
        path.write_text(html, encoding="utf-8")
        return path


def write_empty(reason: str, unreadable: Sequence[str], folder: Path) -> Path:
    """Write a front page that says why there is nothing on it."""
    return Templates(folder).write(
        "empty.html", FRONT, reason=reason, unreadable=unreadable, run=None
    )


def _bundle() -> str:
    """Vega's scripts, which must not end the script element that they stand in."""
    return cast(Any, vl_convert).javascript_bundle().replace("</script", "<\\/script")


def _text(file: str) -> str:
    return _TEMPLATES.joinpath(file).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _environment(linked: Sequence[str]) -> Any:
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
    environment.globals["feed"] = FEED
    environment.globals["style"] = Markup(_text("style.css"))
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


def _score_shade(ratio: RatioEntry, score: str) -> str:
    """The class of a cell of the matrix: its score, and how far it goes."""
    if score in (Score.AHEAD, Score.BEHIND):
        return _shade({**ratio, "standing": Standing(score)})
    return score


def _scored(value: float, score: str) -> str:
    """The same for a ratio with its value and score only."""
    return _score_shade(cast(RatioEntry, {"value": value}), score)


def _in_unit(value: float, unit: str) -> str:
    """A number of a case with its unit: 'ratio', 'seconds', 'count' or 'size'."""
    if unit == "ratio":
        return f"{formatting.fine(value)}×"
    by_unit = {"seconds": formatting.seconds, "count": formatting.count, "size": formatting.size}
    return by_unit[unit](value)


def _interpreter(python: str) -> str:
    """The version of Python; asv stores a path for an existing environment."""
    return "an existing environment" if "/" in python or "\\" in python else python


def _in_order(groups: Any, backends: Sequence[BackendEntry]) -> list[Any]:
    """Groups of backends in the order of the suite, not of the alphabet."""
    return _in_order_of(groups, dict.fromkeys(entry["library"] for entry in backends))


def _in_order_of(groups: Any, names: Iterable[str]) -> list[Any]:
    """Groups of backends in the order of `names`."""
    order = list(names)
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
    "score_shade": _score_shade,
    "scored": _scored,
    "again": measure,
    "isoday": formatting.isoday,
    "in_unit": _in_unit,
    "unbroken": _unbroken,
    "interpreter": _interpreter,
    "in_order": _in_order,
    "in_order_of": _in_order_of,
}
