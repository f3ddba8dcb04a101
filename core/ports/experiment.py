"""What `core.experiment` asks of a store: bucket sums, and what the team defined and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.ports.counts import Counts

#: Hash buckets of users in the contract's experiment tables.
BUCKETS = 500
#: The sums of a bucket, in the order of the last axis of every array of sums. In the table of the
#: days before a test, `users` stands in the place of `new_users`.
SUMS = (
    "new_users",
    "active_users",
    "letters",
    "complaints",
    "sessions",
    "session_seconds",
    "revenue",
)


@dataclass(frozen=True, slots=True)
class ExperimentRows:
    """What rows of an experiment there are (dimension 'all').

    Attributes:
        variants: names, sorted.
        first_day: the first day with rows.
        last_day: the last day with rows that was over at the moment asked for.
    """

    experiment: str
    variants: tuple[str, ...]
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, eq=False)
class BucketDays:
    """Sums by day, variant and bucket over all users, gaps included.

    Attributes:
        variants: v names, sorted.
        days: d days without a gap between first and last.
        sums: shape (d, v, BUCKETS, len(SUMS)); 0 where there is no row.
        rows: bucket rows that are there, shape (d, v); 0 is a missing day of a variant.
    """

    variants: tuple[str, ...]
    days: tuple[date, ...]
    sums: NDArray[np.float64]
    rows: Counts


@dataclass(frozen=True, slots=True, eq=False)
class BucketSlice:
    """Sums over a span of days by variant and bucket, for one value of a dimension.

    Attributes:
        sums: shape (variants, BUCKETS, len(SUMS)); 0 where there is no row.
    """

    dimension: str
    value: str
    variants: tuple[str, ...]
    sums: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    """A variant and the share of the users that it is meant to get."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class MetricRule:
    """A metric of an experiment and what is asked of it.

    Attributes:
        metric: a name of `core.experiment.METRICS`, such as 'complaints_per_letter'.
        margin: relative change, e.g. -0.05 for "at least 5 % fewer" of the primary metric, or
            -0.01 for "at most 1 % fewer" of a guardrail.
        direction: 'down' if less is good, 'up' if more is good.
    """

    metric: str
    margin: float
    direction: str


@dataclass(frozen=True, slots=True)
class ExperimentDefinition:
    """How an experiment is meant to be read, fixed before its start (team.experiment).

    Attributes:
        control: the name of the variant that the others are compared with.
        s_plan: standard error of the log lift expected at the planned end; None while not frozen.
        assumption: where s_plan comes from, in words.
        frozen_by: who froze it; '' while not frozen.
        revision: grows with every change, for optimistic locking.
        stopped_on: the last day that counts, where it was stopped early; None otherwise.
        created_by: who defined it; '' where the store has not said. Not part of what it says.
    """

    service: str
    experiment: str
    variants: tuple[PlannedVariant, ...]
    control: str
    starts_on: date
    minimum_days: int
    planned_days: int
    primary: MetricRule
    guardrails: tuple[MetricRule, ...]
    s_plan: float | None
    assumption: str
    frozen_by: str
    frozen_at: datetime | None
    stopped_on: date | None
    note: str
    revision: int
    created_by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of a definition after the start: who, when, why, what it was and what it became."""

    amended_at: datetime
    amended_by: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExperimentDecision:
    """What was decided about an experiment, with the evidence frozen as it was then.

    Attributes:
        decision: 'ship', 'stop', 'extend' or 'note'.
        evidence: the JSON of `core.experiment.evidence` at as_of.
    """

    decided_at: datetime
    decided_by: str
    decision: str
    note: str
    as_of: datetime
    evidence: Mapping[str, Any]


class ExperimentReader(Protocol):
    """What `core.experiment` asks. Days are UTC, first and last both included."""

    def experiments(self, service: str, before: date) -> tuple[ExperimentRows, ...]:
        """Every experiment with rows of days before a date, the newest first."""

    def definitions(self, service: str) -> tuple[ExperimentDefinition, ...]:
        """Every defined experiment, those without rows included; the latest start first."""

    def days(self, service: str, experiment: str, first: date, last: date) -> BucketDays:
        """Sums of dimension 'all' by day."""

    def slices(
        self, service: str, experiment: str, first: date, last: date
    ) -> tuple[BucketSlice, ...]:
        """Sums over the days by every other dimension and value, sorted."""

    def before(self, service: str, experiment: str) -> BucketSlice | None:
        """The same users in the 28 days before; None where nobody wrote them."""

    def amendments(self, service: str, experiment: str) -> tuple[Amendment, ...]:
        """Changes after the start, oldest first."""

    def decisions(self, service: str, experiment: str) -> tuple[ExperimentDecision, ...]:
        """What was decided, newest first."""
