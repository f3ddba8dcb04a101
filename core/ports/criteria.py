"""Goals, criteria and targets, and what `core.criteria` and `core.goals` ask of a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from core.status import Operator, Target
from core.timeframe import Window

#: Rows that were written by SQL, and not by anybody on a page, count as having stood always.
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One promise of a goal, with its targets by milestone.

    Attributes:
        window: what it is judged over; None for the window that the reader chose.
        revision: counts its changes; so do the next two say who changed it last, and when.
    """

    criterion_id: str
    name: str
    area: str
    targets: tuple[Target, ...]
    window: Window | None = None
    goal_id: str = ""
    service: str = ""
    position: int = 0
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class Goal:
    """What a service is for, by when, and the criteria that tell whether it got there.

    Attributes:
        problem: the why.
        key_results: of OKR, each with the number that tells when it is reached.
    """

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
    key_results: tuple[str, ...] = ()
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class KeptTarget:
    """A target as somebody wrote it: what is edited."""

    target_id: int
    criterion_id: str
    service: str
    target: Target
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class GoalNode:
    """A metric on the way down from a goal.

    Attributes:
        parent_id: the product metric above a technical one; None for a product metric.
        operator: None where nobody has said what is OK in numbers; value likewise.
        note: the same number in other words.
        criterion_id: of the criterion that judges it; None where none does.
    """

    node_id: int
    service: str
    goal_id: str
    parent_id: int | None
    position: int
    name: str
    operator: Operator | None
    value: Decimal | None
    unit: str
    note: str
    criterion_id: str | None
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class BusinessMetric:
    """What all of it serves.

    Attributes:
        kind: 'money', 'time span' or 'frequency'.
        source: the metric of metrics.product_day that measures it.
        direction: which way is good: 'up', 'down' or 'neither'.
        why: why that way.
    """

    metric_id: int
    service: str
    kind: str
    name: str
    source: str
    direction: str
    why: str
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class WrittenChange:
    """A change of a goal, or of what belongs to one, as the audit log holds it.

    Attributes:
        subject: 'goal', 'criterion', 'target', 'goal node' or 'business metric'.
        before: the whole row; empty for a new one.
        after: the whole row.
    """

    at: datetime
    by: str
    subject: str
    subject_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class GoalReader(Protocol):
    """What `core.criteria` asks."""

    def goals(self, service: str, as_of: datetime | None = None) -> tuple[Goal, ...]:
        """A service's goals, those with criteria first, then by due date.

        They are as they stood in the minute that begins with as_of, since a live page's as-of is
        the minute that runs; as they stand now without one.
        """


class GoalPageReader(GoalReader, Protocol):
    """What `core.goals` asks besides; each question is of the same moment."""

    def targets(self, service: str, as_of: datetime | None = None) -> tuple[KeptTarget, ...]:
        """Targets of all criteria, by criterion, due date and measure."""

    def nodes(self, service: str, as_of: datetime | None = None) -> tuple[GoalNode, ...]:
        """The nodes below all goals, by position."""

    def business_metrics(
        self, service: str, as_of: datetime | None = None
    ) -> tuple[BusinessMetric, ...]:
        """Business metrics, in the order in which they were written."""

    def changes(self, service: str, as_of: datetime, most: int) -> tuple[WrittenChange, ...]:
        """The newest changes of goals and what belongs to them, the newest first."""
