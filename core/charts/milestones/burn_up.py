"""What is done against all there is to do, day by day: the scope is a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from core.charts.chart import Canvas, Chart, haloed, time_axis
from core.charts.milestones.days import DATE, moment, stamp_of
from core.charts.names import names_beside
from core.charts.tokens import Palette

#: Room for the names of the lines at the right, as a share of the time that is shown.
_ROOM = 0.22


@dataclass(frozen=True, slots=True)
class Point:
    """How the work stood at the end of a day, in ideal days."""

    day: date
    scope: float
    done: float


def burn_up(points: Sequence[Point], due_on: date | None, palette: Palette, *, title: str) -> Chart:
    """Two lines in ideal days: the scope, which may grow, and what is done of it.

    Args:
        points: by day, oldest first.
        due_on: when the milestone is due.
        palette: the colours.
        title: the finding.
    """
    if not points:
        return Chart(title, None, "There is nothing to burn: the milestone has no tasks.")
    canvas = Canvas()
    lines = {"scope": palette.muted, "done": palette.on_target}
    rows: list[dict[str, Any]] = [
        {"t": stamp_of(point.day), "name": name, "days": round(getattr(point, name), 2)}
        for name in lines
        for point in points
    ]
    first, last = points[0].day, max([points[-1].day, *([due_on] if due_on else [])])
    room = timedelta(days=max(2, round((last - first).days * _ROOM)))
    x = time_axis(span=(moment(first), moment(last + room)))
    top = max([point.scope for point in points] + [point.done for point in points] + [1.0]) * 1.2
    y = alt.Y(
        field="days",
        type="quantitative",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(title="ideal days of work", tickCount=5),
    )
    line = (
        canvas.on(rows)
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                field="name",
                type="nominal",
                legend=None,
                scale=alt.Scale(domain=list(lines), range=list(lines.values())),
            ),
            tooltip=[
                alt.Tooltip(
                    field="t", type="temporal", timeUnit="utcyearmonthdate", title="day (UTC)"
                ),
                alt.Tooltip(field="name", type="nominal", title="line"),
                alt.Tooltip(field="days", type="quantitative", format=".1f", title="ideal days"),
            ],
        )
    )
    end = points[-1]
    names = [
        (getattr(end, name), f"{name} {_said(getattr(end, name))}", colour)
        for name, colour in lines.items()
    ]
    place = alt.Y(field="place", type="quantitative", scale=alt.Scale(domain=[0, top], nice=False))
    layers = [
        line,
        *names_beside(canvas, stamp_of(end.day), names, palette, y=place, apart=top / 14),
    ]
    if due_on is not None:
        base = canvas.on([{"t": stamp_of(due_on) + DATE, "label": "due"}])
        layers.append(
            base.mark_rule(strokeDash=[5, 4], strokeWidth=1.4, color=palette.text).encode(x=x)
        )
        layers += haloed(
            base, palette, x=x, y=alt.value(0), align="left", baseline="top", dx=4, dy=1
        )
    text = (
        f"{title}. From {first.isoformat()} to {end.day.isoformat()}: scope "
        f"{_said(points[0].scope)} to {_said(end.scope)}, done {_said(points[0].done)} to "
        f"{_said(end.done)} ideal days."
    )
    return canvas.finish(layers, title, text)


def _said(days: float) -> str:
    return f"{days:.1f}".removesuffix(".0")
