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
from pages.parts.drafts import Draft
from pages.parts.forms import (
    Button,
    Editing,
    begin_editing,
    form,
    minute_of,
    moment_of,
    require,
    send,
)
from pages.parts.incidents.opening import alert_words, facts, given_of
from pages.parts.incidents.words import UTC

_LABELS = {
    "title": "What happens",
    "severity": "Severity",
    "began_at": "It began to hurt",
    "detected_at": "It was noticed",
}
_RECOVERED = Button("It has recovered", ":material/healing:")
_NOT_RECOVERED = Button("It has not, after all")
_ADD = Button("Add it", ":material/add:")
_TAKE_OUT = Button("Take it out", ":material/remove:")


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
    with form(draft, Button("Add the note", ":material/edit_note:")) as sent:
        draft.text_area("How it stands", "text", height=90)
    if sent:
        send(
            draft,
            lambda store: add_note(store, view.incident, sent.given["text"], **sent.once),
            lambda made: f"Noted at {wording.clock(made.at)}.",
            empty={"text": ""},
        )


def _recovery(view: IncidentView) -> None:
    """When it stopped hurting; it begins with when the last of its alerts was resolved."""
    incident, draft = view.incident, _draft("recovery", view)
    known = incident.recovered_at or _resolved_at(view) or data.now()
    draft.begin({"recovered_at": minute_of(known, UTC), "by": ""}, known=known)
    undoing = () if incident.recovered_at is None else (_NOT_RECOVERED,)
    with form(draft, _RECOVERED, *undoing) as sent:
        draft.datetime_input("It recovered (UTC)", "recovered_at", step=60)
    if not sent:
        return
    moment = None
    if sent.button == _RECOVERED.label:
        require(sent, "recovered_at")
        moment = moment_of(sent.given["recovered_at"], UTC, draft.seen("known"))
    send(
        draft,
        lambda store: mark_recovered(store, incident, moment, **sent.signed),
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
    with form(draft, Button("Close the incident", ":material/check:")) as sent:
        st.caption(
            "Closing freezes what the incident cost, as the letters are counted at that moment."
        )
    if sent:
        send(
            draft,
            lambda store: _close_it(store, view.incident, sent.by, sent.at),
            lambda made: f"Closed at {wording.clock(sent.at)}.",
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
    with form(draft, Button("Correct it", ":material/edit:")) as sent:
        facts(draft)
    if sent:
        given = given_of(sent.given, seen.began_at, seen.detected_at)
        send(
            draft,
            lambda store: change_incident(store, seen, given, **sent.signed),
            lambda made: f"Stored at {wording.clock(sent.at)}.",
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
    draft.only("episode", words)
    with form(draft, _ADD, _TAKE_OUT) as sent:
        draft.selectbox(
            "Alert",
            words,
            "episode",
            index=None,
            format_func=lambda number: f"{'in: ' if number in inside else ''}{words[number]}",
        )
    if sent:
        require(sent, "episode")
        adding = sent.button == _ADD.label
        act = add_alert if adding else remove_alert
        send(
            draft,
            lambda store: act(store, view.incident, sent.given["episode"], **sent.signed),
            lambda _: "Added." if adding else "Taken out.",
            empty={"episode": None},
        )
