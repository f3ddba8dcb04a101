"""The shifts ahead, and what stands in for the rota."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts import oncall as charts
from core.charts.tokens import Palette
from core.oncall import Duty, OnCallReport
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.markdown import plain
from pages.parts.oncall.words import NOBODY, WEEKDAYS, local, zone_of


def shifts(duty: Duty, found: OnCallReport, theme: Palette) -> None:
    """The strip, what the rota says, and the table of shifts."""
    if duty.rota is None:
        return
    figure = data.drawn(
        f"strip {duty.service}",
        found,
        theme.name,
        lambda: charts.strip(duty, found.as_of, theme),
    )
    chart(figure, key="oncall_strip")
    st.caption(_rule(duty))
    zone = zone_of(duty.rota)
    rows = [
        {
            f"From ({zone.key})": local(shift.start, zone),
            "To": local(shift.end, zone),
            "On call": shift.member or NOBODY,
            "By the rota": shift.scheduled or NOBODY,
            "Why": shift.why_nobody
            or ("" if shift.override is None else shift.override.reason or "an override"),
        }
        for shift in duty.shifts
    ]
    if rows:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={"Why": st.column_config.TextColumn(width="large")},
            alt="The shifts ahead.",
        )


def _rule(duty: Duty) -> str:
    rota = duty.rota
    assert rota is not None
    members = ", ".join(name or NOBODY for name in rota.members) or "nobody yet"
    changed = f" Revision {rota.revision}, by {rota.changed_by}." if rota.changed_by else ""
    return plain(
        f"By turns of a week: {members}. Handed over on {WEEKDAYS[rota.handover_weekday]} at "
        f"{rota.handover_time:%H:%M}, {rota.zone}.{changed}"
    )
