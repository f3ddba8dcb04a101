"""What `core.overview` asks of a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from core.ports.releases import Release


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
        """Every service that has written a row or a heartbeat, or is planned; sorted."""

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
