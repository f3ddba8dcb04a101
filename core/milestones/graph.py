"""Dependencies of tasks: no cycles, an order to do them in, and the critical path."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from core.milestones import workdays
from core.ports.plan import Task

Edges = Mapping[int, Collection[int]]


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The longest chain of open tasks that wait for each other.

    Attributes:
        tasks: their ids, the first to be done first.
        days: working days that they take if all goes to plan.
        room: working days left until the milestone is due less these; negative where it cannot be
            held even so. None without a due date.
    """

    tasks: tuple[int, ...]
    days: int
    room: int | None


def cycle_in(depends_on: Edges) -> tuple[int, ...]:
    """Tasks that wait for each other in a circle; () where there is none.

    >>> cycle_in({1: (2,), 2: (3,), 3: (1,)}), cycle_in({1: (2,), 2: ()})
    ((1, 2, 3, 1), ())
    """
    done: set[int] = set()
    for first in depends_on:
        path: list[int] = []
        on_path: set[int] = set()
        # Each entry: a task, and the prerequisites of it that are still to be looked at.
        stack = [(first, iter(depends_on.get(first, ())))]
        while stack:
            task, left = stack[-1]
            if task not in on_path:
                path.append(task)
                on_path.add(task)
            following = next((one for one in left if one not in done), None)
            if following is None:
                stack.pop()
                path.pop()
                on_path.discard(task)
                done.add(task)
            elif following in on_path:
                return (*path[path.index(following) :], following)
            else:
                stack.append((following, iter(depends_on.get(following, ()))))
    return ()


def in_order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Tasks so that each comes after those it depends on; else by planned start and priority.

    Dependencies on tasks that are not among them do not count.

    Raises:
        ValueError: they wait for each other in a circle.
    """
    among = {task.task_id: task for task in tasks}
    waiting = {task.task_id: sum(other in among for other in task.depends_on) for task in tasks}
    followers: dict[int, list[int]] = {}
    for task in tasks:
        for other in task.depends_on:
            if other in among:
                followers.setdefault(other, []).append(task.task_id)
    ready = [(_rank(task), task.task_id) for task in tasks if not waiting[task.task_id]]
    heapq.heapify(ready)
    found = []
    while ready:
        _, task_id = heapq.heappop(ready)
        found.append(among[task_id])
        for follower in followers.get(task_id, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (_rank(among[follower]), follower))
    if len(found) < len(tasks):
        circle = cycle_in({task.task_id: task.depends_on for task in tasks})
        raise ValueError(f"tasks == {circle}, must not wait for each other in a circle")
    return tuple(found)


def with_prerequisites(wanted: Iterable[int], depends_on: Edges) -> frozenset[int]:
    """Tasks with all that they wait for, however far away."""
    found: set[int] = set()
    left = list(wanted)
    while left:
        task = left.pop()
        if task not in found:
            found.add(task)
            left.extend(depends_on.get(task, ()))
    return frozenset(found)


def days_left(task: Task, today: date) -> int:
    """Working days that an open task still takes if all goes to plan: one at least.

    One that has begun takes what is left of its plan; one without a plan takes its ideal days.
    """
    if task.planned_start is None or task.planned_end is None:
        return ceil(task.ideal_days)
    begun = task.started_on is not None or task.planned_start <= today
    return max(workdays.between(today if begun else task.planned_start, task.planned_end), 1)


def critical_path(tasks: Sequence[Task], today: date, due_on: date | None) -> CriticalPath | None:
    """The critical path through open tasks (Kelley and Walker 1959); None where there are none.

    The longest chain by working days; who does them, and how many hands there are, do not count.

    Args:
        tasks: the open tasks of a milestone and all that they wait for.
        today: the day.
        due_on: when the milestone is due.
    """
    if not tasks:
        return None
    ends: dict[int, int] = {}
    before: dict[int, int | None] = {}
    for task in in_order(tasks):
        earlier = [other for other in task.depends_on if other in ends]
        last = max(earlier, key=lambda other: (ends[other], -other), default=None)
        before[task.task_id] = last
        ends[task.task_id] = (0 if last is None else ends[last]) + days_left(task, today)
    at: int | None = max(ends, key=lambda one: (ends[one], -one))
    days, path = ends[at] if at is not None else 0, []
    while at is not None:
        path.append(at)
        at = before[at]
    room = None if due_on is None else workdays.between(today, due_on) - days
    return CriticalPath(tuple(reversed(path)), days, room)


def _rank(task: Task) -> tuple[date, int, int]:
    return (task.planned_start or date.max, task.priority, task.task_id)
