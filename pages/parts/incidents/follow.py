"""What can be done about an incident: say how it stands, correct it, gather alerts, close it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.incidents import IncidentView, impact_of
from core.ports.incidents import Incident
from core.reliability import ReliabilityReport
from core.timeframe import Window
from db import reports
from db.readers.snapshot import snapshot
from db.team.incidents import (
    add_alert,
    add_note,
    change_incident,
    close_incident,
    mark_recovered,
    remove_alert,
)
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import (
    Editing,
    begin_editing,
    minute_of,
    moment_of,
    problems,
    send,
    token,
    who,
)
from pages.parts.incidents.opening import FIELDS, alert_words, facts, given_of
from pages.parts.incidents.words import UTC

_LABELS = {
    "title": "What happens",
    "severity": "Severity",
    "began_at": "It began to hurt",
    "detected_at": "It was noticed",
}


def follow(view: IncidentView) -> None:
    """The forms; a closed incident takes notes alone."""
    forms: dict[str, Callable[[IncidentView], None]] = {"Note": _note}
    if view.incident.closed_at is None:
        forms |= {"Recovery": _recovery, "Close": _close, "Correct": _correct, "Alerts": _alerts}
    with st.container(border=True, key="incident_follow"):
        for tab, name in zip(st.tabs(list(forms)), forms, strict=True):
            with tab:
                forms[name](view)


def _draft(act: str, view: IncidentView) -> Draft:
    return Draft(f"incident {act}·{view.incident.service}·{view.incident.incident_id}")


def _note(view: IncidentView) -> None:
    draft = _draft("note", view)
    draft.begin({"text": "", "by": ""})
    with st.form(draft.key("form"), border=False):
        st.text_area("How it stands", key=draft.key("text"), height=90)
        draft.problem("text")
        who(draft)
        problems(draft, "text")
        sent = st.form_submit_button("Add the note", icon=":material/edit_note:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("text", "by")), data.moment()
        send(
            draft,
            lambda store: add_note(
                store, view.incident, typed["text"], by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Noted at {wording.clock(made.at)}.",
            empty={"text": ""},
        )


def _recovery(view: IncidentView) -> None:
    """When it stopped hurting; it begins with when the last of its alerts was resolved."""
    incident, draft = view.incident, _draft("recovery", view)
    known = incident.recovered_at or _resolved_at(view) or data.now()
    draft.begin({"recovered_at": minute_of(known, UTC), "by": ""}, known=known)
    with st.form(draft.key("form"), border=False):
        st.datetime_input("It recovered (UTC)", None, key=draft.key("recovered_at"), step=60)
        draft.problem("recovered_at")
        who(draft)
        problems(draft, "recovered_at")
        sent = st.form_submit_button("It has recovered", icon=":material/healing:")
        undone = incident.recovered_at is not None and st.form_submit_button(
            "It has not, after all"
        )
    draft.outcome()
    if not sent and not undone:
        return
    typed, at = draft.values(("recovered_at", "by")), data.moment()
    moment = moment_of(typed["recovered_at"], UTC, draft.seen("known"))
    if sent and moment is None:
        draft.refused({"recovered_at": "Is missing."})
        st.rerun()
    send(
        draft,
        lambda store: mark_recovered(
            store, incident, None if undone else moment, by=typed["by"], at=at
        ),
        lambda made: (
            "It has not recovered."
            if made.recovered_at is None
            else f"It recovered on {wording.clock(made.recovered_at)}."
        ),
    )


def _resolved_at(view: IncidentView) -> datetime | None:
    """When the last of its alerts was resolved; None where one still runs or there is none."""
    ended: dict[int, datetime | None] = {one.episode_id: None for one in view.alerts}
    for entry in view.timeline:
        if entry.kind == "alert" and entry.episode_id in ended:
            over = entry.what.endswith("is resolved")
            ended[entry.episode_id] = entry.at if over else None
    known = [moment for moment in ended.values() if moment is not None]
    return max(known) if known and len(known) == len(ended) else None


def _close(view: IncidentView) -> None:
    draft = _draft("close", view)
    draft.begin({"by": ""})
    with st.form(draft.key("form"), border=False):
        st.caption(
            "Closing freezes what the incident cost, as the letters are counted at that moment."
        )
        who(draft)
        problems(draft)
        sent = st.form_submit_button("Close the incident", icon=":material/check:")
    draft.outcome()
    if sent:
        by, at = draft.values(["by"])["by"], data.moment()
        send(
            draft,
            lambda store: _close_it(store, view.incident, by, at),
            lambda made: f"Closed at {wording.clock(at)}.",
        )


def _close_it(store: Engine, incident: Incident, by: str, at: datetime) -> Incident:
    with snapshot(store) as connection:

        def asked(window: Window, moment: datetime) -> ReliabilityReport:
            return reports.reliability_report(connection, incident.service, window, moment)

        impact = None if incident.recovered_at is None else impact_of(incident, at, asked)
    return close_incident(store, incident, impact, by=by, at=at)


def _correct(view: IncidentView) -> None:
    draft = _draft("facts", view)
    seen = begin_editing(draft, view.incident, _values_of, revision=view.incident.revision)
    with st.form(draft.key("form"), border=False):
        facts(draft)
        who(draft)
        problems(draft, *FIELDS)
        sent = st.form_submit_button("Correct it", icon=":material/edit:")
    draft.outcome()
    if sent:
        typed, at = draft.values((*FIELDS, "by")), data.moment()
        given = given_of(typed, seen.began_at, seen.detected_at)
        send(
            draft,
            lambda store: change_incident(store, seen, given, by=typed["by"], at=at),
            lambda made: f"Stored at {wording.clock(at)}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _values_of(incident: Incident) -> dict[str, Any]:
    noticed = incident.detected_at
    return {
        "title": incident.title,
        "severity": incident.severity,
        "began_at": minute_of(incident.began_at, UTC),
        "detected_at": None if noticed is None else minute_of(noticed, UTC),
    }


def _alerts(view: IncidentView) -> None:
    """One more alert, or one less."""
    recent = data.recent_alerts(view.incident.service)
    known = () if isinstance(recent, Problem) else recent
    inside = {one.episode_id for one in view.alerts}
    words = {one.episode_id: alert_words(one) for one in known}
    words |= {one.episode_id: one.sentence for one in view.alerts if one.episode_id not in words}
    draft = _draft("alerts", view)
    draft.begin({"episode": None, "by": ""})
    if draft.values(["episode"])["episode"] not in {None, *words}:
        draft.refill({"episode": None})
        draft.begin({})
    with st.form(draft.key("form"), border=False):
        st.selectbox(
            "Alert",
            list(words),
            index=None,
            key=draft.key("episode"),
            format_func=lambda number: f"{'in: ' if number in inside else ''}{words[number]}",
        )
        draft.problem("episode")
        who(draft)
        problems(draft, "episode")
        left, right = st.columns(2)
        adding = left.form_submit_button("Add it", icon=":material/add:")
        taking = right.form_submit_button("Take it out", icon=":material/remove:")
    draft.outcome()
    if not adding and not taking:
        return
    typed, at = draft.values(("episode", "by")), data.moment()
    if typed["episode"] is None:
        draft.refused({"episode": "Is missing."})
        st.rerun()
    act = add_alert if adding else remove_alert
    send(
        draft,
        lambda store: act(store, view.incident, typed["episode"], by=typed["by"], at=at),
        lambda _: "Added." if adding else "Taken out.",
        empty={"episode": None},
    )
