"""Days of metrics.serving_minute: made ahead, and dropped when their time is over.

No row is refused for want of a day: what comes for a day that is not there lands in the catch-all,
and is rolled up from there all the same. No row is dropped unless it has been rolled up:
rollup.drop_day looks again behind a lock that keeps writers out. What was dropped is final; a row
that comes for a final hour afterwards is a stray, which is never rolled up, can be found for a
while, and is cleared in the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from db import changes, rollup
from db.failures import Failure, classify, reason

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
#: A worker that is down for a week leaves no day without its partition.
DAYS_AHEAD = 7


@dataclass(frozen=True)
class Retention:
    """How long rows are kept.

    Attributes:
        instance_rows: rows of metrics.serving_minute, dropped by whole days.
        rollups: rollup.serving_minute and rollup.instance_hour; serving_hour is kept for ever.
        lifetimes: rollup.lifetime, counted from the last beat.
    """

    instance_rows: timedelta = timedelta(days=14)
    rollups: timedelta = timedelta(days=90)
    lifetimes: timedelta = timedelta(days=90)

    def __post_init__(self) -> None:
        for name in ("instance_rows", "rollups", "lifetimes"):
            period = getattr(self, name)
            if period < DAY:
                raise ValueError(f"{name} == {period}, must be at least a day")
        if self.rollups < self.instance_rows:
            raise ValueError(
                f"rollups == {self.rollups}, must be at least instance_rows == {self.instance_rows}"
            )

    def first_day(self, as_of: datetime) -> date:
        """The oldest day whose instance rows are kept at a time (UTC)."""
        return (as_of.astimezone(UTC) - self.instance_rows).date()


@dataclass(frozen=True)
class Ensured:
    """Days that were made, and a sentence if some could not be."""

    created: tuple[date, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Retained:
    """What retention took away.

    Attributes:
        dropped: days of instance rows.
        strays: rows cleared out of the catch-all.
        expired: rows of rollups and lifetimes deleted.
        errors: a sentence for each day that had to be kept longer.
    """

    dropped: tuple[date, ...] = ()
    strays: int = 0
    expired: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stray:
    """An hour with rows that came after it was final; they are not in the rollups."""

    service: str
    hour: datetime
    rows: int
    written_at: datetime


def days(engine: Engine) -> list[date]:
    """The days that have a partition, oldest first."""
    with engine.connect() as connection:
        names = connection.execute(
            text(
                "select relname from pg_inherits join pg_class on pg_class.oid = inhrelid "
                "where inhparent = 'metrics.serving_minute'::regclass "
                "and relname ~ '^serving_minute_[0-9]{8}$' order by relname"
            )
        ).scalars()
        return [datetime.strptime(name[-8:], "%Y%m%d").replace(tzinfo=UTC).date() for name in names]


def ensure(engine: Engine, first: date, last: date) -> Ensured:
    """Make the missing days from first to last, and move the rows that came before their day.

    Each day is a transaction of its own, the newest first: days ahead are in nobody's way. Writers
    wait only while a day they may be writing to is made; behind somebody else's open transaction
    this gives up after a second, for them not to wait longer.

    Raises:
        DBAPIError: the store cannot be reached.
    """
    there = set(days(engine))
    every = [first + index * DAY for index in range((last - first).days + 1)]
    missing = [day for day in reversed(every) if day not in there]
    created: list[date] = []
    for day in missing:
        try:
            with engine.begin() as connection:
                answer = connection.execute(text("select rollup.create_day(:day)"), {"day": day})
                if answer.scalar_one():
                    created.append(day)
        except DBAPIError as error:
            if classify(error) is Failure.UNREACHABLE:
                raise
            older = len(missing) - missing.index(day) - 1
            others = f", nor those of {older} days before it" if older else ""
            sentence = (
                f"The partition of {day} could not be made yet{others} ({reason(error)}); "
                "until then, rows of these days are kept in the catch-all."
            )
            return Ensured(tuple(sorted(created)), (sentence,))
    return Ensured(tuple(sorted(created)))


def retain(
    engine: Engine,
    as_of: datetime,
    retention: Retention,
    *,
    roll: bool = True,
    proceed: Callable[[], bool] | None = None,
) -> Retained:
    """Take away what is older than retention keeps.

    Args:
        engine: the store, as greenlight_worker.
        as_of: the present. A clock ahead of the store's counts as the store's: nothing goes early.
        retention: the periods.
        roll: roll up what is about to go and has changed; else its days wait for the next time.
        proceed: asked between rollups; when it says no, what is left waits for the next time.

    Raises:
        DBAPIError: the store cannot be reached.
    """
    with engine.connect() as connection:
        as_of = min(as_of, connection.execute(text("select now()")).scalar_one())
    oldest = retention.first_day(as_of)
    horizon = datetime.combine(oldest, time(), UTC)
    changed = changes.before(engine, horizon)
    errors: list[str] = []
    if changed and roll:
        outcome = rollup.catch_up_before(
            engine, horizon, minutes_from=as_of - retention.rollups, proceed=proceed
        )
        changed = changes.before(engine, horizon)
        if not outcome.pending:
            errors += [
                f"Instance rows of {day} are kept: not all of them could be rolled up."
                for day in sorted({hour.date() for _, hour in changed})
            ]
    dropped, busy = _drop_days(engine, oldest, {hour.date() for _, hour in changed})
    errors += busy
    strays = 0
    try:
        with engine.begin() as connection:
            strays = connection.execute(
                text("select rollup.clear_strays(:before, :written_before)"),
                {"before": horizon, "written_before": as_of - retention.instance_rows},
            ).scalar_one()
    except DBAPIError as error:
        if classify(error) is Failure.UNREACHABLE:
            raise
        errors.append(f"Old rows could not be cleared out of the catch-all yet ({reason(error)}).")
    expired = _expire(engine, as_of, retention)
    if dropped or strays or expired:
        log.info("Retention: %d days, %d strays, %d old rows", len(dropped), strays, expired)
    return Retained(tuple(dropped), strays, expired, tuple(errors))


def strays(engine: Engine) -> list[Stray]:
    """Hours with rows that came after retention had made them final, oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select service, date_trunc('hour', minute, 'UTC'), count(*), max(written_at) "
                "from metrics.serving_minute join (select service, hour from rollup.hour_state "
                "where final) as settled using (service) where minute < "
                "(select max(hour) + interval '1 hour' from rollup.hour_state where final) "
                "and settled.hour = date_trunc('hour', minute, 'UTC') group by 1, 2"
            )
        )
        found = [Stray(*row) for row in rows]
    return sorted(found, key=lambda stray: (stray.hour, stray.service))


def _drop_days(engine: Engine, oldest: date, unrolled: set[date]) -> tuple[list[date], list[str]]:
    """Drop the days before the oldest to keep, save those that are not rolled up."""
    dropped: list[date] = []
    errors: list[str] = []
    for day in days(engine):
        if day >= oldest:
            break
        if day in unrolled:
            continue
        try:
            with engine.begin() as connection:
                answer = connection.execute(
                    text("select rollup.drop_day(:day)"), {"day": day}
                ).scalar_one()
        except DBAPIError as error:
            if classify(error) is Failure.UNREACHABLE:
                raise
            # The next day would be in somebody's way just the same, and everyone waits behind it.
            errors.append(f"Instance rows of {day} could not be dropped yet ({reason(error)}).")
            break
        if answer == "dropped":
            dropped.append(day)
    return dropped, errors


def _expire(engine: Engine, as_of: datetime, retention: Retention) -> int:
    """Delete old rollups, by service, so that the primary key leads straight to them."""
    with engine.begin() as connection:
        services = connection.execute(
            text("select distinct service from rollup.hour_state")
        ).scalars()
        expired = 0
        for service in services.all():
            for table, column in (("serving_minute", "minute"), ("instance_hour", "hour")):
                expired += connection.execute(
                    text(
                        f"delete from rollup.{table} "
                        f"where service = :service and {column} < :before"
                    ),
                    {"service": service, "before": as_of - retention.rollups},
                ).rowcount
        expired += connection.execute(
            text("delete from rollup.lifetime where beat_at < :before"),
            {"before": as_of - retention.lifetimes},
        ).rowcount
    return expired
