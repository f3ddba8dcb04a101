"""Where a span is read: days that are rolled up and current, and metric rows for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from core.timeframe import DAY, HOUR, Span, floor_to
from db import label_looks
from db.day_tables import LABELS, SCORES, Days, DayTable, midnight
from db.readers.snapshot import once

#: How long before the worker's last look a transaction may have begun that was still open then.
#: Those open for longer are found by the worker's own, more patient look.
_STILL_OPEN = timedelta(minutes=1)
_SCORE_STATES = text("""
    select day, error <> '' as failed from rollup.score_day_state
    where service = :service and day >= :first and day < :following""")
_LABEL_STATES = text("""
    select day, error <> '' as failed, newest_labelled_at <= :known_at as known
    from rollup.label_day_state
    where service = :service and day >= :first and day < :following""")


@dataclass(frozen=True, slots=True)
class DaySpans:
    """How to read a span.

    Attributes:
        first: days are read from the rollup from here on,
        following: up to this one, which is not read itself;
        left_out: except for these.
        rows: what is read from metric rows, oldest first.
    """

    first: date
    following: date
    left_out: frozenset[date]
    rows: tuple[Span, ...]

    @property
    def asked(self) -> dict[str, object]:
        """What a query asks for."""
        return {
            "first": self.first,
            "following": self.following,
            "left_out": sorted(self.left_out),
            "starts": [part.start for part in self.rows],
            "ends": [part.end for part in self.rows],
        }


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


def score_spans(connection: Connection, service: str, span: Span) -> DaySpans:
    """Find out which days of a span rollup.score_day holds as they are.

    Days that cannot be rolled up as they stand are left out of both.

    Args:
        connection: inside a snapshot.
        service: whose.
        span: in whole hours.
    """
    days = _days(service, span)
    states = connection.execute(_SCORE_STATES, days.asked).all()
    since = _rolled_until(connection, SCORES, service)
    changed: set[date] = set()
    if since is not None:
        changed = SCORES.touched(connection, days, since - _STILL_OPEN)
    current = {state.day for state in states if not state.failed} - changed
    failed = {state.day for state in states if state.failed} - changed
    return _spans(span, current, failed)


def label_spans(connection: Connection, service: str, span: Span, known_at: datetime) -> DaySpans:
    """Find out which days of a span rollup.label_day holds as they were known at a time.

    A day whose newest label came after that is read from its rows.

    Args:
        connection: inside a snapshot.
        service: whose.
        span: in whole hours.
        known_at: labels given after this do not count.
    """
    days = _days(service, span)
    states = connection.execute(_LABEL_STATES, {**days.asked, "known_at": known_at}).all()
    changed = _changed_labels(connection, days) if states else set()
    current = {state.day for state in states if state.known and not state.failed} - changed
    failed = {state.day for state in states if state.failed} - changed
    return _spans(span, current, failed)


def _changed_labels(connection: Connection, days: Days) -> set[date]:
    last = label_looks.last_look(connection, days.service)
    if last and label_looks.look(connection, days.service, last.since) == last:
        return set()
    # Without a look, the first fill is going on.
    since = last.since if last else _rolled_until(connection, LABELS, days.service)
    changed: set[date] = set()
    if since is not None:
        changed = LABELS.touched(connection, days, since - _STILL_OPEN)
    if label_looks.some_moved(connection, days, changed):
        changed |= LABELS.changed(connection, days)
    return changed


def _days(service: str, span: Span) -> Days:
    return Days(service, span.start.date(), (span.end + DAY - HOUR).date())


def _rolled_until(connection: Connection, table: DayTable, service: str) -> datetime | None:
    """Since when rows may not be rolled up yet, but for open transactions; None if none is."""
    progress = text(f"""
        select coalesce({table.watermark}, (
            select min(rolled_at) from {table.state} where service = :service))
        from rollup.worker""")

    def asked() -> datetime | None:
        since: datetime | None = connection.execute(progress, {"service": service}).scalar_one()
        return since

    return once(connection, ("rolled until", table.state, service), asked)


def _spans(span: Span, current: Set[date], failed: Set[date]) -> DaySpans:
    rows: list[Span] = []
    whole: list[date] = []
    for day, part in _by_day(span):
        if part.end - part.start == DAY:
            whole.append(day)
            if day in current:
                continue
        if day in failed:
            continue
        if rows and rows[-1].end == part.start:
            part = Span(rows.pop().start, part.end)  # noqa: PLW2901
        rows.append(part)
    if not whole:
        return DaySpans(span.start.date(), span.start.date(), frozenset(), tuple(rows))
    left_out = frozenset(day for day in whole if day not in current)
    return DaySpans(whole[0], whole[-1] + DAY, left_out, tuple(rows))


def _by_day(span: Span) -> Iterator[tuple[date, Span]]:
    start = span.start
    while start < span.end:
        end = min(midnight(start.date()) + DAY, span.end)
        yield start.date(), Span(start, end)
        start = end
