"""Opening an incident, from an alert or without any."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.incidents import drafted
from core.ports.alerts import Episode
from core.ports.incidents import INCIDENT_SEVERITIES, Incident
from db.team.incidents import open_incident
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, minute_of, moment_of, send
from pages.parts.incidents.choice import look_at
from pages.parts.incidents.words import UTC
from pages.parts.markdown import plain

FIELDS = ("title", "severity", "began_at", "detected_at")


def opening(service: str, episodes: Sequence[Episode]) -> None:
    """The form; it begins with what the alerts say."""
    st.markdown("#### Open an incident")
    for one in episodes:
        st.markdown(f":material/notifications_active: {plain(one.sentence)}")
    proposed = drafted(episodes, data.now())
    named = "·".join(str(one.episode_id) for one in episodes)
    draft = Draft(f"incident·{service}·{named}")
    draft.begin(
        {
            "title": proposed["title"],
            "severity": proposed["severity"],
            "began_at": _shown(proposed["began_at"]),
            "detected_at": _shown(proposed["detected_at"]),
            "alerts": [one.episode_id for one in episodes],
            "by": "",
        },
        proposed=proposed,
    )
    with form(
        draft, Button("Open the incident", primary=True), asks="Who opens it", border=True
    ) as sent:
        facts(draft)
        _alerts(draft, service, episodes)
    if not sent:
        return
    known = draft.seen("proposed")
    given = given_of(sent.given, known["began_at"], known["detected_at"])

    def open_it(store: Engine) -> Incident:
        made = open_incident(store, service, given, sent.given["alerts"], **sent.once)
        look_at(str(made.incident_id))
        return made

    send(draft, open_it, lambda made: f"Incident {made.incident_id} was opened.")


def facts(draft: Draft) -> None:
    """The fields that an incident is opened with, and corrected by."""
    draft.text_input("What happens, in one line", "title")
    left, middle, right = st.columns(3)
    with left:
        draft.selectbox("Severity", INCIDENT_SEVERITIES, "severity")
    with middle:
        draft.datetime_input("It began to hurt (UTC)", "began_at", step=60)
    with right:
        draft.datetime_input("It was noticed (UTC; empty: not known)", "detected_at", step=60)


def given_of(
    typed: dict[str, object], began_at: object = None, detected_at: object = None
) -> dict[str, object]:
    """The fields as `core.incidents.changes.parse_incident` reads them.

    Args:
        typed: what the form holds.
        began_at: what the form was filled with, to the second.
        detected_at: likewise.
    """
    return {
        "title": typed["title"],
        "severity": typed["severity"],
        "began_at": moment_of(typed["began_at"], UTC, began_at),  # type: ignore[arg-type]
        "detected_at": moment_of(typed["detected_at"], UTC, detected_at),  # type: ignore[arg-type]
    }


def _shown(moment: object) -> object:
    zone: ZoneInfo = UTC
    return None if moment is None else minute_of(moment, zone)  # type: ignore[arg-type]


def alert_words(one: Episode) -> str:
    """An alert as a choice in a list; its sentence is data."""
    drill = "drill: " if one.drill else ""
    return f"{wording.clock(one.began_at)} {drill}{one.sentence}"


def _alerts(draft: Draft, service: str, episodes: Sequence[Episode]) -> None:
    recent = data.recent_alerts(service)
    known = () if isinstance(recent, Problem) else recent
    offered = {one.episode_id: one for one in (*episodes, *known)}
    draft.only("alerts", offered)
    draft.multiselect(
        "Alerts that belong to it",
        offered,
        "alerts",
        format_func=lambda number: alert_words(offered[number]),
        placeholder="None, or choose",
    )
