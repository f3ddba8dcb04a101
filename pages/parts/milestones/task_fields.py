"""The fields of a task, as its forms show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from core.milestones import MilestonesReport
from core.ports.plan import PlanFrame, Task
from pages.parts.drafts import Draft

#: What the forms call each field, in their order.
LABELS = {
    "title": "What is to be done",
    "stage": "Stage",
    "direction": "Direction",
    "milestone": "Milestone",
    "owner": "Owner (empty: nobody yet)",
    "ideal_days": "Ideal days of one person",
    "priority": "Priority (1 is first)",
    "planned_start": "Planned from",
    "planned_end": "Planned to",
    "started_on": "Started on (empty: not known)",
    "done_on": "Done on (empty: open)",
    "depends_on": "Waits for",
    "note": "Note",
}
#: The least work that the form offers, and its steps, in days.
_STEP = 0.5
_PRIORITIES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields choose from.

    Attributes:
        frame: stages and directions.
        milestones: by name, the nearest first.
        tasks: what a task may wait for, by id.
    """

    frame: PlanFrame
    milestones: tuple[str, ...]
    tasks: Mapping[int, Task]


def choices_of(found: MilestonesReport) -> Choices:
    """What the tasks of a plan may name."""
    names = tuple(view.name for view in found.milestones)
    return Choices(found.frame, names, {view.task.task_id: view.task for view in found.tasks})


def values_of(task: Task) -> dict[str, Any]:
    """The form's fields of a task."""
    values: dict[str, Any] = {field: getattr(task, field) for field in LABELS}
    return values | {"ideal_days": float(task.ideal_days), "depends_on": list(task.depends_on)}


def empty(stage: str, direction: str, milestone: str, due_on: date | None) -> dict[str, Any]:
    """What the form of a new task begins with."""
    return dict.fromkeys(LABELS, "") | {
        "stage": stage,
        "direction": direction,
        "milestone": milestone,
        "ideal_days": 1.0,
        "priority": 3,
        "planned_start": None,
        "planned_end": due_on,
        "started_on": None,
        "done_on": None,
        "depends_on": [],
    }


def fields_in_cell(draft: Draft, choices: Choices) -> None:
    """The fields of a new task whose stage and direction are known, in a narrow place."""
    draft.text_input(LABELS["title"], "title")
    left, right = st.columns(2)
    with left:
        _choice(draft, "milestone", ("", *choices.milestones), none="none yet")
        _work(draft)
        draft.date_input(LABELS["planned_start"], "planned_start")
    with right:
        draft.text_input(LABELS["owner"], "owner")
        _priority(draft)
        draft.date_input(LABELS["planned_end"], "planned_end")
    _dependencies(draft, choices, None)
    _note(draft)


def fields(
    draft: Draft, choices: Choices, task_id: int | None = None, *, new: bool = False
) -> None:
    """The fields; when a task began and was done is asked of one that is there."""
    draft.text_input(LABELS["title"], "title")
    left, middle, right = st.columns(3)
    with left:
        _choice(draft, "stage", choices.frame.stages)
        _choice(draft, "milestone", ("", *choices.milestones), none="none yet")
    with middle:
        _choice(draft, "direction", choices.frame.directions)
        draft.text_input(LABELS["owner"], "owner")
    with right:
        _work(draft)
        _priority(draft)
    days = ["planned_start", "planned_end", *([] if new else ["started_on", "done_on"])]
    for column, field in zip(st.columns(len(days)), days, strict=True):
        with column:
            draft.date_input(LABELS[field], field)
    _dependencies(draft, choices, task_id)
    _note(draft)


def _work(draft: Draft) -> None:
    least = _STEP / 5
    draft.number_input(LABELS["ideal_days"], "ideal_days", least, step=_STEP, value="min")


def _priority(draft: Draft) -> None:
    draft.selectbox(LABELS["priority"], _PRIORITIES, "priority")


def _note(draft: Draft) -> None:
    draft.text_area(LABELS["note"], "note", height=70)


def _choice(draft: Draft, field: str, options: Sequence[str], none: str = "") -> None:
    """One of the names that there are; what is stored is offered even where it is none of them."""
    offered = draft.offered(field, options)
    draft.selectbox(LABELS[field], offered, field, format_func=lambda name: name or none)


def _dependencies(draft: Draft, choices: Choices, task_id: int | None) -> None:
    offered = {number: task for number, task in choices.tasks.items() if number != task_id}
    draft.only("depends_on", offered)
    draft.multiselect(
        LABELS["depends_on"],
        offered,
        "depends_on",
        format_func=lambda number: f"{offered[number].title} (#{number})",
        placeholder="Nothing, or choose tasks that have to be done before",
    )
