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
from pages.parts import data
from pages.parts.alerts.sending import base_url
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
from pages.parts.markdown import plain

_LABELS = {"scenario": "Scenario", "title": "Called", "due_on": "Due on", "owner": "Owner"}


def plan(found: IncidentsReport) -> None:
    """The form of a new drill; it begins with the scenario that is due first."""
    draft = Draft(f"drill·{found.service}")
    unplanned = [one for one in found.coming if one.planned is None]
    due = (unplanned or list(found.coming))[0]
    first = {"scenario": due.scenario, "title": "", "due_on": due.due_on, "owner": ""}
    draft.begin(first | {"by": ""})
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft, "Who plans it")
        problems(draft, *_LABELS)
        sent = st.form_submit_button("Plan the drill", type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: plan_drill(
                store, found.service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
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
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        st.caption("Starting it raises its test alert: labelled as a drill, and told like a page.")
        with st.container(horizontal=True):
            started = st.form_submit_button(
                "Start it now", type="primary", icon=":material/play_arrow:"
            )
            changed = st.form_submit_button("Store the change", icon=":material/edit:")
            cancelled = st.form_submit_button("Cancel it", icon=":material/event_busy:")
    draft.outcome()
    if not (started or changed or cancelled):
        return
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    by, address = typed["by"], base_url()
    if started:
        send(
            draft,
            lambda store: start_drill(store, stored, by=by, at=at, base_url=address),
            lambda made: f"It runs since {wording.clock(at)}.",
        )
    if cancelled:
        send(
            draft,
            lambda store: cancel_drill(store, stored, by=by, at=at),
            lambda made: f"Cancelled at {wording.clock(at)}.",
        )
    given = {field: typed[field] for field in _LABELS}
    send(
        draft,
        lambda store: change_drill(store, seen, given, by=by, at=at),
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
    with st.form(draft.key("form"), border=False):
        st.text_area("What it showed (needed to end it)", key=draft.key("result"), height=90)
        draft.problem("result")
        who(draft)
        problems(draft, "result")
        with st.container(horizontal=True):
            recovered = drill.recovered_at is None and st.form_submit_button(
                "It has recovered now", icon=":material/healing:"
            )
            ended = st.form_submit_button("End the drill", type="primary", icon=":material/stop:")
    draft.outcome()
    if not (recovered or ended):
        return
    typed, at, address = draft.values(("result", "by")), data.moment(), base_url()
    if recovered:
        send(
            draft,
            lambda store: recover_drill(store, drill, by=typed["by"], at=at, base_url=address),
            lambda made: f"Recovered at {wording.clock(at)}.",
        )
    send(
        draft,
        lambda store: end_drill(
            store, drill, typed["result"], by=typed["by"], at=at, base_url=address
        ),
        lambda made: f"Ended at {wording.clock(at)}.",
    )


def _fields(draft: Draft) -> None:
    st.selectbox(
        _LABELS["scenario"],
        list(SCENARIOS),
        key=draft.key("scenario"),
        format_func=lambda key: SCENARIOS[key].name,
    )
    draft.problem("scenario")
    st.text_input(f"{_LABELS['title']} (empty: as its scenario)", key=draft.key("title"))
    draft.problem("title")
    left, right = st.columns(2)
    with left:
        st.date_input(_LABELS["due_on"], None, key=draft.key("due_on"), format="YYYY-MM-DD")
        draft.problem("due_on")
    with right:
        st.text_input(_LABELS["owner"], key=draft.key("owner"))
        draft.problem("owner")


def _values_of(drill: Drill) -> dict[str, Any]:
    return {field: getattr(drill, field) for field in _LABELS}
