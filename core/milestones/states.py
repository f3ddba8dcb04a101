"""What state a task is in, and how far it has slipped. Both are derived, never typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from core.ports.plan import BaselineTask, Task


class TaskState(Enum):
    """Where a task stands, with a word and an icon."""

    DONE = ("done", "check_circle")
    LATE = ("late", "error")
    BLOCKED = ("blocked", "block")
    RUNNING = ("under way", "play_circle")
    PLANNED = ("planned", "schedule")
    UNPLANNED = ("not planned", "radio_button_unchecked")

    def __init__(self, word: str, icon: str) -> None:
        self.word = word
        self.icon = icon


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with what follows from it.

    Attributes:
        waits_for: the open tasks that it depends on, by id.
        baseline: the task as the baseline froze it; None where it is not in there.
        slip_days: calendar days from the baseline's end to the end as things stand; negative is
            early. None without a baseline or a planned end.
        p50: when it is done as likely as not; None without a forecast, or where it is done.
        p85: when it is done in 85 of 100 simulations.
        forecast_slip_days: from the baseline's end to p50.
        critical: it lies on the critical path of its milestone.
    """

    task: Task
    state: TaskState
    waits_for: tuple[int, ...]
    baseline: BaselineTask | None = None
    slip_days: int | None = None
    p50: date | None = None
    p85: date | None = None
    forecast_slip_days: int | None = None
    critical: bool = False


def is_open(task: Task, today: date) -> bool:
    """Whether a task is still to be done."""
    return task.done_on is None or task.done_on > today


def open_ids(tasks: Iterable[Task], today: date) -> frozenset[int]:
    """The tasks that are still to be done."""
    return frozenset(task.task_id for task in tasks if is_open(task, today))


def state_of(task: Task, waits_for: Collection[int], today: date) -> TaskState:
    """The state of a task on a day; late goes before blocked.

    Args:
        task: the task.
        waits_for: the open tasks that it depends on.
        today: the day.
    """
    if not is_open(task, today):
        return TaskState.DONE
    if task.planned_end is not None and task.planned_end < today:
        return TaskState.LATE
    if task.started_on is not None and task.started_on <= today:
        return TaskState.RUNNING
    if task.planned_start is None:
        return TaskState.UNPLANNED
    if task.planned_start > today:
        return TaskState.PLANNED
    return TaskState.BLOCKED if waits_for else TaskState.RUNNING


def end_as_it_stands(task: Task, today: date) -> date | None:
    """When a task was done, or is to be: today at the earliest, whatever its plan says."""
    if task.done_on is not None and not is_open(task, today):
        return task.done_on
    return None if task.planned_end is None else max(task.planned_end, today)


def slip(task: Task, baseline: BaselineTask | None, today: date) -> int | None:
    """Calendar days from a baseline's end to the end as things stand; negative is early."""
    end = end_as_it_stands(task, today)
    return None if baseline is None or end is None else (end - baseline.planned_end).days
