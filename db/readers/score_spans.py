"""Where the scores of a span are read: days that are rolled up and current, hours for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from core.timeframe import DAY, HOUR, Span, floor_to
from db import score_days
from db.score_days import Days, midnight

#: How long before the worker's last look a transaction may have begun that was still open then.
#: Those open for longer are found by the worker's own, more patient look.
_STILL_OPEN = timedelta(minutes=1)

_PROGRESS = text("""
    select coalesce(scores_watermark, (
        select min(rolled_at) from rollup.score_day_state where service = :service))
    from rollup.worker""")
_STATES = text("""
    select day, error <> '' as failed from rollup.score_day_state
    where service = :service and day >= :first and day < :following""")


@dataclass(frozen=True, slots=True)
class ScoreSpans:
    """How to read a span.

    Attributes:
        first: days are read from the rollup from here on,
        following: up to this one, which is not read itself;
        left_out: except for these.
        hours: what is read from rows by hour.
    """

    first: date
    following: date
    left_out: frozenset[date]
    hours: tuple[Span, ...]


def whole_hours(start: datetime, end: datetime) -> Span:
    """A span of whole hours, which may be empty.

    Raises:
        ValueError: an end has no time zone or is no whole hour, or start lies after end.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(f"start == {start}, end == {end}, must both have a time zone")
    if any(floor_to(moment, HOUR) != moment for moment in (start, end)) or start > end:
        raise ValueError(f"[{start}, {end}) must be whole hours UTC, start not after end")
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def score_spans(connection: Connection, service: str, span: Span) -> ScoreSpans:
    """Find out which days of a span the rollup holds as they are.

    Days that cannot be rolled up as they stand are left out of both.

    Args:
        connection: inside a snapshot.
        service: whose.
        span: in whole hours.
    """
    all_days = Days(service, span.start.date(), (span.end + DAY - HOUR).date())
    since = connection.execute(_PROGRESS, {"service": service}).scalar_one()
    states: dict[date, bool] = {
        row.day: row.failed for row in connection.execute(_STATES, all_days.asked)
    }
    changed: set[date] = set()
    if since is not None:
        changed = score_days.touched(connection, all_days, since - _STILL_OPEN)
    failed = {day for day in states if states[day] and day not in changed}
    current = {day for day in states if not states[day] and day not in changed}
    hours: list[Span] = []
    whole: list[date] = []
    for day, part in _by_day(span):
        if part.end - part.start == DAY:
            whole.append(day)
            if day in current:
                continue
        if day not in failed:
            hours.append(part)
    if not whole:
        return ScoreSpans(all_days.first, all_days.first, frozenset(), tuple(hours))
    left_out = frozenset(day for day in whole if day not in current)
    return ScoreSpans(whole[0], whole[-1] + DAY, left_out, tuple(hours))


def _by_day(span: Span) -> Iterator[tuple[date, Span]]:
    start = span.start
    while start < span.end:
        end = min(midnight(start.date()) + DAY, span.end)
        yield start.date(), Span(start, end)
        start = end
