"""What every chart shares: its specification, its text alternative, and the common marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import altair as alt

from core.charts.tokens import Palette

#: Chart heights in pixels.
TALL = 280
SHORT = 56
#: Days as a day and a month, hours as a clock.
_LABEL = (
    "utchours(datum.value) == 0 && utcminutes(datum.value) == 0"
    " ? utcFormat(datum.value, '%-d %b') : utcFormat(datum.value, '%H:%M')"
)
#: Tooltips say UTC as the axes do; without this they would say the reader's zone.
UTC_MINUTES = "utcyearmonthdatehoursminutes"


Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart.

    Attributes:
        title: its finding, one sentence.
        spec: a Vega-Lite specification whose data go by name; None where there is nothing to draw.
        datasets: the data, columns by name of the dataset; times are milliseconds since 1970.
        alt: what a reader who cannot see it needs to know.
    """

    title: str
    spec: dict[str, Any] | None
    alt: str
    datasets: Mapping[str, Columns] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment to mark on a time axis: a release, an incident, a drill."""

    at: datetime
    label: str


class Canvas:
    """A chart in the making: marks are put on data, which stay outside of the specification.

    Altair copies and checks inline data again and again, and Streamlit would send them as text.
    """

    def __init__(self) -> None:
        self._datasets: dict[str, Columns] = {}

    def on(self, rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
        """A chart on some rows, all with the same keys."""
        name = f"data{len(self._datasets)}"
        keys = list(rows[0]) if rows else []
        self._datasets[name] = {key: [row[key] for row in rows] for key in keys}
        return alt.Chart(alt.NamedData(name=name))

    def finish(
        self, layers: Sequence[alt.Chart], title: str, text: str, *, height: int = TALL
    ) -> Chart:
        """Layer marks into one chart."""
        whole = alt.layer(*layers).properties(height=height, width="container")
        spec = whole.to_dict(validate=False)
        spec["autosize"] = {"type": "fit", "contains": "padding"}
        spec.pop("$schema", None)
        return Chart(title, spec, text, self._datasets)


def stamp(moment: datetime) -> float:
    """A time as Vega reads it: milliseconds since 1970."""
    return moment.timestamp() * 1000


def time_axis(title: str | None = None, span: tuple[datetime, datetime] | None = None) -> alt.X:
    """The x axis of every series: UTC, so that all readers see the same hours."""
    scale: dict[str, Any] = {"type": "utc"}
    if span is not None:
        # Bounds are written out: as numbers, Vega-Lite does not take them for times.
        scale["domain"] = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in span]
    return alt.X(
        field="t",
        type="temporal",
        scale=alt.Scale(**scale),
        axis=alt.Axis(title=title, grid=False, tickCount=6, labelOverlap=True, labelExpr=_LABEL),
    )


def target_line(
    canvas: Canvas, value: float, label: str, palette: Palette, *, above: bool = True
) -> list[alt.Chart]:
    """A dashed horizontal line, its label at the right edge readable over what it crosses."""
    base = canvas.on([{"target": value, "label": label}])
    y = alt.Y(field="target", type="quantitative")
    rule = base.mark_rule(strokeDash=[5, 4], strokeWidth=1.4, color=palette.text).encode(y=y)
    return [rule, *_label(base, palette, y=y, x=alt.value("width"), above=above)]


def level_line(
    canvas: Canvas,
    value: float,
    label: str,
    palette: Palette,
    *,
    dashed: bool = True,
    faint: bool = False,
    above: bool = True,
) -> list[alt.Chart]:
    """A horizontal line, its label at the left edge: the right one is for the names of series."""
    base = canvas.on([{"level": value, "label": label}])
    y = alt.Y(field="level", type="quantitative")
    rule = base.mark_rule(
        strokeDash=[5, 4] if dashed else [1, 0],
        strokeWidth=1 if faint or not dashed else 1.4,
        color=palette.muted if faint or not dashed else palette.text,
    ).encode(y=y)
    if not label:
        return [rule]
    return [rule, *_label(base, palette, y=y, x=alt.value(0), above=above, left=True)]


def haloed(
    base: alt.Chart, palette: Palette, *, x: object, y: object, colour: str = "", **look: object
) -> list[alt.Chart]:
    """The text of field "label" with a halo of the background's colour under it.

    Args:
        base: a chart on rows with a label.
        palette: the colours.
        x: where, as `encode` takes it.
        y: likewise.
        colour: of the text; the theme's if left out.
        look: further properties of the mark, such as align, baseline, dx and dy.
    """
    place = {"fontSize": 11, "fontWeight": 600} | look
    text = alt.Text(field="label", type="nominal")
    halo = base.mark_text(
        # Wide enough to close the gaps between words: a line would be read as a part of them.
        **place,
        color=palette.background,
        stroke=palette.background,
        strokeWidth=6,
        strokeJoin="round",
        opacity=0.9,
    )
    name = base.mark_text(**place, color=colour or palette.text)
    return [mark.encode(x=x, y=y, text=text) for mark in (halo, name)]


def _label(
    base: alt.Chart,
    palette: Palette,
    *,
    y: alt.Y,
    x: object,
    above: bool = True,
    left: bool = False,
) -> list[alt.Chart]:
    return haloed(
        base,
        palette,
        x=x,
        y=y,
        align="left" if left else "right",
        baseline="bottom" if above else "top",
        dy=-3 if above else 3,
        dx=4 if left else -4,
    )


def moments(canvas: Canvas, marks: Sequence[Mark], palette: Palette) -> list[alt.Chart]:
    """Thin vertical lines with their labels on top, for releases and incidents."""
    if not marks:
        return []
    marks = sorted(marks, key=lambda mark: mark.at)
    rows = [{"t": stamp(mark.at), "label": mark.label} for mark in marks]
    named = [{"t": stamp(mark.at), "label": mark.label.split(":")[0]} for mark in _far_apart(marks)]
    base = canvas.on(rows)
    x = time_axis()
    tooltip = [
        alt.Tooltip(field="label", type="nominal", title="what"),
        alt.Tooltip(
            field="t",
            type="temporal",
            timeUnit=UTC_MINUTES,
            format="%d %b %H:%M",
            title="when (UTC)",
        ),
    ]
    rule = base.mark_rule(strokeDash=[2, 3], strokeWidth=1.2, color=palette.muted).encode(
        x=x, tooltip=tooltip
    )
    flag = base.mark_point(
        shape="triangle-down", size=46, filled=True, opacity=1, color=palette.muted, yOffset=4
    ).encode(x=x, y=alt.value(0), tooltip=tooltip)
    name = (
        canvas.on(named)
        .mark_text(align="left", baseline="top", dx=5, dy=1, fontSize=10, color=palette.muted)
        .encode(x=x, y=alt.value(0), text=alt.Text(field="label", type="nominal"))
    )
    return [rule, flag, name]


def _far_apart(marks: Sequence[Mark]) -> list[Mark]:
    """The marks whose names have room before the next one; the others keep their tooltip."""
    if len(marks) == 1:
        return list(marks)
    room = (marks[-1].at - marks[0].at) / 5
    return [
        mark
        for mark, after in zip(marks, [*marks[1:], None], strict=True)
        if after is None or after.at - mark.at >= room
    ]


def gap_bands(
    canvas: Canvas, gaps: Sequence[tuple[datetime, datetime]], palette: Palette
) -> list[alt.Chart]:
    """Grey bands where there are no rows: missing is not zero, and not good."""
    if not gaps:
        return []
    rows = [{"t": stamp(start), "t2": stamp(end)} for start, end in gaps]
    return [
        canvas.on(rows)
        .mark_rect(color=palette.gap, stroke=palette.gap, strokeWidth=1.5)
        .encode(
            x=time_axis(),
            x2=alt.X2(field="t2"),
            tooltip=[
                alt.Tooltip(
                    field="t",
                    type="temporal",
                    timeUnit=UTC_MINUTES,
                    format="%d %b %H:%M",
                    title="no rows from",
                ),
                alt.Tooltip(
                    field="t2",
                    type="temporal",
                    timeUnit=UTC_MINUTES,
                    format="%d %b %H:%M",
                    title="to (UTC)",
                ),
            ],
        )
    ]


def sparkline(
    points: Sequence[float | None], target: float | None, palette: Palette, text: str, end: str
) -> Chart:
    """A card's line against its dashed target, its end value right of the last point."""
    canvas = Canvas()
    rows = [{"i": at, "v": value} for at, value in enumerate(points) if value is not None]
    x = alt.X(
        field="i",
        type="quantitative",
        axis=None,
        scale=alt.Scale(domain=[0, max(len(points) - 1, 1) * 1.45], nice=False),
    )
    known = [row["v"] for row in rows] + ([target] if target is not None else [])
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    reach = high - low or abs(high) or 1.0
    y = alt.Y(
        field="v",
        type="quantitative",
        axis=None,
        scale=alt.Scale(domain=[low - 0.1 * reach, high + 0.1 * reach], zero=False, nice=False),
    )
    line = canvas.on(rows).mark_line(strokeWidth=1.8, color=palette.on_target).encode(x=x, y=y)
    last = (
        canvas.on(rows[-1:])
        .mark_point(filled=True, size=34, opacity=1, color=palette.on_target)
        .encode(x=x, y=y)
    )
    label = (
        canvas.on([{**row, "label": end} for row in rows[-1:]])
        .mark_text(align="left", dx=7, fontSize=11, color=palette.text)
        .encode(x=x, y=y, text=alt.Text(field="label", type="nominal"))
    )
    layers = [line, last, label]
    if target is not None:
        layers.append(
            canvas.on([{"v": target, "i": 0, "end": max(len(points) - 1, 1)}])
            .mark_rule(strokeDash=[4, 3], color=palette.muted)
            .encode(x=x, x2=alt.X2(field="end"), y=y)
        )
    return canvas.finish(layers, "", text, height=SHORT)
