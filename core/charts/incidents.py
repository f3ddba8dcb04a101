"""An incident from its beginning to its end: the service, its releases, its alerts, the people."""

from __future__ import annotations

from datetime import datetime, timedelta

import altair as alt

from core import wording
from core.charts.chart import UTC_MINUTES, Canvas, Chart, stamp, time_axis
from core.charts.tokens import Palette
from core.incidents import IncidentView

HEIGHT = 190
#: Lanes from top to bottom, and what is in which.
LANES = ("service", "releases", "alerts", "people")
_LANE_OF = {
    "began": "service",
    "detected": "service",
    "recovered": "service",
    "release": "releases",
    "alert": "alerts",
}
#: Room at both ends, as a share of the time that is shown.
_ROOM = 0.04


def timeline(view: IncidentView, as_of: datetime, palette: Palette) -> Chart:
    """What happened when, in four lanes; the bar is the time in which it hurt.

    What people wrote is in the table below the chart, and in none of its tooltips.
    """
    incident = view.incident
    over = incident.recovered_at or as_of
    first = min([incident.began_at, *(entry.at for entry in view.timeline)])
    last = max([over, *(entry.at for entry in view.timeline)])
    room = max((last - first) * _ROOM, timedelta(minutes=1))
    canvas = Canvas()
    x = time_axis(span=(first - room, last + room))
    y = alt.Y(
        field="lane",
        type="nominal",
        scale=alt.Scale(domain=list(LANES)),
        axis=alt.Axis(title=None, ticks=False, domain=False),
    )
    hurt = [{"lane": LANES[0], "t": stamp(incident.began_at), "t2": stamp(over)}]
    colour = palette.no_data if incident.drill_id is not None else palette.breached
    bar = (
        canvas.on(hurt)
        .mark_bar(height=11, cornerRadius=2, color=colour, opacity=0.45)
        .encode(x=x, x2=alt.X2(field="t2"), y=y)
    )
    rows = [
        {
            "lane": _LANE_OF.get(entry.kind, "people"),
            "t": stamp(entry.at),
            "what": entry.what,
            "by": entry.by,
        }
        for entry in view.timeline
    ]
    points = (
        canvas.on(rows)
        .mark_point(filled=True, size=75, opacity=0.9, color=palette.on_target)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip(field="what", type="nominal"),
                alt.Tooltip(field="by", type="nominal"),
                alt.Tooltip(
                    field="t",
                    type="temporal",
                    timeUnit=UTC_MINUTES,
                    format="%d %b %H:%M",
                    title="when (UTC)",
                ),
            ],
        )
    )
    title = _title(view, as_of)
    told = "; ".join(f"{wording.clock(one.at, as_of)} {one.what}" for one in view.timeline[:12])
    return canvas.finish([bar, points], title, f"{title}. {told}.", height=HEIGHT)


def _title(view: IncidentView, as_of: datetime) -> str:
    noticed = "Nobody says when it was noticed"
    if view.to_detect is not None:
        noticed = f"Noticed after {wording.duration(view.to_detect)}"
    if view.to_recover is not None:
        return f"{noticed}, recovered after {wording.duration(view.to_recover)}"
    return f"{noticed}, not recovered after {wording.duration(as_of - view.incident.began_at)}"
