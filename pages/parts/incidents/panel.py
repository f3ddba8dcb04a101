"""One incident, opened: what it cost, how long it took, and what happened in order of time."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import wording
from core.charts import incidents as charts
from core.charts.tokens import Palette
from core.incidents import IncidentsReport, IncidentView
from core.reliability.settings import SLIS
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.incidents.words import UTC, chip, length
from pages.parts.markdown import plain
from pages.parts.prose_table import Marked, prose_table

#: The newest notes are shown whole; all are in the table.
NOTES = 3


def panel(view: IncidentView, found: IncidentsReport, theme: Palette) -> None:
    """Everything that is known of it."""
    incident = view.incident
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(chip(incident), width="content")
        st.caption(
            plain(f"incident {incident.incident_id}, opened by {incident.opened_by}"),
            width="content",
        )
    st.markdown(f"#### {plain(incident.title)}")
    st.markdown(plain(view.sentence))
    _facts(view)
    figure = data.drawn(
        f"incident {incident.incident_id} {incident.revision}",
        found,
        theme.name,
        lambda: charts.timeline(view, found.as_of, theme),
    )
    chart(figure, key=f"timeline_{incident.incident_id}")
    _table(view)


def notes(view: IncidentView, found: IncidentsReport) -> None:
    """The newest status notes, the last first."""
    for note in reversed(view.notes[-NOTES:]):
        with st.container(border=True, gap="xsmall"):
            st.caption(plain(f"{wording.clock(note.at, found.as_of)}, {note.by}"))
            st.text(note.text)


def _facts(view: IncidentView) -> None:
    impact = view.impact
    cost = "–" if impact is None else " · ".join(wording.whole(impact.bad[kind]) for kind in SLIS)
    minutes = "–" if impact is None else f"{wording.whole(impact.minutes['any'])} minutes"
    told = (
        ("To notice", length(view.to_detect)),
        ("To recover", length(view.to_recover)),
        ("Letters failed · slow", cost),
        ("Outside an objective", minutes),
    )
    for column, (name, value) in zip(st.columns(len(told)), told, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.caption(name)
            st.markdown(f"**{value}**")
    if impact is None:
        st.caption("What it cost is not known: there is no reliability report of that time.")
        return
    frozen = " Frozen when it was closed." if impact.frozen else " Counted anew while it is open."
    st.caption(plain(view.impact_sentence + frozen))


def _table(view: IncidentView) -> None:
    rows = [
        {
            "When (UTC)": Marked(_to_the_second(entry.at)),
            "What": entry.what,
            "Said": entry.text,
            "By": entry.by,
        }
        for entry in view.timeline
    ]
    prose_table(rows, alt="The timeline, oldest first.")


def _to_the_second(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b, %H:%M:%S}"
