"""Precision and recall by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, Mark, moments, sparkline, stamp, target_line, time_axis
from core.charts.quality.shares import percent_of
from core.charts.tokens import Palette
from core.quality import QualityReport, sentences
from core.quality.trend import Day
from core.status import Estimate
from core.timeframe import Span

#: Days whose labels have not all come are drawn this faintly.
FAINT = 0.35


def trend(found: QualityReport, measure: str, palette: Palette) -> Chart:
    """Precision or recall by day with its interval; days whose labels are still coming are faint.

    Args:
        found: the report.
        measure: 'precision' or 'recall'.
        palette: the colours.
    """
    drawn = [day for day in found.days if day.quality.measures[measure].value is not None]
    title = sentences.trend_title(found, measure)
    if not drawn:
        return Chart(
            title, None, f"No day of the {found.window.last} has labels to tell {measure}."
        )
    canvas = Canvas()
    rows = [_day_row(day, day.quality.measures[measure], found.span) for day in drawn]
    goal = float(found.settings.targets[measure].value) * 100
    scale = alt.Scale(domain=_share_domain(rows, goal), nice=False)
    # Above 100 % there is room for the names of releases, and no tick.
    whole = "datum.value <= 100 ? datum.label : ''"
    axis = alt.Axis(title=f"{measure}, %", tickCount=5, labelExpr=whole)
    y = alt.Y(field="value", type="quantitative", scale=scale, axis=axis)
    x = time_axis(span=(found.span.start, found.span.end))
    faint = alt.Opacity(field="shown", type="quantitative", scale=None)
    base = canvas.on(rows)
    interval = base.mark_rule(strokeWidth=5, color=palette.on_target, clip=True).encode(
        x=x,
        y=alt.Y(field="low", type="quantitative", scale=scale, axis=axis),
        y2=alt.Y2(field="high"),
        opacity=alt.Opacity(field="faint", type="quantitative", scale=None),
    )
    tooltip = [
        alt.Tooltip(field="t", type="temporal", timeUnit="utcyearmonthdate", title="day (UTC)"),
        alt.Tooltip(field="label", type="nominal", title=f"{measure} (95 % interval)"),
        alt.Tooltip(field="labels", type="quantitative", format=",", title="labels"),
        alt.Tooltip(field="arrived", type="nominal", title="of its labels have come"),
    ]
    dots = base.mark_point(filled=True, size=34, color=palette.on_target, clip=True).encode(
        x=x, y=y, opacity=faint, tooltip=tooltip
    )
    return canvas.finish(
        [
            *moments(canvas, marks(found), palette),
            interval,
            dots,
            *target_line(canvas, goal, f"target {goal:g} %", palette, above=False),
        ],
        title,
        f"{measure.capitalize()} by day of the score with 95 % intervals, {len(rows)} days, target "
        f"{goal:g} %; over the whole window "
        f"{sentences.interval_words(found.whole.measures[measure])}. Days whose labels are still "
        "coming are drawn faintly.",
    )


def spark(found: QualityReport, measure: str, palette: Palette) -> Chart:
    """A card's line: the measure by mature day, against its target."""
    values = [day.quality.measures[measure].value if day.mature else None for day in found.days]
    points = [None if value is None else float(value) * 100 for value in values]
    last = next((point for point in reversed(points) if point is not None), None)
    end = "" if last is None else wording.percent(last / 100, 1)
    goal = float(found.settings.targets[measure].value) * 100
    return sparkline(points, goal, palette, f"{measure} by day, newest {end or 'unknown'}", end)


def marks(found: QualityReport) -> list[Mark]:
    """Releases of the window."""
    return [
        Mark(made.deployed_at, f"{made.model_version} {made.stage.replace('_', ' ')}")
        for made in found.releases
        if made.stage in {"canary", "production", "rolled_back"}
    ]


def _day_row(day: Day, estimate: Estimate, span: Span) -> dict[str, Any]:
    # A day that the window cuts stands in the middle of what is left of it.
    midnight = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC)
    arrived = "unknown" if day.arrived is None else wording.percent(day.arrived, 0)
    return {
        "t": (stamp(max(midnight, span.start)) + stamp(min(midnight + day.length, span.end))) / 2,
        "value": percent_of(estimate.value),
        "low": percent_of(estimate.low),
        "high": percent_of(estimate.high),
        "label": sentences.interval_words(estimate),
        "labels": day.quality.labels,
        "arrived": arrived,
        "shown": 1.0 if day.mature else FAINT,
        "faint": 0.3 if day.mature else 0.12,
    }


def _share_domain(rows: Sequence[dict[str, Any]], goal: float) -> list[float]:
    """Room for most intervals of days that count: the widest tenth may be cut, no point is."""
    counting = [row for row in rows if row["shown"] == 1.0] or rows
    lows = sorted(row["low"] for row in counting)
    lowest = min(lows[len(lows) // 10], goal, *(row["value"] for row in counting))
    highest = max(goal, *(row["high"] for row in counting))
    room = max(highest - lowest, 0.5)
    return [max(lowest - 0.05 * room, 0.0), highest + 0.12 * room]
