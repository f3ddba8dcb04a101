"""Forest plots: one interval a row, its name above it, what it says on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import altair as alt

from core.charts.chart import Canvas, Chart
from core.charts.tokens import Palette

#: Height of a row and of the axis under the rows, in pixels.
ROW, AXIS = 44, 78
#: Where things stand in a row, as shares of its height: words above, the interval below them.
_WORDS, _TOP, _MIDDLE, _BOTTOM = 0.28, 0.46, 0.70, 0.94
#: An interval this many times as wide as the middle one is cut at the edge, so that the others can
#: be read.
_WIDEST = 3.0


@dataclass(frozen=True, slots=True)
class Row:
    """One interval.

    Attributes:
        label: its name.
        value: the point, in percent; None where it cannot be computed.
        low: the interval's lower end; None without one.
        high: its upper end.
        said: what it says, at the right.
        colour: of point and interval.
        margin: what it is held against; None for nothing.
        shape: of the point.
        reason: why there is no value; stands where the interval would.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    said: str
    colour: str
    margin: float | None = None
    shape: str = "circle"
    reason: str = ""


def forest(rows: Sequence[Row], palette: Palette, *, title: str, axis: str, text: str) -> Chart:
    """Draw the rows.

    Args:
        rows: from top to bottom.
        palette: the colours.
        title: the finding.
        axis: what the x axis measures.
        text: the alternative for who cannot see it.
    """
    if all(row.value is None for row in rows):
        return Chart(title, None, text)
    canvas = Canvas()
    low, high = _domain(rows)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    x_axis = alt.Axis(title=axis, tickCount=6, grid=True)

    def x(field: str) -> alt.X:
        return alt.X(field=field, type="quantitative", scale=scale, axis=x_axis)

    y = alt.Y(
        field="y",
        type="quantitative",
        axis=None,
        scale=alt.Scale(domain=[len(rows), 0], nice=False, zero=False),
    )
    drawn = [(at, row) for at, row in enumerate(rows) if row.value is not None]
    zeros = [{"x": 0.0, "y": at + _TOP, "y2": at + _BOTTOM} for at, _ in drawn]
    zero = canvas.on(zeros).mark_rule(strokeWidth=1, color=palette.muted)
    layers = [zero.encode(x=x("x"), y=y, y2=alt.Y2(field="y2"))]
    margins = [
        {"x": row.margin, "y": at + _TOP, "y2": at + _BOTTOM, "label": f"{row.margin:g} %"}
        for at, row in drawn
        if row.margin is not None
    ]
    if margins:
        layers.append(
            canvas.on(margins)
            .mark_rule(strokeWidth=2.4, color=palette.text)
            .encode(x=x("x"), y=y, y2=alt.Y2(field="y2"), tooltip=[_tip("label", "margin")])
        )
    for at, row in drawn:
        layers += _interval(canvas, row, at + _MIDDLE, (low, high), x=x, y=y)
    layers += _words(canvas, rows, palette, y)
    return canvas.finish(layers, title, text, height=ROW * len(rows) + AXIS)


def _interval(
    canvas: Canvas, row: Row, height: float, domain: tuple[float, float], *, x: Any, y: alt.Y
) -> list[alt.Chart]:
    """An interval and its point; where the interval is cut, an arrow tells that it goes on."""
    low = row.value if row.low is None else row.low
    high = row.value if row.high is None else row.high
    named = {"y": height, "name": row.label, "said": row.said}
    tooltip = [_tip("name", "what"), _tip("said", "so it is")]
    base = canvas.on([{**named, "value": row.value, "low": low, "high": high}])
    layers = [
        base.mark_rule(strokeWidth=5, opacity=0.38, clip=True, color=row.colour).encode(
            x=x("low"), x2=alt.X2(field="high"), y=y, tooltip=tooltip
        ),
        base.mark_point(filled=True, size=70, opacity=1, shape=row.shape, color=row.colour).encode(
            x=x("value"), y=y, tooltip=tooltip
        ),
    ]
    for arrow, edge, cut in (
        ("triangle-left", domain[0], low is not None and low < domain[0]),
        ("triangle-right", domain[1], high is not None and high > domain[1]),
    ):
        if cut:
            layers.append(
                canvas.on([{**named, "edge": edge}])
                .mark_point(filled=True, size=60, opacity=0.8, shape=arrow, color=row.colour)
                .encode(x=x("edge"), y=y, tooltip=tooltip)
            )
    return layers


def _words(canvas: Canvas, rows: Sequence[Row], palette: Palette, y: alt.Y) -> list[alt.Chart]:
    """Names on the left above their intervals, what they say on the right."""
    data = [
        {"y": at + _WORDS, "label": row.label, "said": row.said, "colour": row.colour}
        for at, row in enumerate(rows)
    ]
    base = canvas.on(data)
    missing = [
        {"y": at + _MIDDLE, "reason": row.reason}
        for at, row in enumerate(rows)
        if row.value is None
    ]
    reasons = []
    if missing:
        mark = canvas.on(missing).mark_text(align="left", dx=2, fontSize=11, color=palette.muted)
        text = alt.Text(field="reason", type="nominal")
        reasons.append(mark.encode(x=alt.value(0), y=y, text=text))
    halo = {"stroke": palette.background, "strokeWidth": 4, "opacity": 0.85}
    sides = []
    for x, field, look in (
        (alt.value(0), "label", {"align": "left", "dx": 2}),
        (alt.value("width"), "said", {"align": "right", "dx": -2, "fontWeight": 600}),
    ):
        text = alt.Text(field=field, type="nominal")
        under = base.mark_text(fontSize=11.5, color=palette.background, **look, **halo)
        colour = (
            alt.value(palette.text)
            if field == "label"
            else alt.Color(field="colour", type="nominal", scale=None)
        )
        sides += [
            under.encode(x=x, y=y, text=text),
            base.mark_text(fontSize=11.5, **look).encode(x=x, y=y, text=text, color=colour),
        ]
    return [*reasons, *sides]


def _domain(rows: Sequence[Row]) -> tuple[float, float]:
    """Room for every point, margin and interval, but for the widest intervals."""
    ends = [0.0]
    for row in rows:
        ends += [end for end in (row.value, row.margin) if end is not None]
    widths = [row.high - row.low for row in rows if row.low is not None and row.high is not None]
    most = _WIDEST * median(widths) if widths else 0.0
    for row in rows:
        if row.low is not None and row.high is not None:
            middle = (row.low + row.high) / 2
            ends += [max(row.low, middle - most / 2), min(row.high, middle + most / 2)]
    room = (max(ends) - min(ends)) or 1.0
    return min(ends) - 0.06 * room, max(ends) + 0.06 * room


def _tip(field: str, title: str) -> alt.Tooltip:
    return alt.Tooltip(field=field, type="nominal", title=title)
