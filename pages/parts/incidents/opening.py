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
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import minute_of, moment_of, problems, send, token, who
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
    with st.form(draft.key("form"), border=True):
        facts(draft)
        _alerts(draft, service, episodes)
        who(draft, "Who opens it")
        problems(draft, *FIELDS, "alerts")
        sent = st.form_submit_button("Open the incident", type="primary")
    draft.outcome()
    if not sent:
        return
    known = draft.seen("proposed")
    typed, at = draft.values((*FIELDS, "alerts", "by")), data.moment()
    given = given_of(typed, known["began_at"], known["detected_at"])

    def open_it(store: Engine) -> Incident:
        made = open_incident(
            store,
            service,
            given,
            typed["alerts"],
            by=typed["by"],
            at=at,
            request_id=token(draft),
        )
        look_at(str(made.incident_id))
        return made

    send(draft, open_it, lambda made: f"Incident {made.incident_id} was opened.")


def facts(draft: Draft) -> None:
    """The fields that an incident is opened with, and corrected by."""
    st.text_input("What happens, in one line", key=draft.key("title"))
    draft.problem("title")
    left, middle, right = st.columns(3)
    with left:
        st.selectbox("Severity", INCIDENT_SEVERITIES, key=draft.key("severity"))
        draft.problem("severity")
    with middle:
        st.datetime_input("It began to hurt (UTC)", None, key=draft.key("began_at"), step=60)
        draft.problem("began_at")
    with right:
        st.datetime_input(
            "It was noticed (UTC; empty: not known)", None, key=draft.key("detected_at"), step=60
        )
        draft.problem("detected_at")


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
    kept = [number for number in draft.values(["alerts"])["alerts"] if number in offered]
    if kept != draft.values(["alerts"])["alerts"]:
        st.session_state[draft.key("alerts")] = kept
    st.multiselect(
        "Alerts that belong to it",
        list(offered),
        key=draft.key("alerts"),
        format_func=lambda number: alert_words(offered[number]),
        placeholder="None, or choose",
    )
    draft.problem("alerts")
