"""Forms about milestones: a new one, and how many hands and until when for one that is there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ports.plan import PlannedMilestone
from db.team.milestones import add_milestone, change_milestone, remove_milestone
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
from pages.parts.milestones.choice import look_at_milestone

_LABELS = {"name": "Name", "due_on": "Due on", "hands": "People who work on it", "note": "Note"}


def new_milestone(service: str, name: str = "", due_on: Any = None) -> None:
    """The form of a milestone that has no row yet.

    Args:
        service: whose.
        name: of a milestone that targets or tasks name already.
        due_on: when that is due.
    """
    draft = Draft(f"milestone new·{service}·{name}")
    begun = {"name": name, "due_on": due_on, "hands": 1, "note": ""}
    draft.begin(begun | {"by": ""})
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        sent = st.form_submit_button("Store the milestone", type="primary", icon=":material/flag:")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    given = {field: typed[field] for field in _LABELS}

    def done(made: PlannedMilestone) -> str:
        look_at_milestone(made.name)
        return f"{made.name} is due on {made.due_on}."

    send(
        draft,
        lambda store: add_milestone(
            store, service, given, by=typed["by"], at=at, request_id=token(draft)
        ),
        done,
        empty=begun,
    )


def edit_milestone(stored: PlannedMilestone) -> None:
    """The form of a milestone's row."""
    draft = Draft(f"milestone·{stored.service}·{stored.milestone_id}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        left, right = st.columns(2)
        sent = left.form_submit_button("Store the change", type="primary", icon=":material/edit:")
        removed = right.form_submit_button("Take it out of the plan", icon=":material/delete:")
    draft.outcome()
    if not sent and not removed:
        return
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    if removed:
        send(
            draft,
            lambda store: remove_milestone(store, seen, by=typed["by"], at=at),
            lambda _: "It was taken out of the plan.",
        )
    given = {field: typed[field] for field in _LABELS}
    send(
        draft,
        lambda store: change_milestone(store, seen, given, by=typed["by"], at=at),
        lambda made: f"Stored: revision {made.revision}.",
        editing=Editing(seen, _values_of, _LABELS),
    )


def _fields(draft: Draft) -> None:
    left, middle, right = st.columns([2, 1, 1])
    with left:
        st.text_input(_LABELS["name"], key=draft.key("name"))
        draft.problem("name")
    with middle:
        st.date_input(_LABELS["due_on"], None, key=draft.key("due_on"), format="YYYY-MM-DD")
        draft.problem("due_on")
    with right:
        st.number_input(_LABELS["hands"], 1, 100, step=1, key=draft.key("hands"))
        draft.problem("hands")
    st.text_area(_LABELS["note"], key=draft.key("note"), height=70)
    draft.problem("note")


def _values_of(milestone: PlannedMilestone) -> dict[str, Any]:
    return {field: getattr(milestone, field) for field in _LABELS}
