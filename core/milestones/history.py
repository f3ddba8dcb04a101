"""How long the team's tasks took, as multiples of what they would have taken ideally."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.milestones import workdays
from core.milestones.states import is_open
from core.ports.plan import Task

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duration:
    """Working days that a task took, or has taken so far.

    Attributes:
        taken: counted in whole days.
        ideal: as estimated; less than a day counts as one, since taken does.
        over: it is done; else it takes longer than taken, nobody knows how much.
    """

    task_id: int
    taken: int
    ideal: float
    over: bool

    @property
    def ratio(self) -> float:
        """How many times the ideal duration, by whole days; at the least, if it is not over."""
        return self.taken / self.ideal

    @property
    def worked(self) -> float:
        """The same by what was worked: half of the last day, since nobody knows how much."""
        return (self.taken - 0.5) / self.ideal if self.over else self.ratio


def durations(tasks: Iterable[Task], today: date) -> tuple[Duration, ...]:
    """The durations of the tasks that have begun; those of a day that has just begun are left out.

    A task begins when its row says so. Where nobody wrote that down, it begins when it should have:
    on the planned day, or when the last of those that it waits for was done. One that waits still
    has not begun; and of one that was done before it should have begun, nobody can tell how long it
    took.
    """
    among = {task.task_id: task for task in tasks}
    found = []
    for task in among.values():
        start = begun_on(task, among, today)
        if start is None:
            continue
        over = task.done_on is not None and not is_open(task, today)
        end = task.done_on if over and task.done_on is not None else today - _DAY
        taken = workdays.between(start, end)
        if over or taken:
            ideal = max(float(task.ideal_days), 1.0)
            found.append(Duration(task.task_id, max(taken, 1), ideal, over))
    return tuple(found)


def begun_on(task: Task, among: Mapping[int, Task], today: date) -> date | None:
    """When a task began, as far as it is known; None where it has not, or nobody can tell."""
    if task.started_on is not None:
        return task.started_on if task.started_on <= today else None
    if task.planned_start is None:
        return None
    start = task.planned_start
    for one in task.depends_on:
        other = among.get(one)
        if other is None:
            continue
        if other.done_on is None or is_open(other, today):
            return None
        start = max(start, other.done_on + _DAY)
    until = today if task.done_on is None or is_open(task, today) else task.done_on
    return start if start <= until else None
