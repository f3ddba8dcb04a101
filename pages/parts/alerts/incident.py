"""Adding an alert to an incident, or opening one from it."""

from __future__ import annotations

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.alerts.report import AlertsReport, Shown
from core.incidents.changes import drafted
from core.ports.incidents import INCIDENT_SEVERITIES, Incident
from db.team.incidents import add_alert, open_incident
from pages.parts import data
from pages.parts.alerts.sending import send
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, who

#: The choice that opens an incident instead of adding to one.
_NEW = 0


def incident(found: AlertsReport, shown: Shown) -> None:
    """The form; where it leads to is told once it is sent."""
    episode = shown.episode
    known = data.open_incidents(episode.service)
    if isinstance(known, Problem):
        st.caption("Incidents cannot be read now.")
        return
    named = {one.incident_id: one for one in known}
    proposed = drafted([episode], found.as_of)
    draft = Draft(f"alert incident·{episode.service}·{episode.episode_id}")
    draft.begin(
        {
            "by": "",
            "incident": _NEW,
            "title": proposed["title"],
            "severity": proposed["severity"],
        }
    )
    with form(
        draft, Button("Add to the incident", ":material/local_fire_department:"), asks=None
    ) as sent:
        left, right = st.columns(2)
        with left:
            who(draft, "Who adds it")
        with right:
            draft.selectbox(
                "To",
                [_NEW, *named],
                "incident",
                format_func=lambda number: _called(named.get(number)),
            )
        draft.text_input("Title of a new incident", "title")
        draft.selectbox("Severity of a new incident", INCIDENT_SEVERITIES, "severity")
    joined = st.session_state.get(draft.key("joined"))
    if joined is not None:
        st.page_link(
            "pages/incidents.py",
            label="Timeline and retrospective",
            icon=":material/arrow_forward:",
            query_params={"service": episode.service, "incident": str(joined)},
        )
    if not sent:
        return
    chosen = named.get(sent.given["incident"])

    def join(store: Engine) -> Incident:
        if chosen is not None:
            add_alert(store, chosen, episode.episode_id, **sent.signed)
            made = chosen
        else:
            given = proposed | {"title": sent.given["title"], "severity": sent.given["severity"]}
            numbers = [episode.episode_id]
            made = open_incident(store, episode.service, given, numbers, **sent.once)
        st.session_state[draft.key("joined")] = made.incident_id
        return made

    send(
        draft,
        join,
        lambda made: f"It belongs to incident {made.incident_id} since {wording.clock(sent.at)}.",
    )


def _called(one: Incident | None) -> str:
    return "a new incident" if one is None else f"{one.incident_id}: {one.title}"
