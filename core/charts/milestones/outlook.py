"""When a milestone will be reached, as its forecast tells: the distribution, P50, P85, due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt

from core.charts.chart import Canvas, Chart, time_axis
from core.charts.milestones.day_lines import DASHED, DOTTED, DayLine, day_lines, day_names
from core.charts.milestones.days import DATE, moment, stamp_of
from core.charts.tokens import Palette

#: The latest runs are not drawn one by one: they would squeeze the rest.
_TAIL = 0.99
#: About as many bars as a reader can tell apart.
_BARS = 45
#: About how wide the chart is on a page of 1,280 pixels.
_PIXELS = 380


def outlook(
    days: Sequence[date],
    p50: date,
    p85: date,
    due_on: date | None,
    palette: Palette,
    *,
    title: str,
) -> Chart:
    """The share of simulated projects that end on each day or in each few days.

    Args:
        days: when each simulated project ended, in any order.
        p50: half of them have ended by then.
        p85: 85 % of them have.
        due_on: when the milestone is due.
        palette: the colours.
        title: the finding.
    """
    if not days:
        return Chart(title, None, "There is no forecast to draw.")
    ordered = sorted(days)
    first, cut = ordered[0], ordered[min(len(ordered) - 1, int(len(ordered) * _TAIL))]
    step = max(1, -(-((cut - first).days + 1) // _BARS))
    counts: dict[int, int] = {}
    for day in ordered:
        if day <= cut:
            at = (day - first).days // step
            counts[at] = counts.get(at, 0) + 1
    rows = [
        {
            "t": stamp_of(first + timedelta(days=at * step)),
            "t2": stamp_of(first + timedelta(days=(at + 1) * step)),
            "share": number / len(ordered) * 100,
            "zero": 0,
            "late": due_on is not None and first + timedelta(days=at * step) > due_on,
        }
        for at, number in sorted(counts.items())
    ]
    canvas = Canvas()
    shown = [first, cut, p85, *([due_on] if due_on else [])]
    room = timedelta(days=max(2, round((max(shown) - min(shown)).days * 0.12)))
    span = (moment(min(shown) - timedelta(days=1)), moment(max(shown) + room))
    x = time_axis(span=span)
    top = max(row["share"] for row in rows) * 1.45
    bars = (
        canvas.on(rows)
        .mark_bar(opacity=0.75, binSpacing=0)
        .encode(
            x=x,
            x2=alt.X2(field="t2"),
            y=alt.Y(
                field="share",
                type="quantitative",
                scale=alt.Scale(domain=[0, top], nice=False),
                axis=alt.Axis(title=f"% of simulations ending in {_stretch(step)}", tickCount=4),
            ),
            y2=alt.Y2(field="zero"),
            color=alt.Color(
                field="late",
                type="nominal",
                legend=None,
                scale=alt.Scale(domain=[False, True], range=[palette.on_target, palette.breached]),
            ),
            tooltip=[
                alt.Tooltip(
                    field="t", type="temporal", timeUnit="utcyearmonthdate", title="from (UTC)"
                ),
                alt.Tooltip(field="share", type="quantitative", format=".1f", title="% of runs"),
            ],
        )
    )
    marks = [(p50, "P50", DOTTED), (p85, "P85", DOTTED)]
    if due_on is not None:
        marks.append((due_on, "due", DASHED))
    years = {day.year for day, _, _ in marks}
    lines = [
        DayLine(
            stamp_of(day) + DATE,
            f"{name} {day.day} {day:%b}" + (f" {day.year}" if len(years) > 1 else ""),
            dash,
        )
        for day, name, dash in marks
    ]
    layers = [
        bars,
        *day_lines(canvas, lines, palette, x=x),
        *day_names(canvas, lines, palette, x=x, span=span, pixels=_PIXELS),
    ]
    due = "" if due_on is None else f", due {due_on.isoformat()}"
    text = (
        f"{title}. {len(ordered):,} simulated projects: half end by {p50.isoformat()}, 85 % by "
        f"{p85.isoformat()}{due}."
    )
    return canvas.finish(layers, title, text, height=240)


def _stretch(step: int) -> str:
    return "a day" if step == 1 else f"{step} days"
