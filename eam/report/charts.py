"""The charts, as Vega-Lite specifications made with Altair from the report's document.

Colours are CSS variables, so that the page decides between light and dark; a way is told by its
colour (Okabe and Ito's, safe for the colour-blind), its marker and its dash.
"""

import math
from collections.abc import Iterator
from typing import Any

import altair as alt

from . import words
from .document import Json

_COLOURS = [f"var(--series-{i})" for i in range(1, 7)]
_SHAPES = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross"]
_QUIET = "var(--quiet)"
_FONT = "system-ui, sans-serif"


def times_chart(model: Json, library: str) -> Json | None:
    """Times of a library's ways against N, log-log, with fits, NumPy's and the best by hand.

    None where the library has no time.
    """
    growth = {row["backend"]: row for row in model["growth"]}
    ways = [b["backend"] for b in model["backends"] if b["library"] == library]
    ways = [way for way in ways if way in growth]
    if not ways:
        return None
    references = [name for name in _references(model) if name in growth and name not in ways]
    shown = [*references, *ways]
    points = [row for row in _points(model) if row["way"] in shown]
    lines = [row for name in shown for row in _fit(model, growth[name])]
    palette = [_QUIET] * len(references) + _COLOURS * 3
    colour = alt.Color(
        "way:N",
        scale=alt.Scale(domain=shown, range=palette[: len(shown)]),
        legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=160),
    )
    shapes = ["stroke"] * len(references) + _SHAPES * 3
    shape = alt.Shape("way:N", scale=alt.Scale(domain=shown, range=shapes[: len(shown)]))
    x = alt.X("n:Q", scale=alt.Scale(type="log"), title=_title(model), axis=_axis("~s"))
    y = alt.Y(
        "seconds:Q",
        scale=alt.Scale(type="log"),
        title="time of a gradient",
        axis=_axis("~s", unit="s"),
    )
    fitted = (
        alt.Chart(alt.Data(values=lines))
        .mark_line(strokeWidth=1.5)
        .encode(x=x, y=y, color=colour, strokeDash=alt.StrokeDash("dash:N", scale=None))
    )
    base = alt.Chart(alt.Data(values=points))
    intervals = base.mark_rule(strokeWidth=2).encode(
        x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour
    )
    measured = base.mark_point(filled=True, size=55, opacity=1).encode(
        x=x,
        y=y,
        color=colour,
        shape=shape,
        tooltip=[alt.Tooltip(f"{name}:N") for name in ("way", "N", "time", "interval")],
    )
    layers: list[Any] = [fitted, intervals, measured, *_crossing(model, library)]
    return _finished(alt.layer(*layers), height=260)


def history_chart() -> Json:
    """Overhead by commit; the page's script fills the data set 'rows' for what is selected."""
    base = alt.Chart(alt.NamedData(name="rows"))
    x = alt.X("commit:N", sort=alt.SortField("order"), title="commit, oldest first")
    y = alt.Y("value:Q", scale=alt.Scale(type="log"), title="overhead over NumPy", axis=_axis("~g"))
    colour = alt.Color(
        "backend:N",
        scale=alt.Scale(range=_COLOURS),
        legend=alt.Legend(title=None, orient="bottom", columns=3),
    )
    shape = alt.Shape("backend:N", scale=alt.Scale(range=_SHAPES))
    tips = [alt.Tooltip(f"{n}:N") for n in ("backend", "commit", "subject", "overhead", "step")]
    line = base.mark_line(strokeWidth=1.5).encode(
        x=x, y=y, color=colour, detail=["machine:N", "versions:N"]
    )
    interval = base.mark_rule(strokeWidth=2).encode(x=x, y="low:Q", y2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape, tooltip=tips
    )
    step = (
        base.transform_filter("datum.step != ''")
        .mark_text(dy=-16, fontSize=12, fill="currentColor")
        .encode(x=x, y=y, text="step:N")
    )
    return _finished(alt.layer(line, interval, point, step), height=380)


def _references(model: Json) -> list[str]:
    best = [row["backend"] for row in model["best_manual"]]
    return list(dict.fromkeys(["numpy", *best[-1:]]))


def _points(model: Json) -> Iterator[Json]:
    for cell in model["cells"]:
        time = cell["gradient_seconds"]
        if time is None or time["value"] <= 0.0:
            continue
        low, high = (time["value"] if time[end] is None else time[end] for end in ("low", "high"))
        yield {
            "way": cell["backend"],
            "n": cell["dimension"],
            "seconds": time["value"],
            "low": low,
            "high": high,
            "N": words.dimension(cell["dimension"]),
            "time": words.seconds(time["value"]),
            "interval": f"{words.seconds(low)} to {words.seconds(high)}",
        }


def _fit(model: Json, row: Json) -> Iterator[Json]:
    measured = [c["dimension"] for c in model["cells"] if c["backend"] == row["backend"]]
    first, last = math.log10(min(measured)), math.log10(max(measured))
    dash = [4, 3] if row["backend"] in _references(model)[1:] else [1, 0]
    for i in range(41):
        n = 10.0 ** (first + (last - first) * i / 40)
        seconds = row["seconds_per_call"] + row["seconds_per_element"] * n
        yield {"way": row["backend"], "n": n, "seconds": seconds, "dash": dash}


def _crossing(model: Json, library: str) -> Iterator[Any]:
    verdict = next((v for v in model["verdicts"] if v["library"] == library), None)
    if verdict is None or verdict["crossover"] is None:
        return
    n = verdict["crossover"]
    values = [{"n": n, "label": f"ahead of NumPy from {words.digits(n)}"}]
    base = alt.Chart(alt.Data(values=values)).encode(x="n:Q")
    yield base.mark_rule(stroke="currentColor", strokeDash=[2, 3])
    yield base.mark_text(align="right", dx=-6, fontSize=11, fill="currentColor").encode(
        y=alt.value(12), text="label:N"
    )


def _title(model: Json) -> str:
    return "N, log scale" if model["unit"] == "N" else "number of atoms, log scale"


def _axis(number_format: str, unit: str = "") -> alt.Axis:
    return alt.Axis(
        labelExpr=f"format(datum.value, '{number_format}') + '{unit}'",
        grid=True,
        tickCount=7,
        labelOverlap=True,
    )


def _finished(chart: Any, height: int) -> Json:
    axis = {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "domainColor": _QUIET,
        "tickColor": _QUIET,
        "gridColor": "var(--grid)",
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
    }
    return (
        chart.properties(width="container", height=height)
        .configure(background="transparent", font=_FONT)
        .configure_axis(**axis)
        .configure_axisX(grid=False)
        .configure_view(stroke=None)
        .configure_legend(labelColor="currentColor", labelFontSize=12, symbolStrokeWidth=2)
        .to_dict()
    )
