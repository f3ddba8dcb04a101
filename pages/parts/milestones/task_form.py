"""Forms about a task: a new one, and changing, finishing or taking out one that is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from core.ports.plan import Task
from db.team.tasks import add_task, change_task, remove_task
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
from pages.parts.milestones.task_fields import (
    LABELS,
    Choices,
    empty,
    fields,
    fields_in_cell,
    values_of,
)


def new_task(
    service: str, choices: Choices, milestone: str = "", due_on: date | None = None
) -> None:
    """The form of a new task.

    Args:
        service: whose.
        choices: what the fields choose from.
        milestone: what takes it; none yet if left out.
        due_on: when that is due: until then it is planned at first.
    """
    frame = choices.frame
    begun = empty(frame.stages[0], frame.directions[0], milestone, due_on)
    draft = Draft(f"task new·{service}·{milestone}")
    _new(service, draft, begun, lambda: fields(draft, choices, new=True))


def new_task_in_cell(service: str, choices: Choices, stage: str, direction: str) -> None:
    """The form of a new task in a cell of the scope matrix."""
    draft = Draft(f"task new·{service}·{stage}·{direction}")
    begun = empty(stage, direction, "", None)
    _new(service, draft, begun, lambda: fields_in_cell(draft, choices))


def _new(service: str, draft: Draft, begun: dict[str, Any], draw: Callable[[], None]) -> None:
    shown = begun | {"by": ""}
    draft.begin(shown)
    with st.form(draft.key("form"), border=False):
        draw()
        who(draft, "Who adds it")
        problems(draft, *LABELS)
        sent = st.form_submit_button("Add the task", type="primary", icon=":material/add_task:")
    draft.outcome()
    if sent:
        typed, at = draft.values([*LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in LABELS}
        send(
            draft,
            lambda store: add_task(
                store, service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Added as task {made.task_id}.",
            empty=begun,
        )


def edit_task(stored: Task, choices: Choices, today: date) -> None:
    """The form of a task that is there."""
    draft = Draft(f"task·{stored.service}·{stored.task_id}")
    seen = begin_editing(draft, stored, values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=False):
        fields(draft, choices, stored.task_id)
        who(draft)
        problems(draft, *LABELS)
        left, middle, right = st.columns(3)
        changed = left.form_submit_button(
            "Store the change", type="primary", icon=":material/edit:"
        )
        done = stored.done_on is None and middle.form_submit_button(
            "It was done today", icon=":material/check:"
        )
        removed = right.form_submit_button("Take it out of the plan", icon=":material/delete:")
    draft.outcome()
    if not changed and not done and not removed:
        return
    typed, at = draft.values([*LABELS, "by"]), data.moment()
    given = {field: typed[field] for field in LABELS}
    if removed:
        send(draft, lambda store: remove_task(store, seen, by=typed["by"], at=at), _taken_out)
    if done:
        given |= {"done_on": today}
    send(
        draft,
        lambda store: change_task(store, seen, given, by=typed["by"], at=at),
        lambda made: f"Stored: revision {made.revision}.",
        editing=Editing(seen, values_of, LABELS),
    )


def _taken_out(_: Any) -> str:
    return "It was taken out of the plan."
