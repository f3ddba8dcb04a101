"""What Greenlight knows about itself: read once, for its health and for monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tick:
    """The leading worker's last tick.

    Attributes:
        leader: host:pid, '' before the first tick.
        at: when it began; None before the first.
        seconds: how long it took; None before the first.
        hours_rolled: hours that it rolled up.
        error: what somebody should know about it, '' where all went well.
    """

    leader: str
    at: datetime | None
    seconds: float | None
    hours_rolled: int
    error: str


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service as its alerts and its writers left it.

    Attributes:
        service: its name.
        writes: whether it has ever written a minute or a heartbeat; one with goals alone has not.
        data_through: the newest minute that every instance has written; None without any.
        evaluated_at: when its rules were last evaluated; None before the first time.
        rules: rules evaluated then.
        unknown: of them, those that could not be judged.
        rows_rolled: rows of its instances in the hours of the last day, as they are rolled up.
    """

    service: str
    writes: bool
    data_through: datetime | None
    evaluated_at: datetime | None
    rules: int
    unknown: int
    rows_rolled: int


@dataclass(frozen=True, slots=True)
class OpenEpisodes:
    """Episodes of a service that are not over, drills left out."""

    service: str
    severity: str
    state: str
    episodes: int


@dataclass(frozen=True, slots=True)
class Outbox:
    """Notifications by what became of them, and since when the oldest wait.

    Attributes:
        waiting: not delivered yet, and tried again.
        held: kept back, as for a batch.
        failed: given up within the last day.
        sent: delivered within the last day.
        oldest_due: since when the oldest one is due that nobody tries; None where none is.
        oldest_tried: when the oldest waiting one was first tried; None where none was.
    """

    waiting: int
    held: int
    failed: int
    sent: int
    oldest_due: datetime | None
    oldest_tried: datetime | None


@dataclass(frozen=True, slots=True)
class OwnState:
    """Everything that Greenlight tells about itself, from one snapshot.

    Attributes:
        revision: the schema's revision.
        tick: the worker's last tick.
        failed_hours: hours that cannot be rolled up until their rows are corrected.
        services: every service.
        episodes: open episodes, by service, severity and state.
        outbox: notifications.
        bytes_by_schema: size on disk of metrics, rollup and team, indexes included.
        database_bytes: size on disk of the whole database.
    """

    revision: str
    tick: Tick
    failed_hours: int
    services: tuple[ServiceState, ...]
    episodes: tuple[OpenEpisodes, ...]
    outbox: Outbox
    bytes_by_schema: dict[str, int]
    database_bytes: int


class HealthReader(Protocol):
    """Reads what Greenlight knows about itself."""

    def own_state(self, as_of: datetime) -> OwnState:
        """Everything, as of a moment."""
