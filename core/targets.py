"""Which targets count: those of the nearest milestone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from core.ports import Goal
from core.status import Target


def nearest_due(targets: Iterable[Target], today: date) -> date | None:
    """The due date of the nearest milestone: the first that is not over, else the last.

    >>> nearest_due([], date(2026, 6, 1)) is None
    True
    """
    dates = sorted({target.due_on for target in targets})
    return next((due for due in dates if due >= today), dates[-1] if dates else None)


def chosen_goal(goals: Sequence[Goal]) -> Goal | None:
    """The goal that a service is judged by: the first with criteria, else the first."""
    return next((goal for goal in goals if goal.criteria), goals[0] if goals else None)


def nearest_targets(goals: Sequence[Goal], area: str, today: date) -> dict[str, Target]:
    """The targets of an area's measures at the nearest milestone of a service's goal.

    A measure whose last target is over keeps it: what was promised goes on counting.

    Args:
        goals: a service's goals.
        area: e.g. 'quality'.
        today: the day of the as-of.

    Returns:
        Targets by measure; empty where nobody set any.
    """
    goal = chosen_goal(goals)
    if goal is None:
        return {}
    due_on = nearest_due(
        (target for criterion in goal.criteria for target in criterion.targets), today
    )
    found: dict[str, Target] = {}
    for criterion in goal.criteria:
        if criterion.area != area:
            continue
        for target in sorted(criterion.targets, key=lambda target: target.due_on):
            if target.measure not in found or due_on is None or target.due_on <= due_on:
                found[target.measure] = target
    return found
