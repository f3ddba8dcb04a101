"""The planning rule: of the weeks that are left, half to two thirds may be planned.

Everything never goes ideally. With six weeks left, three to four weeks of ideal work are planned;
what does not fit is simplified, or gets extra hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.milestones.graph import with_prerequisites
from core.milestones.workdays import WEEK
from core.ports.plan import Task

#: The share of the time left that is planned, at least and at most.
LEAST, MOST = Fraction(1, 2), Fraction(2, 3)


@dataclass(frozen=True, slots=True)
class PlanningRule:
    """A milestone's open work against the time that is left. All in ideal weeks of one person.

    Attributes:
        days_left: calendar days until it is due, 0 once that is over.
        hands: how many people work on it.
        time: weeks left of all hands together.
        least: what may be planned at least.
        most: and at most.
        planned: what is planned: open tasks count whole, for how much of one is left is a guess.
        fits: ids of the open tasks that fit, taken by priority, each with what it waits for.
        too_much: ids of those that do not.
    """

    days_left: int
    hands: int
    time: Fraction
    least: Fraction
    most: Fraction
    planned: Fraction
    fits: tuple[int, ...]
    too_much: tuple[int, ...]

    @property
    def over_committed(self) -> bool:
        """Whether more is planned than may be."""
        return self.planned > self.most

    @property
    def over(self) -> Fraction:
        """How many ideal weeks have to be simplified away, or done by extra hands."""
        return max(self.planned - self.most, Fraction(0))

    @property
    def room(self) -> Fraction:
        """How many ideal weeks more may be planned."""
        return max(self.most - self.planned, Fraction(0))


def planning_rule(tasks: Sequence[Task], today: date, due_on: date, hands: int) -> PlanningRule:
    """Hold the open tasks of a milestone against the time that is left.

    Args:
        tasks: its open tasks.
        today: the day.
        due_on: when it is due.
        hands: how many people work on it.
    """
    left = max((due_on - today).days, 0)
    time = Fraction(left, 7) * hands
    fits, too_much = _taken(tasks, MOST * time)
    return PlanningRule(
        left, hands, time, LEAST * time, MOST * time, ideal_weeks(tasks), fits, too_much
    )


def ideal_weeks(tasks: Iterable[Task]) -> Fraction:
    """The ideal work of tasks, in weeks of one person."""
    return sum((Fraction(task.ideal_days) for task in tasks), Fraction(0)) / WEEK


def _taken(tasks: Sequence[Task], most: Fraction) -> tuple[tuple[int, ...], tuple[int, ...]]:
    among = {task.task_id: task for task in tasks}
    edges = {task.task_id: [other for other in task.depends_on if other in among] for task in tasks}
    taken: dict[int, None] = {}
    used = Fraction(0)
    by_priority = sorted(
        tasks, key=lambda task: (task.priority, task.planned_start or date.max, task.task_id)
    )
    for task in by_priority:
        needed = sorted(with_prerequisites([task.task_id], edges) - taken.keys())
        cost = ideal_weeks(among[one] for one in needed)
        if used + cost <= most:
            taken.update(dict.fromkeys(needed))
            used += cost
    return tuple(taken), tuple(one.task_id for one in by_priority if one.task_id not in taken)
