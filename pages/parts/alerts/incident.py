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
from pages.parts.alerts.sending import send, token
from pages.parts.data import Problem
from pages.parts.experiment_drafts import Draft

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
    with st.form(draft.key("form"), border=False):
        left, right = st.columns(2)
        with left:
            st.text_input("Who adds it", key=draft.key("by"), disabled=draft.signed)
            draft.problem("by")
        with right:
            st.selectbox(
                "To",
                [_NEW, *named],
                key=draft.key("incident"),
                format_func=lambda number: _called(named.get(number)),
            )
        st.text_input("Title of a new incident", key=draft.key("title"))
        draft.problem("title")
        st.selectbox("Severity of a new incident", INCIDENT_SEVERITIES, key=draft.key("severity"))
        draft.problem("severity")
        draft.other_problems(("by", "title", "severity"))
        sent = st.form_submit_button("Add to the incident", icon=":material/local_fire_department:")
    draft.outcome()
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
    typed, at = draft.values(("by", "incident", "title", "severity")), data.moment()
    chosen = named.get(typed["incident"])

    def join(store: Engine) -> Incident:
        if chosen is not None:
            add_alert(store, chosen, episode.episode_id, by=typed["by"], at=at)
            made = chosen
        else:
            given = proposed | {"title": typed["title"], "severity": typed["severity"]}
            numbers = [episode.episode_id]
            made = open_incident(
                store,
                episode.service,
                given,
                numbers,
                by=typed["by"],
                at=at,
                request_id=token(draft),
            )
        st.session_state[draft.key("joined")] = made.incident_id
        return made

    send(
        draft,
        join,
        lambda made: f"It belongs to incident {made.incident_id} since {wording.clock(at)}.",
    )


def _called(one: Incident | None) -> str:
    return "a new incident" if one is None else f"{one.incident_id}: {one.title}"
