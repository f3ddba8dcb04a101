"""What `core.reliability` asks of a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.ports.counts import Counts
from core.ports.releases import Release


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
class Maintenance:
    """A planned stretch that reports show with and without."""

    starts_at: datetime
    ends_at: datetime
    datacenter: str
    note: str


class ServingReader(Protocol):
    """Counts of serving minutes, as alerts ask for them every minute.

    Spans are half-open, [start, end), in whole minutes UTC.
    """

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        """Counts of every minute by datacenter (of the last 90 days; older minutes are gaps)."""

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


class ReliabilityReader(ServingReader, Protocol):
    """What `core.reliability` asks."""

    def trend(self, service: str, start: datetime, end: datetime, step: timedelta) -> Trend:
        """A series with histograms, in steps from multiples of step on; the first may be cut."""
