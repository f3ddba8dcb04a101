"""Forms about a task: a new one, and changing, finishing or taking out one that is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from core.ports.plan import Task
from db.team.tasks import add_task, change_task, remove_task
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.milestones.buttons import CHANGE, REMOVE
from pages.parts.milestones.task_fields import (
    LABELS,
    Choices,
    empty,
    fields,
    fields_in_cell,
    values_of,
)

_DONE = Button("It was done today", ":material/check:")


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
    draft.begin(begun | {"by": ""})
    with form(
        draft, Button("Add the task", ":material/add_task:", primary=True), asks="Who adds it"
    ) as sent:
        draw()
    if sent:
        given = draft.values(LABELS)  # also of those fields that a new task does not show
        send(
            draft,
            lambda store: add_task(store, service, given, **sent.once),
            lambda made: f"Added as task {made.task_id}.",
            empty=begun,
        )


def edit_task(stored: Task, choices: Choices, today: date) -> None:
    """The form of a task that is there."""
    draft = Draft(f"task·{stored.service}·{stored.task_id}")
    seen = begin_editing(draft, stored, values_of, revision=stored.revision)
    done = () if stored.done_on is not None else (_DONE,)
    with form(draft, CHANGE, *done, REMOVE) as sent:
        fields(draft, choices, stored.task_id)
    if sent.button == REMOVE.label:
        send(draft, lambda store: remove_task(store, seen, **sent.signed), _taken_out)
    elif sent:
        given = sent.given | ({"done_on": today} if sent.button == _DONE.label else {})
        send(
            draft,
            lambda store: change_task(store, seen, given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, values_of, LABELS),
        )


def _taken_out(_: Any) -> str:
    return "It was taken out of the plan."
