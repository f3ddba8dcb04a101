"""Whether the labels of a service are still those that the worker saw last.

A letter's predicted_at is no part of its key. A correction may therefore take a label from one day
to another, and only the other has a row that was just written. No label is lost on the way, so that
counting tells: days that nobody wrote to must still hold as many rows as were rolled up. Counting a
million takes a tenth of a second, and is needed only where something was written since the worker's
last look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from db.day_tables import LABELS, Days, runs

_NEWEST = text("""
    select count(*) as newest_rows,
        coalesce(sum(rollup.written_microseconds(written_at)), 0) as fingerprint
    from metrics.labelled_letter where service = :service and written_at > :since""")
_LAST = text("""
    select since, newest_rows, fingerprint from rollup.label_look where service = :service""")
_KEEP = text("""
    insert into rollup.label_look (service, since, newest_rows, fingerprint)
    values (:service, :since, :newest_rows, :fingerprint)
    on conflict (service) do update set since = excluded.since,
        newest_rows = excluded.newest_rows, fingerprint = excluded.fingerprint""")
_ROLLED = text("""
    select day, source_rows from rollup.label_day_state
    where service = :service and day >= :first and day < :following""")
_COUNT = text(f"""
    select coalesce(sum(held.rows), 0)
    from unnest(cast(:starts as timestamptz[]), cast(:ends as timestamptz[])) as part (first, next)
    cross join lateral (
        select count(*) as rows from {LABELS.source} where service = :service
            and predicted_at >= part.first and predicted_at < part.next) as held""")


@dataclass(frozen=True, slots=True)
class Look:
    """The newest rows of a service, as they were seen once.

    Attributes:
        since: rows written after this are the newest.
        newest_rows: how many.
        fingerprint: the sum of their written_at in microseconds.
    """

    since: datetime
    newest_rows: int
    fingerprint: int


def look(connection: Connection, service: str, since: datetime) -> Look:
    """Look at the newest rows."""
    row = connection.execute(_NEWEST, {"service": service, "since": since}).one()
    return Look(since, row.newest_rows, int(row.fingerprint))


def last_look(connection: Connection, service: str) -> Look | None:
    """What the worker saw when every day of a service was last rolled up."""
    row = connection.execute(_LAST, {"service": service}).one_or_none()
    return None if row is None else Look(row.since, row.newest_rows, int(row.fingerprint))


def keep(connection: Connection, looks: Mapping[str, Look]) -> None:
    """Remember what was seen of each service, now that every day of it is rolled up."""
    for service in sorted(looks):
        connection.execute(_KEEP, {"service": service, **asdict(looks[service])})


def some_moved(connection: Connection, days: Days, found: set[date]) -> bool:
    """Whether days that were rolled up, other than those found changed, no longer hold their rows.

    Args:
        connection: in one snapshot with whatever found the days.
        days: which to count.
        found: days with rows that were just written, as `DayTable.touched` finds them.
    """
    states = connection.execute(_ROLLED, days.asked)
    rolled: dict[date, int] = {
        state.day: state.source_rows for state in states if state.day not in found
    }
    kept = runs(rolled)
    starts, ends = ([run[at] for run in kept] for at in (0, 1))
    asked = {"service": days.service, "starts": starts, "ends": ends}
    held: int = connection.execute(_COUNT, asked).scalar_one()
    return held != sum(rolled.values())
