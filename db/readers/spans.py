"""A span as whole hours and the minutes at its ends: a month costs 720 hours and is still exact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, text

from core.timeframe import HOUR, MINUTE, Span, floor_to
from db.readers.snapshot import once


@dataclass(frozen=True, slots=True)
class Cut:
    """How to read a span.

    Attributes:
        hours: what is read from rows by hour; empty where its start is its end.
        edges: parts of hours that are read from rows by minute, at most one at each end.
    """

    hours: Span
    edges: tuple[Span, ...]

    def parts(self, hours: str, minutes: str) -> list[tuple[str, Span]]:
        """Each part with the table that it is read from."""
        whole = [(hours, self.hours)] if self.hours.minutes else []
        return whole + [(minutes, edge) for edge in self.edges]


def whole_minutes(start: datetime, end: datetime) -> Span:
    """The minutes that begin in [start, end); none where end is not after start.

    Raises:
        ValueError: an end has no time zone.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(f"start == {start}, end == {end}, must both have a time zone")
    first, last = _ceil(start.astimezone(UTC), MINUTE), _ceil(end.astimezone(UTC), MINUTE)
    return Span(first, max(first, last))


def _ceil(moment: datetime, step: timedelta) -> datetime:
    floor = floor_to(moment, step)
    return floor if floor == moment else floor + step


# All minutes of an hour are still there if no fewer are found than were counted when it was rolled
# up.
_KEPT = """
    select (select count(*) from {minutes}
            where service = :service and minute >= :hour
                and minute < cast(:hour as timestamptz) + interval '1 hour')
        >= (select coalesce(sum(minutes), 0) from {hours}
            where service = :service and hour = :hour)"""
_KEPT_OF_DATACENTERS = text(
    _KEPT.format(minutes="rollup.serving_minute", hours="rollup.serving_hour")
)
_KEPT_OF_INSTANCES = text(
    _KEPT.format(minutes="metrics.serving_minute", hours="rollup.instance_hour")
)


def cut(connection: Connection, service: str, span: Span, *, instances: bool = False) -> Cut:
    """Cut a span into whole hours and the parts of hours at its ends.

    An hour at an end whose minutes are gone (retention) counts as a whole.

    Args:
        connection: inside a snapshot.
        service: whose rows.
        span: in whole minutes.
        instances: the minutes at the ends are those of instances (metrics.serving_minute), which
            are kept for a shorter time than those of datacenters.
    """
    if not span.minutes:
        return Cut(span, ())
    whole = Span(_ceil(span.start, HOUR), floor_to(span.end, HOUR))
    if whole.start > whole.end:  # all of it lies inside one hour
        parts = [span]
        whole = Span(whole.end, whole.end)
    else:
        ends = (Span(span.start, whole.start), Span(whole.end, span.end))
        parts = [part for part in ends if part.minutes]
    hours = [floor_to(part.start, HOUR) for part in parts]
    kept = _kept(connection, service, hours, instances=instances)
    first, last = whole.start, whole.end
    for hour in hours:
        if hour not in kept:
            first, last = min(first, hour), max(last, hour + HOUR)
    edges = tuple(part for part, hour in zip(parts, hours, strict=True) if hour in kept)
    return Cut(Span(first, last), edges)


def minutes_of_instances_kept(connection: Connection, service: str, hour: datetime) -> bool:
    """Whether every instance row of an hour that was rolled up is still there."""
    return bool(_kept(connection, service, [hour], instances=True))


def _kept(
    connection: Connection, service: str, hours: list[datetime], *, instances: bool
) -> set[datetime]:
    # One after the other, there being two at most: a distributed table answers no question that
    # depends on another row.
    statement = _KEPT_OF_INSTANCES if instances else _KEPT_OF_DATACENTERS

    def is_kept(hour: datetime) -> bool:
        return bool(connection.execute(statement, {"service": service, "hour": hour}).scalar_one())

    return {
        hour
        for hour in set(hours)
        if once(connection, ("kept", instances, service, hour), partial(is_kept, hour))
    }
