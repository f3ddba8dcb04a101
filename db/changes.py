"""Which hours of metrics.serving_minute changed since they were rolled up.

Rows with a recent written_at say which hours may have changed; the fingerprint of each (how many
rows, and the sum of their written_at) says which did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from db import rollup_sql

HOUR = timedelta(hours=1)
#: Before any row can be: the store refuses minutes before 2000.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
#: After any row can be.
END = datetime(9000, 1, 1, tzinfo=UTC)
#: Looking at everything there is, once, may take long where much is stored.
LOOKING = "10min"

#: A service and the beginning of an hour, UTC.
ServiceHour = tuple[str, datetime]


@dataclass(frozen=True, order=True)
class HourRun:
    """Neighbouring hours of one service within one day: `first <= hour < next`, UTC."""

    next: datetime
    service: str
    first: datetime

    @property
    def hours(self) -> list[datetime]:
        """The hours' beginnings, oldest first."""
        count = (self.next - self.first) // HOUR
        return [self.first + index * HOUR for index in range(count)]

    @property
    def keys(self) -> set[ServiceHour]:
        """The hours, each with the service."""
        return {(self.service, hour) for hour in self.hours}


def runs(hours: Iterable[ServiceHour]) -> list[HourRun]:
    """Put neighbouring hours together, each day for itself; the newest come first.

    >>> noon, one, three = (datetime(2026, 6, 1, hour, tzinfo=UTC) for hour in (12, 13, 15))
    >>> [len(run.hours) for run in runs([("a", one), ("a", three), ("a", noon)])]
    [1, 2]
    """
    found: list[HourRun] = []
    for service, hour in sorted(hours):
        last = found[-1] if found else None
        if last and last.service == service and last.next == hour and hour.hour != 0:
            found[-1] = HourRun(hour + HOUR, service, last.first)
        else:
            found.append(HourRun(hour + HOUR, service, hour))
    return sorted(found, reverse=True)


def prepare_session(connection: Connection, timeout: str) -> None:
    """Set what the rollup's statements need, for this transaction."""
    connection.execute(text(rollup_sql.SESSION), {"timeout": timeout})


def prepare(connection: Connection, name: str, statement: str) -> None:
    """Keep a statement's plan with its connection: planning these costs as much as running them."""
    if name not in connection.info:
        connection.exec_driver_sql(statement)
        connection.info[name] = True


def recent(connection: Connection, since: datetime) -> set[ServiceHour]:
    """Hours with rows written since a time that no longer look as when they were rolled up."""
    prepare_session(connection, LOOKING)
    # Without statistics the planner would scan whole days that were just filled.
    connection.execute(text("set local enable_seqscan = off"))
    prepare(connection, "touched_hours", rollup_sql.PREPARE_TOUCHED)
    touched = connection.execute(text(rollup_sql.EXECUTE_TOUCHED), {"since": since})
    services: dict[tuple[datetime, datetime], list[str]] = defaultdict(list)
    for run in runs((service, hour) for service, hour in touched):
        services[run.first, run.next].append(run.service)
    found: set[ServiceHour] = set()
    for (first, following), names in services.items():
        found |= _compare(connection, first, following, services=names, failed_too=False)
    return found


def between(connection: Connection, first: datetime, following: datetime) -> set[ServiceHour]:
    """All hours `first <= hour < following` that changed or could not be rolled up last time."""
    prepare_session(connection, LOOKING)
    connection.execute(text("set local enable_seqscan = on"))
    return _compare(connection, first, following, services=None, failed_too=True)


def before(engine: Engine, following: datetime) -> set[ServiceHour]:
    """All hours before a time that changed or could not be rolled up last time."""
    with engine.begin() as connection:
        return between(connection, BEGINNING, following)


def _compare(
    connection: Connection,
    first: datetime,
    following: datetime,
    *,
    services: Sequence[str] | None,
    failed_too: bool,
) -> set[ServiceHour]:
    of_services = "" if services is None else "and service = any(:services)"
    parameters = {"first": first, "next": following, "failed_too": failed_too}
    if services is not None:
        parameters["services"] = list(services)
    rows = connection.execute(text(rollup_sql.CHANGED.format(of_services=of_services)), parameters)
    return {(service, hour) for service, hour in rows}
