"""What core asks of a store: one reader protocol an area, and the plain values that it hands over.

Readers return counts as they are; what they mean is worked out in the area's module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.status import Target

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Minutes:
    """Every minute of a span by datacenter, gaps included.

    Attributes:
        start: the first minute.
        datacenters: names, sorted; d of them.
        rows: instances that wrote, shape (d, minutes); 0 where nobody did.
        letters: shape (d, minutes).
        errors: shape (d, minutes).
        slow: shape (d, minutes).
    """

    start: datetime
    datacenters: tuple[str, ...]
    rows: Counts
    letters: Counts
    errors: Counts
    slow: Counts


@dataclass(frozen=True, slots=True)
class Trend:
    """A series in equal steps, gaps included.

    Attributes:
        times: the start of each step, n of them.
        minutes: minutes of the step with at least one row, shape (n,); 0 is a gap.
        letters: shape (n,).
        errors: shape (n,).
        slow: shape (n,).
        cells: latency histogram of each step, shape (n, 162).
    """

    times: tuple[datetime, ...]
    step: timedelta
    minutes: Counts
    letters: Counts
    errors: Counts
    slow: Counts
    cells: Counts


@dataclass(frozen=True, slots=True)
class Slice:
    """Totals of one datacenter, instance or model version over a span.

    Attributes:
        key: its name; for an instance 'datacenter/instance'.
        cells: latency histogram, shape (162,).
    """

    key: str
    letters: int
    errors: int
    slow: int
    cells: Counts


@dataclass(frozen=True, slots=True)
class Lifetime:
    """One life of a component: rows are expected from it between start and orderly stop."""

    component: str
    datacenter: str
    instance: str
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Release:
    """A deployment of a model version, as the serving stack recorded it."""

    deployment_id: str
    deployed_at: datetime
    model_version: str
    datacenter: str
    stage: str
    threshold: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A planned stretch that reports show with and without."""

    starts_at: datetime
    ends_at: datetime
    datacenter: str
    note: str


class ReliabilityReader(Protocol):
    """What `core.reliability` asks. Spans are half-open, [start, end), in whole minutes UTC."""

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        """Counts of every minute by datacenter (of the last 90 days; older minutes are gaps)."""

    def trend(self, service: str, start: datetime, end: datetime, step: timedelta) -> Trend:
        """A series with histograms, in steps from multiples of step on; the first may be cut."""

    def slices(self, service: str, start: datetime, end: datetime, by: str) -> tuple[Slice, ...]:
        """Totals by 'datacenter', 'instance' or 'model_version', sorted by key.

        Exact to the minute. By instance, hours older than the retention of instance rows count as a
        whole.
        """

    def last_minutes(self, service: str, before: datetime) -> dict[tuple[str, str], datetime]:
        """The newest minute before a moment of each (datacenter, instance) that ever wrote."""

    def lifetimes(self, service: str) -> tuple[Lifetime, ...]:
        """Every known life of the service's 'inference' components."""

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""

    def maintenance(self, service: str, start: datetime, end: datetime) -> tuple[Maintenance, ...]:
        """Planned maintenance that touches a span, oldest first."""


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


@dataclass(frozen=True, slots=True)
class ProductSeries:
    """A product metric by day; a missing day is missing from both.

    Attributes:
        days: sorted.
        values: same length, in the metric's own unit.
    """

    metric: str
    days: tuple[date, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TableFreshness:
    """How current one metric table is for a service.

    Attributes:
        table: its name without the schema.
        newest: the newest minute, hour, day or event; None without any row.
        written_at: when the newest row was written; None where the table does not say.
        step: what its rows cover, or timedelta(0) for events.
    """

    table: str
    newest: datetime | None
    written_at: datetime | None
    step: timedelta


class OverviewReader(Protocol):
    """What `core.overview` asks."""

    def services(self) -> tuple[str, ...]:
        """Every service that has written a row or a heartbeat, or has a goal; sorted."""

    def product(self, service: str, first: date, last: date) -> tuple[ProductSeries, ...]:
        """Product metrics of segment 'all' between two days, both included."""

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        """Every metric table, in the contract's order."""

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""


@dataclass(frozen=True, slots=True)
class FillStep:
    """How far one step of the demo's first fill is."""

    service: str
    step: str
    done: int
    total: int
    finished: bool


@dataclass(frozen=True, slots=True)
class WorkerPulse:
    """The worker's last tick; ticked_at is None before the first."""

    leader: str
    ticked_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class TableExtent:
    """How much of a service one metric table holds, as far back as a check looks.

    Attributes:
        rows: its rows.
        present: of what is expected, how much is there.
        expected: None where nothing tells what should be there.
        counted: what present and expected count, e.g. 'instance minutes'.
    """

    rows: int
    present: int | None = None
    expected: int | None = None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Rows that break a rule: how many, and the columns of a few of them."""

    total: int
    examples: tuple[Mapping[str, object], ...]


class ContractReader(Protocol):
    """What `core.contract` asks."""

    def services(self) -> tuple[str, ...]:
        """Every service that has written a row or a heartbeat, or has a goal; sorted."""

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        """Every metric table, in the contract's order."""

    def extents(
        self, service: str, as_of: datetime, back: Mapping[str, timedelta]
    ) -> Mapping[str, TableExtent]:
        """How much each table holds, looking back so far; tables that are not in back in full."""

    def contradictions(
        self,
        check: str,
        service: str,
        start: datetime,
        as_of: datetime,
        *,
        settings: Mapping[str, object],
        examples: int,
    ) -> Contradictions:
        """Rows of [start, as_of) that break the rule of a check, by its name in `core.contract`."""
