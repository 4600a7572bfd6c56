"""The charts, as Vega-Lite specifications made with Altair from the report's document.

Colours are CSS variables, so the page decides between light and dark. A backend has a colour of
its own (Okabe and Ito's, safe for the colour-blind), a marker and a dash.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import altair as alt

from .. import formatting
from ..backends import FORWARD, MANUAL, PARALLEL, REVERSE
from .model_schema import CaseEntry, GrowthEntry, ModelEntry

Spec = dict[str, Any]  # a Vega-Lite specification
Row = dict[str, Any]  # of its data

# Seven colours and eight shapes: a backend past the seventh still differs from each before it.
COLOURS = [f"var(--series-{i})" for i in range(1, 8)]
_POINTED = [f"triangle-{direction}" for direction in ("up", "down", "right", "left")]
SHAPES = ["circle", "square", "diamond", *_POINTED, "cross"]
_QUIET = "var(--quiet)"
_FONT = "-apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"


def times_chart(model: ModelEntry, library: str) -> Spec | None:
    """Times of a library's backends against N, log-log, with fits, NumPy's and the best by hand.

    None where the library has no time.
    """
    growth = {row["backend"]: row for row in model["growth"]}
    names = [b["backend"] for b in model["backends"] if b["library"] == library]
    names = [name for name in names if name in growth]
    if not names:
        return None
    references = [name for name in _references(model) if name in growth and name not in names]
    shown = [*references, *names]
    every = list(_points(model))
    points = [row for row in every if row["backend"] in shown]
    lines = [row for name in shown for row in _fit(model, growth[name])]
    palette = [_QUIET] * len(references) + COLOURS * 3
    colour = alt.Color(
        "backend:N",
        scale=alt.Scale(domain=shown, range=palette[: len(shown)]),
        legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=160),
    )
    shapes = ["stroke"] * len(references) + SHAPES * 3
    shape = alt.Shape("backend:N", scale=alt.Scale(domain=shown, range=shapes[: len(shown)]))
    x = _log("n:Q", _title(model), [row["n"] for row in every], "")
    ends = [row[end] for row in every for end in ("low", "high")]
    y = _log("seconds:Q", "time of a gradient", ends, "s")
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
        tooltip=[alt.Tooltip(f"{name}:N") for name in ("backend", "N", "time", "interval")],
    )
    layers: list[Any] = [fitted, intervals, measured, *_crossing(model, library)]
    return finished(alt.layer(*layers), height=260)


def strip_chart(model: ModelEntry) -> Spec | None:
    """Every backend at the reference dimension on one axis; left of 1 is faster than NumPy."""
    rows = list(_strip_rows(model))
    if not rows:
        return None
    floor = rows[0]["floor"]
    ends = [math.log10(row[end]) for row in rows for end in ("low", "high")]
    domain = [10.0 ** (min(ends) - 0.15), 10.0 ** (max(ends) + 0.5)]
    axis = alt.Axis(
        values=[10.0**power for power in range(-4, 5)],
        labelExpr="format(datum.value, '~g') + '×'",
        orient="top",
    )
    x = alt.X("value:Q", scale=alt.Scale(type="log", domain=domain, nice=False), axis=axis)
    x = x.title("time of a gradient over NumPy's")
    names = [row["backend"] for row in rows]
    y = alt.Y(
        "backend:N", sort=names, title=None, axis=alt.Axis(grid=False, domain=False, ticks=False)
    )
    groups = ["by hand", "AD", "AD with a rule by hand"]
    palette = [_QUIET, *COLOURS[:2]]
    colour = alt.Color(
        "group:N",
        scale=alt.Scale(domain=groups, range=palette),
        legend=alt.Legend(title=None, orient="bottom", columns=3, labelLimit=200),
    )
    shape = alt.Shape("group:N", scale=alt.Scale(domain=groups, range=["diamond", *SHAPES[:2]]))
    band = (
        alt.Chart(alt.Data(values=[{"low": 1.0 / (1.0 + floor), "high": 1.0 + floor}]))
        .mark_rect(fill="var(--band)")
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    one = alt.Chart(alt.Data(values=[{"value": 1}])).mark_rule(stroke="currentColor").encode(x=x)
    interval = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", color=colour)
    tips = [alt.Tooltip(f"{name}:N") for name in ("backend", "times", "interval")]
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=x, color=colour, shape=shape, tooltip=tips
    )
    label = base.mark_text(align="left", dx=9, fontSize=11, fill="currentColor").encode(
        x=alt.X("high:Q"), text="times:N"
    )
    return finished(alt.layer(band, one, interval, point, label), height=17 * len(rows))


def _strip_rows(model: ModelEntry) -> Iterator[Row]:
    """The paired overheads at the reference dimension, the fastest first."""
    groups = {MANUAL: "by hand", PARALLEL: "by hand", REVERSE: "AD", FORWARD: "AD"}
    kinds = {entry["backend"]: entry["kind"] for entry in model["backends"]}
    cases = [c for c in model["cases"] if c["dimension"] == model["reference_dimension"]]
    ratios = [(c["backend"], c["overhead"]["numpy"]) for c in cases]
    known = [(name, ratio) for name, ratio in ratios if ratio is not None]
    for name, ratio in sorted(known, key=lambda item: item[1]["value"]):
        if ratio["paired"]:
            yield {
                "backend": name,
                "group": groups.get(kinds[name], "AD with a rule by hand"),
                "times": formatting.times(ratio["value"]),
                "interval": f"{formatting.fine(ratio['low'])} to {formatting.fine(ratio['high'])}",
                **ratio,
            }


def history_chart() -> Spec:
    """Overheads against the date of the commit.

    The page's script fills the data: `points`, `runs` (what hovering a commit shows), `releases`
    and `floor`; and the domains, which hold the name of what they are of, and the tooltip.
    """
    points = alt.Chart(alt.NamedData(name="points"))
    ticks = [step * 10.0**power for power in range(-4, 5) for step in (1, 2, 5)]
    axis = alt.Axis(labelExpr="format(datum.value, '~g') + '×'", values=ticks)
    scale = alt.Scale(type="log", domain=["values"], nice=False)
    dates = alt.Axis(format="%-d %b %Y", labelOverlap=True, tickCount=7)
    x = alt.X(
        "date:T",
        title="date of the commit",
        axis=dates,
        scale=alt.Scale(type="utc", domain=["dates"]),
    )
    y = alt.Y("value:Q", scale=scale, title="overhead over NumPy", axis=axis)
    legend = alt.Legend(title=None, orient="bottom", columns=4, symbolOpacity=1)
    colours, shapes = (alt.Scale(domain=["backends"], range=r) for r in (COLOURS, SHAPES))
    colour = alt.Color("backend:N", scale=colours, legend=legend)
    shape = alt.Shape("backend:N", scale=shapes)
    faint = alt.condition(alt.datum.paired, alt.value(1.0), alt.value(0.4))
    floor = (
        alt.Chart(alt.NamedData(name="floor"))
        .mark_rect(fill="var(--band)")
        .encode(y=alt.Y("low:Q"), y2="high:Q")
    )
    release = alt.Chart(alt.NamedData(name="releases")).encode(x=x)
    # aria: such a mark has no text that a screen reader could say; the labels and the table have it
    released = release.mark_rule(strokeDash=[2, 3], stroke=_QUIET, aria=False)
    label = release.mark_text(
        align="right", baseline="bottom", angle=270, dy=-3, fontSize=10, fill=_QUIET
    ).encode(y=alt.value(0), text="label:N")
    interval = points.mark_area(opacity=0.18).encode(
        x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", color=colour
    )
    line = points.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour)
    # beyond some hundred points a line says as much
    point = (
        points.transform_filter("datum.dot")
        .mark_point(filled=True, size=45)
        .encode(x=x, y=y, color=colour, shape=shape, opacity=faint)
    )
    step = points.transform_filter("datum.step !== ''")
    ringed = step.mark_point(size=170, strokeWidth=2, stroke="currentColor", aria=False).encode(
        x=x, y=y
    )
    change = step.mark_text(dy=-18, fontSize=12, fontWeight="bold", fill="currentColor").encode(
        x=x, y=y, text="step:N"
    )
    hover = (
        alt.Chart(alt.NamedData(name="runs"))
        .mark_rule(strokeWidth=9, opacity=0, stroke="currentColor", aria=False)
        .encode(x=x, tooltip=[alt.Tooltip("commit:N")])
    )
    layers = [floor, released, label, interval, line, point, ringed, change, hover]
    return finished(alt.layer(*layers), height=380)


def _references(model: ModelEntry) -> list[str]:
    best = [row["backend"] for row in model["best_manual"]]
    return list(dict.fromkeys(["numpy", *best[-1:]]))


def _points(model: ModelEntry) -> Iterator[Row]:
    return (point for case in model["cases"] if (point := _point(case)) is not None)


def _point(case: CaseEntry) -> Row | None:
    time = case["gradient_seconds"]
    if time is None or time["value"] <= 0.0:
        return None
    value, low, high = time["value"], time["low"], time["high"]
    low, high = value if low is None else low, value if high is None else high
    return {
        "backend": case["backend"],
        "n": case["dimension"],
        "seconds": value,
        "low": low,
        "high": high,
        "N": formatting.dimension(case["dimension"]),
        "time": formatting.seconds(value),
        "interval": f"{formatting.seconds(low)} to {formatting.seconds(high)}",
    }


def _fit(model: ModelEntry, row: GrowthEntry) -> Iterator[Row]:
    measured = [p["n"] for p in _points(model) if p["backend"] == row["backend"]]
    first, last = math.log10(min(measured)), math.log10(max(measured))
    dash = [4, 3] if row["backend"] in _references(model)[1:] else [1, 0]
    for i in range(41):
        n = 10.0 ** (first + (last - first) * i / 40)
        seconds = row["seconds_per_call"] + row["seconds_per_element"] * n
        yield {"backend": row["backend"], "n": n, "seconds": seconds, "dash": dash}


def _crossing(model: ModelEntry, library: str) -> Iterator[Any]:
    verdict = next((v for v in model["verdicts"] if v["library"] == library), None)
    if verdict is None or verdict["crossover"] is None:
        return
    n = verdict["crossover"]
    measured = [row["n"] for row in _points(model)]
    if n <= min(measured):
        return
    right = n > math.sqrt(min(measured) * max(measured))
    values = [{"n": n, "label": f"ahead of NumPy from {formatting.digits(n)}"}]
    base = alt.Chart(alt.Data(values=values)).encode(x="n:Q")
    yield base.mark_rule(stroke="currentColor", strokeDash=[2, 3])
    align, dx = ("right", -6) if right else ("left", 6)
    yield base.mark_text(align=align, dx=dx, fontSize=11, fill="currentColor").encode(
        y=alt.value(12), text="label:N"
    )


def _title(model: ModelEntry) -> str:
    unit = model["unit"]
    return "N, log scale" if unit == "N" else f"number of {unit}, log scale"


def _log(field: str, title: str, values: Iterable[float], unit: str) -> Any:
    """A logarithmic axis over whole decades, the same for every chart of these values."""
    logarithms = [math.log10(value) for value in values]
    first, last = math.floor(min(logarithms) + 1e-9), math.ceil(max(logarithms) - 1e-9)
    last = max(last, first + 1)
    every = 1 if last - first <= 8 else 2
    axis = alt.Axis(
        values=[10.0**power for power in range(first, last + 1, every)],
        labelExpr=f"format(datum.value, '~s') + '{unit}'",
    )
    channel = alt.X if field.startswith("n:") else alt.Y
    scale = alt.Scale(type="log", domain=[10.0**first, 10.0**last], nice=False)
    return channel(field, scale=scale, title=title, axis=axis)


def finished(chart: Any, height: int) -> Spec:
    """The specification of a chart in the style of the pages."""
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
