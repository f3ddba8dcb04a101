"""Goals, criteria and targets, and what `core.criteria` asks of a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.status import Target


@dataclass(frozen=True, slots=True)
class Criterion:
    """One promise of a goal, with its targets by milestone."""

    criterion_id: str
    name: str
    area: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a service is for, by when, and the criteria that tell whether it got there."""

    goal_id: str
    service: str
    title: str
    problem: str
    for_whom: str
    gain_us: str
    gain_user: str
    starts_on: date
    due_on: date
    parent_goal_id: str | None
    criteria: tuple[Criterion, ...]


class GoalReader(Protocol):
    """What `core.criteria` asks."""

    def goals(self, service: str) -> tuple[Goal, ...]:
        """A service's goals, those with criteria first, then by due date."""
