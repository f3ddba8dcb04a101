"""Horizontal stacked bars: one row a thing, its name on the left, its sum on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, haloed
from core.charts.false_reports.ticks import whole_ticks
from core.charts.tokens import Palette

#: Height of a row and of what stands around the rows, in pixels.
_ROW, _AROUND = 30, 84
#: Room right of the longest bar for its number, as a share of it.
_ROOM = 0.14
#: The longest name of a row, in pixels.
_NAME = 210


@dataclass(frozen=True, slots=True)
class Stack:
    """One row: its name, and a count for each part."""

    name: str
    counts: tuple[int, ...]


def stacks(
    rows: Sequence[Stack],
    parts: Sequence[tuple[str, str]],
    palette: Palette,
    *,
    title: str,
    axis: str,
    text: str,
) -> Chart:
    """Draw the rows from top to bottom.

    Args:
        rows: what is drawn.
        parts: name and colour of each part, from left to right.
        palette: the colours.
        title: the finding.
        axis: what is counted.
        text: the alternative for who cannot see it.
    """
    if not rows:
        return Chart(title, None, text)
    canvas = Canvas()
    most = max(sum(row.counts) for row in rows) or 1
    x = alt.X(
        field="start",
        type="quantitative",
        scale=alt.Scale(domain=[0, most * (1 + _ROOM)], nice=False),
        axis=alt.Axis(title=axis, values=whole_ticks(most), grid=True, format=",d"),
    )
    y = alt.Y(
        field="row",
        type="nominal",
        sort=None,
        axis=alt.Axis(title=None, labelLimit=_NAME, labelOverlap=False, ticks=False, domain=False),
    )
    names = _told_apart([row.name for row in rows])
    pieces, sums = [], []
    for name, row in zip(names, rows, strict=True):
        start = 0
        for (part, _), count in zip(parts, row.counts, strict=True):
            end = start + count
            pieces.append({"row": name, "part": part, "count": count, "start": start, "end": end})
            start = end
        sums.append({"row": name, "start": start, "label": wording.whole(start)})
    bars = (
        canvas.on(pieces)
        .mark_bar(height={"band": 0.62}, stroke=palette.background)
        .encode(
            x=x,
            x2=alt.X2(field="end"),
            y=y,
            color=alt.Color(
                field="part",
                type="nominal",
                sort=None,
                scale=alt.Scale(
                    domain=[part for part, _ in parts], range=[colour for _, colour in parts]
                ),
                legend=alt.Legend(
                    title=None, orient="top", symbolType="square", symbolStrokeWidth=0
                ),
            ),
            tooltip=[
                alt.Tooltip(field="part", type="nominal", title="state"),
                alt.Tooltip(field="count", type="quantitative", format=",", title=axis),
            ],
        )
    )
    labels = haloed(canvas.on(sums), palette, x=x, y=y, align="left", dx=5)
    return canvas.finish([bars, *labels], title, text, height=_ROW * len(rows) + _AROUND)


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names of which no two are the same, or two rows would be drawn as one.

    >>> _told_apart(["invoice", "invoice", "order"])
    ['invoice', 'invoice (2)', 'order']
    """
    found: list[str] = []
    for name in names:
        number, unique = 1, name
        while unique in found:
            number += 1
            unique = f"{name} ({number})"
        found.append(unique)
    return found
