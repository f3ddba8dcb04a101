"""Milestones: those that a goal's targets name, and those that people planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.ports import Goal
from core.ports.plan import PlannedMilestone, Task
from core.targets import chosen_goal


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day by which something is promised.

    Attributes:
        due_on: of its targets, the first where they differ; else of its row; None where a task
            names a milestone that neither a target nor a row knows.
        hands: how many people work on it; one where nobody said.
        planned: its row; None where only targets or tasks name it.
        criteria: ids of the goal's criteria that have a target there, in the goal's order.
    """

    name: str
    due_on: date | None
    hands: int
    planned: PlannedMilestone | None
    criteria: tuple[str, ...]


def united(
    goals: Sequence[Goal], planned: Iterable[PlannedMilestone], tasks: Iterable[Task]
) -> tuple[Milestone, ...]:
    """Every milestone of a service, by due date; those without one last.

    Args:
        goals: the service's; the targets that count are those of `core.targets.chosen_goal`.
        planned: rows about milestones.
        tasks: the service's.
    """
    days: dict[str, list[date]] = {}
    criteria: dict[str, list[str]] = {}
    goal = chosen_goal(goals)
    for criterion in goal.criteria if goal is not None else ():
        for target in criterion.targets:
            days.setdefault(target.milestone, []).append(target.due_on)
            ids = criteria.setdefault(target.milestone, [])
            if criterion.criterion_id not in ids:
                ids.append(criterion.criterion_id)
    rows = {row.name: row for row in planned}
    names = dict.fromkeys([*days, *rows, *(task.milestone for task in tasks if task.milestone)])
    found = [
        Milestone(
            name,
            _due(days.get(name), rows.get(name)),
            rows[name].hands if name in rows else 1,
            rows.get(name),
            tuple(criteria.get(name, ())),
        )
        for name in names
    ]
    return tuple(sorted(found, key=lambda one: (one.due_on or date.max, one.name)))


def _due(targets: Sequence[date] | None, row: PlannedMilestone | None) -> date | None:
    if targets:
        return min(targets)
    return None if row is None else row.due_on
