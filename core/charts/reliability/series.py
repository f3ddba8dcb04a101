"""What the area's charts over time share: names beside lines, and moments to click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from core.charts.chart import UTC_MINUTES, Canvas, time_axis

#: The name of the selection that a click on a series makes.
MOMENT = "moment"


def end_labels(
    canvas: Canvas, rows: Sequence[Mapping[str, Any]], value: str, colour: alt.Color, y: alt.Y
) -> list[alt.Chart]:
    """Direct labels beside the last point of each line, instead of a legend."""
    last: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if row[value] is not None:
            last[row["name"]] = row
    placed = _spread(list(last.values()), value)
    return [
        canvas.on(placed)
        .mark_text(align="left", dx=6, fontSize=11, fontWeight=600, clip=False)
        .encode(
            x=time_axis(),
            y=y,
            text=alt.Text(field="name", type="nominal"),
            color=colour,
        )
    ]


def _spread(rows: Sequence[Mapping[str, Any]], value: str) -> list[dict[str, Any]]:
    """Labels pushed apart where lines end close together, in units of the axis."""
    placed: list[dict[str, Any]] = []
    least = max((abs(row[value]) for row in rows), default=0) * 0.075
    for row in sorted(rows, key=lambda row: row[value]):
        lowest = placed[-1][value] + least if placed else row[value]
        placed.append({**row, value: max(row[value], lowest)})
    return placed


def clickable(canvas: Canvas, rows: Sequence[Mapping[str, Any]], value: str, y: alt.Y) -> alt.Chart:
    """Invisible points that a click can pick: the moment that the window narrows to."""
    seen: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row[value] is not None:
            seen.setdefault(row["t"], {"t": row["t"], value: row[value]})
    pick = alt.selection_point(
        name=MOMENT, fields=["t"], nearest=True, on="click", clear="dblclick"
    )
    return (
        canvas.on(list(seen.values()))
        .mark_point(opacity=0, size=60)
        .encode(
            x=time_axis(),
            y=y,
            tooltip=[
                alt.Tooltip(
                    field="t",
                    type="temporal",
                    timeUnit=UTC_MINUTES,
                    format="%d %b %Y %H:%M",
                    title="UTC",
                ),
                alt.Tooltip(field=value, type="quantitative", format=".4~g", title=value),
            ],
        )
        .add_params(pick)
    )
