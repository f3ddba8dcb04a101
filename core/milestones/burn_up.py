"""The burn-up of a milestone: its scope, and how much of it is done, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.milestones.states import is_open
from core.ports.plan import ScopeChange, Task


@dataclass(frozen=True, slots=True)
class Step:
    """How much stands from a day on, in ideal days."""

    day: date
    ideal_days: Decimal


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Three lines of steps, each by day; empty where nothing was ever planned.

    Attributes:
        scope: how much work the milestone was said to be, from the log of changes: it goes up where
            tasks are added or estimated larger, and down where they are taken out.
        done: how much of it is done. A task counts whole, once it is done.
        planned: how much should be done by when, as the plan stands; goes on beyond today.
    """

    scope: tuple[Step, ...]
    done: tuple[Step, ...]
    planned: tuple[Step, ...]

    @property
    def growth(self) -> Decimal:
        """How much the scope has grown since the end of the day on which it was first planned."""
        return self.scope[-1].ideal_days - self.scope[0].ideal_days if self.scope else Decimal(0)


def changes_by_milestone(
    changes: Iterable[ScopeChange],
) -> Mapping[str, tuple[tuple[int, date, Decimal], ...]]:
    """What each change adds to a milestone's scope: task, day and ideal days, oldest first."""
    held: dict[int, tuple[str, Decimal]] = {}
    found: dict[str, list[tuple[int, date, Decimal]]] = {}
    for change in changes:
        day = change.at.date()
        before, amount = held.get(change.task_id, ("", Decimal(0)))
        if before:
            found.setdefault(before, []).append((change.task_id, day, -amount))
        if change.milestone:
            added = (change.task_id, day, change.ideal_days)
            found.setdefault(change.milestone, []).append(added)
        held[change.task_id] = (change.milestone, change.ideal_days)
    return {name: tuple(added) for name, added in found.items()}


def burn_up(
    tasks: Sequence[Task], added: Iterable[tuple[int, date, Decimal]], today: date
) -> BurnUp:
    """The burn-up of a milestone.

    A task that was done before anybody wrote it down was in scope by the day on which it was done.

    Args:
        tasks: those that the milestone has now.
        added: of it, from `changes_by_milestone`.
        today: nothing later is done.
    """
    done = {
        task.task_id: task.done_on
        for task in tasks
        if task.done_on is not None and not is_open(task, today)
    }
    seen: set[int] = set()
    scope = []
    for task_id, day, amount in added:
        first = task_id not in seen
        seen.add(task_id)
        scope.append((min(day, done.get(task_id, day)) if first else day, amount))
    return BurnUp(
        _steps(scope),
        _steps((done[task.task_id], task.ideal_days) for task in tasks if task.task_id in done),
        _steps(
            (task.planned_end, task.ideal_days) for task in tasks if task.planned_end is not None
        ),
    )


def _steps(amounts: Iterable[tuple[date, Decimal]]) -> tuple[Step, ...]:
    by_day: dict[date, Decimal] = {}
    for day, amount in amounts:
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    total, found = Decimal(0), []
    for day in sorted(by_day):
        total += by_day[day]
        found.append(Step(day, total))
    return tuple(found)
