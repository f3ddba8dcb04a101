"""The charts of the overview."""

from __future__ import annotations

from datetime import UTC, date, datetime

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, Mark, moments, stamp, time_axis
from core.charts.tokens import Palette
from core.overview import OverviewReport, ProductChange
from core.ports import ProductSeries


def complaints(found: OverviewReport, palette: Palette) -> Chart:
    """Complaints per thousand letters by day: the product metric behind the goal."""
    by_name = {change.series.metric: change.series for change in found.product}
    per_thousand = _per_thousand(by_name.get("complaints"), by_name.get("letters"))
    if not per_thousand:
        return Chart(
            "No product metrics in this window",
            None,
            "Nobody has written complaints and letters by day (metrics.product_day).",
        )
    canvas = Canvas()
    rows = [
        {"t": stamp(datetime(day.year, day.month, day.day, tzinfo=UTC)), "rate": rate}
        for day, rate in per_thousand
    ]
    y = alt.Y(
        field="rate",
        type="quantitative",
        scale=alt.Scale(domain=[0, max(row["rate"] for row in rows) * 1.3], nice=False),
        axis=alt.Axis(title="complaints per 1,000 letters", tickCount=5),
    )
    tooltip = [
        alt.Tooltip(field="t", type="temporal", timeUnit="utcyearmonthdate", title="day (UTC)"),
        alt.Tooltip(field="rate", type="quantitative", format=".4f", title="per 1,000 letters"),
    ]
    line = (
        canvas.on(rows)
        .mark_line(strokeWidth=2, color=palette.on_target, point={"size": 18, "filled": True})
        .encode(x=time_axis(), y=y, tooltip=tooltip)
    )
    first = per_thousand[0][0]
    released = [
        Mark(release.deployed_at, f"{release.model_version} {release.stage}")
        for release in found.releases
        if release.stage in {"canary", "production"} and release.deployed_at.date() >= first
    ]
    title = _title(by_name["complaints"].metric, per_thousand)
    last = per_thousand[-1][1]
    return canvas.finish(
        [*moments(canvas, released, palette), line],
        title,
        f"Complaints per 1,000 letters by day, {wording.number_word(len(rows))} days, "
        f"last {last:.3f}. All users, not an experiment.",
    )


def product_line(change: ProductChange) -> list[float]:
    """A metric's values for a table's sparkline."""
    return list(change.series.values)


def _per_thousand(
    complained: ProductSeries | None, letters: ProductSeries | None
) -> list[tuple[date, float]]:
    if complained is None or letters is None:
        return []
    delivered = dict(zip(letters.days, letters.values, strict=True))
    return [
        (day, number / delivered[day] * 1000)
        for day, number in zip(complained.days, complained.values, strict=True)
        if delivered.get(day)
    ]


def _title(metric: str, per_thousand: list[tuple[date, float]]) -> str:
    """The change of the last seven days against the first seven."""
    rates = [rate for _, rate in per_thousand]
    if len(rates) < 14:
        return f"{metric.capitalize()} per letter, all users"
    before, now = sum(rates[:7]) / 7, sum(rates[-7:]) / 7
    if not before:
        return "No complaints in the first week"
    change = now / before - 1
    if abs(change) < 0.005:
        return "Complaints per letter have not changed over this window"
    word = "fell" if change < 0 else "rose"
    moved = f"{abs(change) * 100:.0f} %"
    return f"Complaints per letter {word} by {moved} over this window, all users"
