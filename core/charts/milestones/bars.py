"""The bars of the Gantt chart: which tasks are drawn, in which rows, over which days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.charts.milestones.days import moment
from core.milestones.states import TaskState, TaskView

#: More rows than these are for the table: a reader could not compare them any more.
MOST = 60
#: What stands before a direction's name in the list of tasks.
HEADING = "▾ "
#: Room for the words right of the last bar, as a share of the time that is shown.
_ROOM = 0.24


@dataclass(frozen=True, slots=True)
class Bar:
    """A task with dates.

    Attributes:
        start: the first day of the bar.
        end: the last day of the plan.
        row: what the task is called on the axis, each name once.
    """

    view: TaskView
    start: date
    end: date
    row: str = ""

    @property
    def task_id(self) -> int:
        """The task's number."""
        return self.view.task.task_id

    @property
    def state(self) -> TaskState:
        """The task's state."""
        return self.view.state

    @property
    def baseline(self) -> tuple[date, date] | None:
        """The first and the last day that were frozen."""
        frozen = self.view.baseline
        return None if frozen is None else (frozen.planned_start, frozen.planned_end)

    @property
    def last(self) -> date:
        """The last day of the bar: when it was done, else its planned end."""
        done = self.view.task.done_on
        return self.end if self.state is not TaskState.DONE or done is None else done


def bars_of(views: Iterable[TaskView]) -> tuple[list[Bar], list[str]]:
    """The bars, by direction, and the rows from top to bottom with a heading for each direction.

    Of more than MOST tasks those are kept that end first of the open ones, then those that were
    done last.
    """
    dated = list(_dated(views))
    if len(dated) > MOST:
        kept = {bar.task_id for bar in sorted(dated, key=_urgency)[:MOST]}
        dated = [bar for bar in dated if bar.task_id in kept]
    bars: list[Bar] = []
    order: list[str] = []
    for direction in dict.fromkeys(bar.view.task.direction for bar in dated):
        order.append(f"{HEADING}{direction}")
        for bar in dated:
            task = bar.view.task
            if task.direction == direction:
                name = task.title if task.title not in order else f"{task.title} (#{task.task_id})"
                order.append(name)
                bars.append(replace(bar, row=name))
    return bars, order


def span_of(bars: Sequence[Bar], dues: Iterable[date], today: date) -> tuple[datetime, datetime]:
    """The time that is shown: all bars, today and the due dates, with room for words."""
    days = [today, *dues]
    for bar in bars:
        days += [bar.start, bar.end, bar.last, *(bar.baseline or ())]
    first, last = min(days), max(days) + timedelta(days=1)
    room = timedelta(days=max(2, round((last - first).days * _ROOM)))
    return moment(first - timedelta(days=1)), moment(last + room)


def _dated(views: Iterable[TaskView]) -> Iterator[Bar]:
    """Tasks that have days; what was done without a plan has that day."""
    for view in views:
        task = view.task
        start, end = task.started_on or task.planned_start, task.planned_end
        if view.state is TaskState.DONE and task.done_on is not None:
            yield Bar(view, min(start or task.done_on, task.done_on), end or task.done_on)
        elif task.planned_start is not None and end is not None:
            yield Bar(view, min(start or end, end), end)


def _urgency(bar: Bar) -> tuple[bool, int]:
    done = bar.state is TaskState.DONE
    return done, -bar.last.toordinal() if done else bar.last.toordinal()
