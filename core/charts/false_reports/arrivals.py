"""Reports by day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, Mark, gap_bands, moments, stamp, time_axis
from core.charts.false_reports.ticks import whole_ticks
from core.charts.tokens import Palette
from core.false_reports import FalseReportsReport, sentences
from core.timeframe import DAY

#: A bar leaves this much of its day free on either side.
_APART = timedelta(hours=2)
#: Room above the highest bar for the names of releases.
_ROOM = 1.18


def arrivals(found: FalseReportsReport, palette: Palette) -> Chart:
    """Reports of the window by the day on which they were made, with releases marked.

    From where the data end a grey band says that reports may be missing: no bar is not no report.
    """
    came, title = found.arrivals, sentences.arrivals_title(found)
    counts = {
        "false positives": came.false_positives.tolist(),
        "false negatives": came.false_negatives.tolist(),
    }
    total = sum(map(sum, counts.values()))
    if not total:
        return Chart(title, None, f"No report was made in the {found.window.last}.")
    canvas = Canvas()
    rows = []
    for at, day in enumerate(came.days):
        # The first and the last day may be cut by the window.
        midnight, base = datetime.combine(day, time(), UTC), 0
        start = max(midnight, found.span.start)
        end = min(midnight + DAY, found.span.end)
        apart = min(_APART, (end - start) / 8)
        for kind, numbers in counts.items():
            rows.append(
                {
                    "t": stamp(start + apart),
                    "t2": stamp(end - apart),
                    "day": stamp(midnight),
                    "base": base,
                    "top": base + numbers[at],
                    "count": numbers[at],
                    "kind": kind,
                }
            )
            base += numbers[at]
    highest = max(row["top"] for row in rows) * _ROOM
    x = time_axis(span=(found.span.start, found.span.end))
    y = alt.Y(
        field="base",
        type="quantitative",
        scale=alt.Scale(domain=[0, highest], nice=False),
        axis=alt.Axis(title="reports a day", values=whole_ticks(highest), format=",d"),
    )
    bars = (
        canvas.on(rows)
        .mark_rect(stroke=palette.background, strokeWidth=0.5)
        .encode(
            x=x,
            x2=alt.X2(field="t2"),
            y=y,
            y2=alt.Y2(field="top"),
            color=alt.Color(
                field="kind",
                type="nominal",
                sort=None,
                scale=alt.Scale(domain=list(counts), range=[palette.series[0], palette.series[1]]),
                legend=alt.Legend(
                    title=None, orient="top", symbolType="square", symbolStrokeWidth=0
                ),
            ),
            tooltip=[
                alt.Tooltip(field="day", type="temporal", timeUnit="utcyearmonthdate", title="day"),
                alt.Tooltip(field="kind", type="nominal", title="kind"),
                alt.Tooltip(field="count", type="quantitative", format=",", title="reports"),
            ],
        )
    )
    said = (
        f"Reports by day, {len(came.days)} days, {wording.whole(total)} in all: "
        f"{wording.whole(sum(counts['false positives']))} false positives and "
        f"{wording.whole(sum(counts['false negatives']))} false negatives; most on one day: "
        f"{wording.whole(max(map(sum, zip(*counts.values(), strict=True))))}."
    )
    return canvas.finish(
        [
            *gap_bands(canvas, _unknown(found), palette),
            bars,
            *moments(canvas, marks(found), palette),
        ],
        title,
        said,
    )


def marks(found: FalseReportsReport) -> list[Mark]:
    """Releases of the window."""
    return [
        Mark(made.deployed_at, f"{made.model_version} {made.stage.replace('_', ' ')}")
        for made in found.releases
        if made.deployed_at in found.span and made.stage in {"canary", "production", "rolled_back"}
    ]


def _unknown(found: FalseReportsReport) -> list[tuple[datetime, datetime]]:
    """Where reports may be missing: from where stale data end."""
    through = found.freshness.data_through
    if not found.freshness.stale or through is None:
        return []
    start = max(through, found.span.start)
    return [(start, found.span.end)] if start < found.span.end else []
