"""Days that matter as vertical lines, their names apart from each other: today, due, P50, P85."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import altair as alt

from core.charts.chart import Canvas, haloed, stamp
from core.charts.tokens import Palette

#: A whole line, a line of dashes, a line of dots.
WHOLE, DASHED, DOTTED = (1, 0), (5, 4), (2, 2)
#: The height of a row of names, and about how wide one sign of a name is, both in pixels.
ROW = 15
_SIGN = 6.5
#: What a name keeps away from its line and from the next name, in pixels.
_MARGIN = 8


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line.

    Attributes:
        at: where, in milliseconds since 1970.
        name: what stands beside its upper end.
        dash: how it is drawn.
    """

    at: float
    name: str
    dash: tuple[int, int]


def day_lines(
    canvas: Canvas, lines: Sequence[DayLine], palette: Palette, *, x: alt.X
) -> list[alt.Chart]:
    """The lines without their names: what is to be read is drawn over them."""
    return [
        canvas.on([{"t": line.at}])
        .mark_rule(strokeWidth=1.4, strokeDash=list(line.dash), color=palette.text)
        .encode(x=x)
        for line in lines
    ]


def day_names(
    canvas: Canvas,
    lines: Sequence[DayLine],
    palette: Palette,
    *,
    x: alt.X,
    span: tuple[datetime, datetime],
    pixels: int,
) -> list[alt.Chart]:
    """The names right of their lines' upper ends; where two would meet, the later stands lower.

    Args:
        canvas: the chart in the making.
        lines: in any order.
        palette: the colours.
        x: the axis.
        span: the time that is shown.
        pixels: about how wide the chart is where it is narrowest.
    """
    ordered = sorted(lines, key=lambda line: line.at)
    layers: list[alt.Chart] = []
    for line, row in zip(ordered, rows_of(ordered, span, pixels), strict=True):
        layers += haloed(
            canvas.on([{"t": line.at, "label": line.name}]),
            palette,
            x=x,
            y=alt.value(1 + ROW * row),
            align="left",
            baseline="top",
            dx=4,
        )
    return layers


def rows_of(ordered: Sequence[DayLine], span: tuple[datetime, datetime], pixels: int) -> list[int]:
    """In which row each name stands, the first being 0: the highest one that has room for it."""
    pixel = (stamp(span[1]) - stamp(span[0])) / pixels
    ends: list[float] = []
    rows = []
    for line in ordered:
        row = next((row for row, end in enumerate(ends) if line.at >= end), len(ends))
        end = line.at + width_of(line.name) * pixel
        ends[row : row + 1] = [end]
        rows.append(row)
    return rows


def width_of(name: str) -> float:
    """About how wide a name is with its margins, in pixels."""
    return len(name) * _SIGN + 2 * _MARGIN
