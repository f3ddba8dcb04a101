"""When which rule's alerts ran: one bar an episode, one row a rule."""

from __future__ import annotations

import altair as alt

from core import wording
from core.alerts.report import AlertsReport
from core.charts.chart import UTC_MINUTES, Canvas, Chart, stamp, time_axis
from core.charts.tokens import Palette
from core.ports.alerts import Episode
from core.timeframe import Span

#: A bar is at least this share of the time that is shown, or short alerts could not be seen.
LEAST = 1 / 250
ROW_HEIGHT = 30
_SEVERITIES = ("page", "ticket", "drill")


def strip(found: AlertsReport, palette: Palette) -> Chart:
    """Every episode that fired, over the span of the history."""
    fired = [one for one in found.episodes if one.fired_at is not None]
    if not fired:
        return Chart(
            "No alert fired in this window",
            None,
            "Rules that are evaluated and do not fire leave nothing to draw.",
        )
    canvas = Canvas()
    rules = sorted({one.rule_id for one in fired})
    # Pages last: where a ticket of the same rule runs beside one, the page is what is seen.
    rows = [_row(one, found) for one in sorted(fired, key=lambda one: one.severity == "page")]
    y = alt.Y(
        field="rule",
        type="nominal",
        scale=alt.Scale(domain=rules),
        axis=alt.Axis(title=None, labelLimit=180, labelOverlap=False, ticks=False, domain=False),
    )
    colour = alt.Color(
        field="kind",
        type="nominal",
        scale=alt.Scale(
            domain=list(_SEVERITIES), range=[palette.breached, palette.at_risk, palette.no_data]
        ),
        legend=alt.Legend(title=None, orient="top", symbolType="square"),
    )
    tooltip = [
        alt.Tooltip(field="said", type="nominal", title="what"),
        alt.Tooltip(field="kind", type="nominal", title="severity"),
        alt.Tooltip(
            field="t", type="temporal", timeUnit=UTC_MINUTES, format="%d %b %H:%M", title="from"
        ),
        alt.Tooltip(field="lasted", type="nominal", title="for"),
    ]
    bars = (
        canvas.on(rows)
        .mark_bar(height=13, cornerRadius=2)
        .encode(
            x=time_axis(span=(found.span.start, found.span.end)),
            x2=alt.X2(field="t2"),
            y=y,
            color=colour,
            tooltip=tooltip,
        )
    )
    return canvas.finish([bars], _title(found), _words(found), height=ROW_HEIGHT * len(rules) + 60)


def _row(one: Episode, found: AlertsReport) -> dict[str, object]:
    """A bar: from firing to the end, as far as the span goes."""
    ran = Span(one.fired_at or one.began_at, one.resolved_at or found.as_of)
    least = (found.span.end - found.span.start) * LEAST
    start = min(max(ran.start, found.span.start), found.span.end - least)
    return {
        "t": stamp(start),
        "t2": stamp(max(min(ran.end, found.span.end), start + least)),
        "rule": one.rule_id,
        "kind": "drill" if one.drill else one.severity,
        "said": one.sentence,
        "lasted": wording.duration(ran.end - ran.start),
    }


def _title(found: AlertsReport) -> str:
    past = found.history
    noun = "alert" if past.fired == 1 else "alerts"
    said = f"{wording.number_word(past.fired).capitalize()} {noun} fired"
    if past.drills:
        word = "drill" if past.drills == 1 else "drills"
        said += f", and {wording.number_word(past.drills)} {word} beside"
    return said


def _words(found: AlertsReport) -> str:
    by_rule = "; ".join(f"{one.rule_id} {one.episodes}" for one in found.history.noise)
    return f"{_title(found)} since {wording.clock(found.span.start)}. By rule: {by_rule or 'none'}."
