"""What is done against all there is to do, day by day: the scope is a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt

from core.charts.chart import Canvas, Chart, time_axis
from core.charts.milestones.day_lines import DASHED, WHOLE, DayLine, day_lines, day_names
from core.charts.milestones.days import DATE, moment, stamp_of
from core.charts.names import names_beside
from core.charts.tokens import Palette
from core.milestones.burn_up import BurnUp, Step

#: Room for the names of the lines at the right, as a share of the time that is shown.
_ROOM = 0.2
#: The least distance of two names, as a share of the height.
_APART = 0.075
#: About how wide the chart is on a page of 1,280 pixels.
_PIXELS = 380


def burn_up(
    found: BurnUp, today: date, due_on: date | None, palette: Palette, *, title: str
) -> Chart:
    """Lines in ideal days: the scope, which may grow, what is done of it, and what the plan says.

    Args:
        found: the steps of each line.
        today: scope and done go on until then, the plan to its end.
        due_on: when the milestone is due.
        palette: the colours.
        title: the finding.
    """
    if not found.scope:
        return Chart(title, None, "There is nothing to burn: the milestone has no tasks.")
    first = min(steps[0].day for steps in (found.scope, found.done, found.planned) if steps)
    lines = {
        "planned": _drawn(found.planned, first, found.planned[-1].day if found.planned else first),
        "scope": _drawn(found.scope, found.scope[0].day, today),
        "done": _drawn(found.done, first, today),
    }
    colours = dict(zip(lines, (palette.muted, palette.series[1], palette.on_target), strict=True))
    last = max([today, *(line[-1][0] for line in lines.values()), *([due_on] if due_on else [])])
    room = timedelta(days=max(2, round((last - first).days * _ROOM)))
    span = (moment(first), moment(last + room))
    x = time_axis(span=span)
    top = max(value for line in lines.values() for _, value in line) * 1.2 or 1.0
    y = alt.Y(
        field="days",
        type="quantitative",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(title="ideal days of work", tickCount=5),
    )
    canvas = Canvas()
    days = [DayLine(stamp_of(today) + DATE / 2, "today", WHOLE)]
    if due_on is not None:
        days.append(DayLine(stamp_of(due_on) + DATE, "due", DASHED))
    layers = [
        *day_lines(canvas, days, palette, x=x),
        *(
            _line(canvas, name, line, colours[name], x=x, y=y, dashed=name == "planned")
            for name, line in lines.items()
        ),
    ]
    place = alt.Y(field="place", type="quantitative", scale=alt.Scale(domain=[0, top], nice=False))
    # Names stand where their lines end; those that end close together are moved apart.
    planned_end = lines["planned"][-1][0]
    ends = {today: ["scope", "done"], planned_end: ["planned"]}
    if abs(planned_end - today) < _ROOM * (last - first):
        ends = {max(today, planned_end): list(lines)}
    for end, named in ends.items():
        names = [
            (lines[name][-1][1], f"{name} {_said(lines[name][-1][1])}", colours[name])
            for name in named
        ]
        layers += names_beside(canvas, stamp_of(end), names, palette, y=place, apart=top * _APART)
    layers += day_names(canvas, days, palette, x=x, span=span, pixels=_PIXELS)
    said = ", ".join(f"{name} {_said(line[-1][1])}" for name, line in lines.items())
    text = f"{title}. Ideal days as of {today.isoformat()}, the plan at its end: {said}."
    return canvas.finish(layers, title, text)


def _drawn(steps: Sequence[Step], first: date, last: date) -> list[tuple[date, float]]:
    """Points of a line of steps from a day to a day; it begins at zero where it begins later."""
    points = [(step.day, float(step.ideal_days)) for step in steps]
    if not points or points[0][0] > first:
        points.insert(0, (first, 0.0))
    if points[-1][0] < last:
        points.append((last, points[-1][1]))
    return points


def _line(
    canvas: Canvas,
    name: str,
    points: Sequence[tuple[date, float]],
    colour: str,
    *,
    x: alt.X,
    y: alt.Y,
    dashed: bool,
) -> alt.Chart:
    rows: list[dict[str, Any]] = [
        {"t": stamp_of(day), "name": name, "days": round(value, 2)} for day, value in points
    ]
    return (
        canvas.on(rows)
        .mark_line(
            strokeWidth=1.5 if dashed else 2.2,
            strokeDash=[4, 3] if dashed else [1, 0],
            interpolate="step-after",
            color=colour,
        )
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip(
                    field="t", type="temporal", timeUnit="utcyearmonthdate", title="from (UTC)"
                ),
                alt.Tooltip(field="name", type="nominal", title="line"),
                alt.Tooltip(field="days", type="quantitative", format=".1f", title="ideal days"),
            ],
        )
    )


def _said(days: float) -> str:
    return f"{days:.1f}".removesuffix(".0")
