"""Planning a drill, starting it, saying that it recovered, ending it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.incidents import SCENARIOS, DrillView, IncidentsReport
from core.ports.incidents import Drill
from db.team.drills import (
    cancel_drill,
    change_drill,
    end_drill,
    plan_drill,
    recover_drill,
    start_drill,
)
from pages.parts.alerts.sending import base_url
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.markdown import plain

_LABELS = {"scenario": "Scenario", "title": "Called", "due_on": "Due on", "owner": "Owner"}
_START = Button("Start it now", ":material/play_arrow:", primary=True)
_CHANGE = Button("Store the change", ":material/edit:")
_CANCEL = Button("Cancel it", ":material/event_busy:")
_RECOVER = Button("It has recovered now", ":material/healing:")
_END = Button("End the drill", ":material/stop:", primary=True)


def plan(found: IncidentsReport) -> None:
    """The form of a new drill; it begins with the scenario that is due first."""
    draft = Draft(f"drill·{found.service}")
    unplanned = [one for one in found.coming if one.planned is None]
    due = (unplanned or list(found.coming))[0]
    first = {"scenario": due.scenario, "title": "", "due_on": due.due_on, "owner": ""}
    draft.begin(first | {"by": ""})
    with form(draft, Button("Plan the drill", primary=True), asks="Who plans it") as sent:
        _fields(draft)
    if sent:
        send(
            draft,
            lambda store: plan_drill(store, found.service, sent.given, **sent.once),
            lambda made: f"Planned for {made.due_on}, {made.owner} holds it.",
            empty={"title": "", "owner": ""},
        )


def act(found: IncidentsReport) -> None:
    """The drill at hand: one that runs, else the one that is due first."""
    known = {view.drill.drill_id: view for view in found.drills if view.drill.ended_at is None}
    if not known:
        st.caption("No drill is planned, and none runs.")
        return
    order = sorted(known, key=lambda number: known[number].drill.started_at is None)
    chosen = st.selectbox(
        "The drill at hand",
        order,
        key=f"drill·{found.service}",
        format_func=lambda number: f"{known[number].drill.title}, {known[number].drill.due_on}",
    )
    view = known.get(chosen, known[order[0]])
    st.markdown(plain(view.sentence))
    if view.drill.started_at is None:
        _planned(view.drill)
    else:
        _running(view)


def _planned(stored: Drill) -> None:
    draft = Draft(f"drill planned·{stored.service}·{stored.drill_id}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with form(draft, _START, _CHANGE, _CANCEL) as sent:
        _fields(draft)
        st.caption("Starting it raises its test alert: labelled as a drill, and told like a page.")
    if sent.button == _START.label:
        address = base_url()
        send(
            draft,
            lambda store: start_drill(store, stored, **sent.signed, base_url=address),
            lambda made: f"It runs since {wording.clock(sent.at)}.",
        )
    elif sent.button == _CANCEL.label:
        send(
            draft,
            lambda store: cancel_drill(store, stored, **sent.signed),
            lambda made: f"Cancelled at {wording.clock(sent.at)}.",
        )
    elif sent:
        send(
            draft,
            lambda store: change_drill(store, seen, sent.given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _running(view: DrillView) -> None:
    drill = view.drill
    query = {"service": drill.service}
    with st.container(horizontal=True):
        st.page_link(
            "pages/alerts.py",
            label="Its test alert: acknowledge it there",
            icon=":material/notifications_active:",
            query_params=query | {"episode": str(drill.episode_id)},
        )
        st.page_link(
            "pages/incidents.py",
            label="Its incident",
            icon=":material/local_fire_department:",
            query_params=query | {"from_episode": str(drill.episode_id)},
        )
    draft = Draft(f"drill running·{drill.service}·{drill.drill_id}")
    draft.begin({"result": "", "by": ""})
    recovering = (_RECOVER,) if drill.recovered_at is None else ()
    with form(draft, *recovering, _END) as sent:
        draft.text_area("What it showed (needed to end it)", "result", height=90)
    address = base_url()
    if sent.button == _RECOVER.label:
        send(
            draft,
            lambda store: recover_drill(store, drill, **sent.signed, base_url=address),
            lambda made: f"Recovered at {wording.clock(sent.at)}.",
        )
    elif sent:
        result = sent.given["result"]
        send(
            draft,
            lambda store: end_drill(store, drill, result, **sent.signed, base_url=address),
            lambda made: f"Ended at {wording.clock(sent.at)}.",
        )


def _fields(draft: Draft) -> None:
    draft.selectbox(
        _LABELS["scenario"], SCENARIOS, "scenario", format_func=lambda key: SCENARIOS[key].name
    )
    draft.text_input(f"{_LABELS['title']} (empty: as its scenario)", "title")
    left, right = st.columns(2)
    with left:
        draft.date_input(_LABELS["due_on"], "due_on")
    with right:
        draft.text_input(_LABELS["owner"], "owner")


def _values_of(drill: Drill) -> dict[str, Any]:
    return {field: getattr(drill, field) for field in _LABELS}
