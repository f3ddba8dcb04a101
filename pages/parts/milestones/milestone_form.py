"""Forms about milestones: a new one, and how many hands and until when for one that is there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ports.plan import PlannedMilestone
from db.team.milestones import add_milestone, change_milestone, remove_milestone
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.milestones.buttons import CHANGE, REMOVE
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
    with form(draft, Button("Store the milestone", ":material/flag:", primary=True)) as sent:
        _fields(draft)

    def done(made: PlannedMilestone) -> str:
        look_at_milestone(made.name)
        return f"{made.name} is due on {made.due_on}."

    if sent:
        send(
            draft,
            lambda store: add_milestone(store, service, sent.given, **sent.once),
            done,
            empty=begun,
        )


def edit_milestone(stored: PlannedMilestone) -> None:
    """The form of a milestone's row."""
    draft = Draft(f"milestone·{stored.service}·{stored.milestone_id}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with form(draft, CHANGE, REMOVE) as sent:
        _fields(draft)
    if sent.button == REMOVE.label:
        send(
            draft,
            lambda store: remove_milestone(store, seen, **sent.signed),
            lambda _: "It was taken out of the plan.",
        )
    elif sent:
        send(
            draft,
            lambda store: change_milestone(store, seen, sent.given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _fields(draft: Draft) -> None:
    left, middle, right = st.columns([2, 1, 1])
    with left:
        draft.text_input(_LABELS["name"], "name")
    with middle:
        draft.date_input(_LABELS["due_on"], "due_on")
    with right:
        draft.number_input(_LABELS["hands"], "hands", 1, 100, step=1, value="min")
    draft.text_area(_LABELS["note"], "note", height=70)


def _values_of(milestone: PlannedMilestone) -> dict[str, Any]:
    return {field: getattr(milestone, field) for field in _LABELS}
