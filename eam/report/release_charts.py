"""The charts of a library's releases."""

import math
from collections.abc import Iterator, Sequence
from statistics import median

import altair as alt
import numpy as np

from .. import formatting
from ..releases.comparisons import Entry
from .charts import COLOURS, SHAPES, Row, Spec, finished
from .releases import LibraryReleases, Measured

IMPORT, FIRST_CALL, FIRST_CALL_N = "startup.Import.timeraw_import", "track_first_call", 10_000

# as many labels of the axis fit beside each other
LEVEL_LABELS = 12

_RATIOS = [0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0]
_SECONDS = [step * 10.0**power for power in range(-6, 4) for step in (1, 3)]


def overhead_chart(found: LibraryReleases, backend: str) -> Spec | None:
    """Overhead of a backend against the release, a line for each dimension; None if there is none.

    Each line is drawn over its own median, since overheads of N = 1 and N = 10^6 differ by far more
    than those of two releases; the legend has the median. A line ends where Python or NumPy
    changes, and the release there has a point on both lines.
    """
    rows: list[Row] = []
    for case in found.cases(backend):
        line = list(_overheads(found, backend, *case))
        middle = median(row["value"] for row in line)
        for row in line:
            row["series"] += f" ({formatting.fine(middle)}×)"
            for key in ("value", "low", "high"):
                row[key] /= middle
        rows += line
    return (
        _lines(rows, f"overhead of {backend} over its median", "×", 1.25, _RATIOS) if rows else None
    )


def cold_chart(found: LibraryReleases) -> Spec | None:
    """Seconds of the import and of the first call against the release; None if there is none."""
    rows = list(_cold(found))
    return _lines(rows, "seconds", "s", 100.0, _SECONDS) if rows else None


def _lines(rows: list[Row], title: str, unit: str, least: float, ticks: Sequence[float]) -> Spec:
    """Lines on a logarithmic axis that spans at least so much about their middle."""
    base = alt.Chart(alt.Data(values=rows))
    if len({row["release"] for row in rows}) <= LEVEL_LABELS:
        labels = alt.Axis(labelExpr="split(datum.label, ' ')", labelAngle=0)
    else:
        labels = alt.Axis(labelAngle=-55)
    x = alt.X("release:N", sort=alt.SortField("order"), title=None, axis=labels)
    axis = alt.Axis(labelExpr=f"format(datum.value, '~g') + '{unit}'", values=ticks)
    # one wild point or a wide interval is cut off, or it would press all lines flat
    values = [row["value"] for row in rows]
    low, high = (float(np.quantile(values, q)) for q in (0.05, 0.95))
    middle = math.sqrt(min(values) * max(values)) if least > 2.0 else 1.0
    domain = [min(low / 1.1, middle / least), max(high * 1.1, middle * least)]
    y = alt.Y(
        "value:Q", scale=alt.Scale(type="log", domain=domain, nice=False), title=title, axis=axis
    )
    legend = alt.Legend(title=None, orient="bottom", columns=3, labelLimit=300)
    names = list(dict.fromkeys(row["series"] for row in rows))
    count = len(names)
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=names, range=(COLOURS * 2)[:count]), legend=legend
    )
    shape = alt.Shape("series:N", scale=alt.Scale(domain=names, range=(SHAPES * 2)[:count]))
    tips = [alt.Tooltip(f"{n}:N") for n in ("series", "release", "text", "interval", "environment")]
    # an interval as wide as the chart says only that nothing is known there
    faint = alt.condition("datum.high > 1.5 * datum.low", alt.value(0.2), alt.value(1.0))
    line = base.mark_line(strokeWidth=1.5, clip=True).encode(
        x=x, y=y, color=colour, detail="environment:N"
    )
    interval = base.mark_rule(strokeWidth=2, clip=True).encode(
        x=x, y="low:Q", y2="high:Q", color=colour, opacity=faint
    )
    point = base.mark_point(filled=True, size=55, opacity=1, clip=True).encode(
        x=x, y=y, color=colour, shape=shape, tooltip=tips
    )
    stepped = base.transform_filter("datum.step != ''")
    step = stepped.mark_text(dy=-14, fontSize=12, fontWeight="bold", fill="currentColor").encode(
        x=x, y=y, text="step:N"
    )
    return finished(alt.layer(line, interval, point, step), height=320)


def _overheads(found: LibraryReleases, backend: str, model: str, dimension: int) -> Iterator[Row]:
    for order, release in enumerate(found.releases):
        estimate = found.overhead(release, backend, model, dimension)
        if estimate is not None and estimate.value > 0.0:
            low, high = (
                estimate.value if end is None else end for end in (estimate.low, estimate.high)
            )
            step = _step(found, release, backend, model, dimension)
            yield {
                **_row(order, release, case_name(model, dimension), estimate.value),
                "text": f"{formatting.fine(estimate.value)}×",
                "low": low,
                "high": high,
                "interval": f"{formatting.fine(low)} to {formatting.fine(high)}",
                "step": "" if step is None else change(step),
            }


def _step(
    found: LibraryReleases, release: Measured, backend: str, model: str, dimension: int
) -> Entry | None:
    """The confirmed step to a release; measured in one environment, it is marked there."""
    for step in found.steps:
        if (step.b, step.model, step.backend, step.dimension) == (
            release.version,
            model,
            backend,
            dimension,
        ):
            return step
    return None


def _cold(found: LibraryReleases) -> Iterator[Row]:
    library, backend = found.axis.library, found.axis.backends[0]
    for order, release in enumerate(found.releases):
        first = release.get("toy", FIRST_CALL, FIRST_CALL_N, backend)
        imported = release.run.others.get((IMPORT, library)) if release.run else None
        for name, estimate in (("first call", first), ("import", imported)):
            if estimate is not None and estimate.value > 0.0:
                text = formatting.seconds(estimate.value)
                ends = {"low": estimate.value, "high": estimate.value, "interval": "", "step": ""}
                yield {**_row(order, release, name, estimate.value), "text": text, **ends}


def _row(order: int, release: Measured, series: str, value: float) -> Row:
    return {
        "order": order,
        "release": release.label,
        "environment": release.environment,
        "series": series,
        "value": value,
    }


def case_name(model: str, dimension: int) -> str:
    """A model at a dimension, in words: 'N = 100' of the toy, 'tabulated, 4 000 atoms'."""
    if model == "toy":
        return f"N = {formatting.dimension(dimension)}"
    return f"{model}, {formatting.dimension(dimension)} atoms"


def change(step: Entry) -> str:
    """A step in words: '+13 %' slower, '−35 %' faster, '35×' beyond a factor of two."""
    if not 0.5 < step.ratio < 2.0:
        return f"{formatting.fine(step.ratio)}×"
    percent = 100.0 * (step.ratio - 1.0)
    return f"{'+' if percent > 0 else '−'}{math.floor(abs(percent) + 0.5)} %"
