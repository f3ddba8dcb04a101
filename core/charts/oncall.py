"""The rota as a strip: who is on call when, one row a person, and where nobody is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import altair as alt

from core import wording
from core.charts.chart import UTC_MINUTES, Canvas, Chart, stamp, time_axis
from core.charts.tokens import Palette
from core.oncall import Duty
from core.oncall.report import SHOWN

ROW_HEIGHT = 30
NOBODY = "nobody"
_KINDS = ("by the rota", "stands in", NOBODY)


def strip(duty: Duty, as_of: datetime, palette: Palette) -> Chart:
    """The shifts of one service from now on, as far ahead as the report tells them."""
    end = as_of + SHOWN
    rows = [row for row in _rows(duty, as_of, end) if row["t"] < row["t2"]]
    title = _title(duty, as_of)
    if not rows:
        return Chart(title, None, "There is no shift to draw: the service has no rota.")
    names = list(dict.fromkeys(str(row["who"]) for row in rows if row["kind"] != NOBODY))
    if any(row["kind"] == NOBODY for row in rows):
        names.append(NOBODY)
    canvas = Canvas()
    bars = (
        canvas.on(rows)
        .mark_bar(height=15, cornerRadius=2)
        .encode(
            x=time_axis(span=(as_of, end)),
            x2=alt.X2(field="t2"),
            y=alt.Y(
                field="who",
                type="nominal",
                scale=alt.Scale(domain=names),
                axis=alt.Axis(title=None, labelLimit=180, ticks=False, domain=False),
            ),
            color=alt.Color(
                field="kind",
                type="nominal",
                scale=alt.Scale(
                    domain=list(_KINDS),
                    range=[palette.on_target, palette.series[2], palette.breached],
                ),
                legend=alt.Legend(title=None, orient="top", symbolType="square"),
            ),
            tooltip=[
                alt.Tooltip(field="who", type="nominal", title="on call"),
                alt.Tooltip(field="said", type="nominal", title="why"),
                *(
                    alt.Tooltip(
                        field=field,
                        type="temporal",
                        timeUnit=UTC_MINUTES,
                        format="%a %d %b %H:%M",
                        title=name,
                    )
                    for field, name in (("t", "from (UTC)"), ("t2", "to (UTC)"))
                ),
            ],
        )
    )
    text = f"{title}. {_words(duty, as_of, end)}"
    return canvas.finish([bars], title, text, height=ROW_HEIGHT * len(names) + 70)


def _rows(duty: Duty, as_of: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    for shift in duty.shifts:
        kind = "by the rota" if shift.override is None else "stands in"
        instead = f"instead of {shift.scheduled}" if shift.scheduled else "an override"
        yield {
            "who": shift.member or NOBODY,
            "kind": kind if shift.member else NOBODY,
            "said": shift.why_nobody or (kind if shift.override is None else instead),
            "t": stamp(max(shift.start, as_of)),
            "t2": stamp(min(shift.end, end)),
        }
    if duty.rota is None:
        return
    covered = [(shift.start, shift.end) for shift in duty.shifts]
    for gap in duty.gaps:  # where there is no shift at all
        if not any(start < gap.end and gap.start < over for start, over in covered):
            yield {
                "who": NOBODY,
                "kind": NOBODY,
                "said": gap.why,
                "t": stamp(gap.start),
                "t2": stamp(gap.end),
            }


def _title(duty: Duty, as_of: datetime) -> str:
    if duty.rota is None:
        return f"{duty.service} has no rota"
    if duty.gaps:
        first = duty.gaps[0]
        when = "now" if first.start <= as_of else f"from {wording.clock(first.start, as_of)}"
        return f"Nobody is on call {when}"
    alone = [shift for shift in duty.shifts if not shift.member]
    if alone:
        return f"Somebody is on call until {wording.clock(alone[0].start, as_of)}, then nobody"
    return f"Somebody is on call in each of the next {SHOWN.days // 7} weeks"


def _words(duty: Duty, as_of: datetime, end: datetime) -> str:
    said = [
        f"{shift.member or NOBODY} until {wording.clock(min(shift.end, end), as_of)}"
        for shift in duty.shifts[:6]
    ]
    return f"{', then '.join(said)}." if said else ""
