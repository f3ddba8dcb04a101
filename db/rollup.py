"""Rolling up: metrics.serving_minute into minutes, hours and hours of instances, as rows arrive.

written_at is the time at which a row's transaction began, so the search for changed hours begins a
while before the watermark, for transactions that were still open then; and once an hour all of the
last days are compared, for those that stay open longer. An hour is always computed from all of its
rows and replaced in one transaction: doing it twice changes nothing, and a worker killed half-way
leaves nothing half done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from db import changes, rollup_sql
from db.changes import BEGINNING, END, HOUR, HourRun, ServiceHour
from db.failures import Failure, classify, reason

log = logging.getLogger(__name__)

#: A day that takes longer than this is rolled up hour by hour instead.
ROLLING = "1min"
#: More sentences about hours that cannot be rolled up than anybody reads at once.
SENTENCES = 5


@dataclass(frozen=True)
class Schedule:
    """How far back the search for changed hours goes, and how often."""

    #: Transactions open for longer than this are found by the full comparison only.
    overlap: timedelta = timedelta(minutes=15)
    compare_every: timedelta = timedelta(hours=1)
    #: What the contract promises for late and corrected rows.
    compare_back: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class Progress:
    """How far a rollup has come; told after each run, newest first."""

    run: HourRun
    hours_done: int
    hours_total: int


@dataclass(frozen=True)
class Outcome:
    """What a rollup did.

    Attributes:
        hours: hours computed and stored.
        pending: hours that changed and are still to be done (stopped, or failed in passing).
        oldest: the oldest hour that was computed.
        errors: a sentence for each hour that cannot be rolled up until its rows are corrected.
        delays: a sentence for hours that failed in passing; they are tried again next time.
    """

    hours: int = 0
    pending: int = 0
    oldest: datetime | None = None
    errors: tuple[str, ...] = ()
    delays: tuple[str, ...] = ()


def catch_up(
    engine: Engine,
    *,
    minutes_from: datetime = BEGINNING,
    schedule: Schedule | None = None,
    progress: Callable[[Progress], None] | None = None,
    proceed: Callable[[], bool] | None = None,
) -> Outcome:
    """Roll up every hour that changed since the watermark, and move the watermark.

    Args:
        engine: the store, as greenlight_worker.
        minutes_from: rollups by minute and by instance are kept from here; older ones are not made.
        schedule: how far back to look.
        progress: called after each run of hours.
        proceed: asked before each run; when it says no, the rest stays for the next call.

    Raises:
        DBAPIError: the store cannot be reached. Whatever else fails, fails for its hours alone.
    """
    schedule = schedule or Schedule()
    with engine.begin() as connection:
        # Before anything is read: what is committed from here on belongs to the next look.
        looked_at, watermark, compared_at = connection.execute(
            text("select now(), watermark, deep_checked_at from rollup.worker")
        ).one()
        in_full = compared_at is None or looked_at - compared_at >= schedule.compare_every
        if watermark is None:
            found = changes.between(connection, BEGINNING, END)
        else:
            found = changes.recent(connection, watermark - schedule.overlap)
            if in_full:
                back = looked_at - schedule.compare_back
                day = back.replace(hour=0, minute=0, second=0, microsecond=0)
                found |= changes.between(connection, day, END)
    outcome = _roll_all(engine, found, minutes_from, progress, proceed)
    if not outcome.pending:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "update rollup.worker set watermark = :looked_at, deep_checked_at = "
                    "case when :in_full then :looked_at else deep_checked_at end"
                ),
                {"looked_at": looked_at, "in_full": in_full},
            )
    return outcome


def catch_up_before(
    engine: Engine,
    following: datetime,
    *,
    minutes_from: datetime = BEGINNING,
    proceed: Callable[[], bool] | None = None,
) -> Outcome:
    """Roll up every changed hour before a time, however its rows came: before they are dropped."""
    return _roll_all(engine, changes.before(engine, following), minutes_from, None, proceed)


def failed_hours(engine: Engine) -> list[str]:
    """Sentences about the hours that wait for their rows to be corrected, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select error, count(*) over () from rollup.hour_state where error <> '' "
                'order by hour desc, service collate "C" limit :sentences'
            ),
            {"sentences": SENTENCES},
        ).all()
    sentences = [error for error, _ in rows]
    if rows and rows[0][1] > len(rows):
        sentences.append(f"{rows[0][1] - len(rows)} further hours cannot be rolled up either.")
    return sentences


@dataclass
class _Tally:
    """What has been done so far."""

    hours: int = 0
    oldest: datetime | None = None
    left: set[ServiceHour] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    delays: list[str] = field(default_factory=list)


def _roll_all(
    engine: Engine,
    found: set[ServiceHour],
    minutes_from: datetime,
    progress: Callable[[Progress], None] | None,
    proceed: Callable[[], bool] | None,
) -> Outcome:
    tally = _Tally(left=set(found))
    for run in changes.runs(found):
        if proceed is not None and not proceed():
            break
        _attempt(engine, run, minutes_from, tally)
        if progress is not None:
            progress(Progress(run, len(found) - len(tally.left), len(found)))
    return Outcome(
        tally.hours, len(tally.left), tally.oldest, tuple(tally.errors), tuple(tally.delays)
    )


def _attempt(engine: Engine, run: HourRun, minutes_from: datetime, tally: _Tally) -> None:
    """Roll up a run; when its rows do not allow it, each of its hours alone."""
    try:
        if _roll(engine, run, minutes_from):
            tally.hours += len(run.hours)
            tally.oldest = min(tally.oldest or run.first, run.first)
            tally.left -= run.keys
    except DBAPIError as error:
        kind = classify(error)
        if kind is Failure.UNREACHABLE:
            raise
        if len(run.hours) > 1 and kind is not Failure.BUSY:
            for hour in reversed(run.hours):
                _attempt(engine, HourRun(hour + HOUR, run.service, hour), minutes_from, tally)
            return
        sentence = _sentence(run, error, kind)
        if kind is not Failure.BAD_ROWS:
            tally.delays.append(sentence)
            return
        log.warning("%s", sentence)
        tally.errors.append(sentence)
        _remember(engine, run, sentence)
        tally.left -= run.keys


def _roll(engine: Engine, run: HourRun, minutes_from: datetime) -> bool:
    """Compute and replace the hours of a run in one transaction.

    Returns:
        False if retention made one of the hours final meanwhile; nothing is done then.
    """
    bounds = {"service": run.service, "first": run.first, "next": run.next}
    with engine.begin() as connection:
        connection.execute(text("select rollup.begin_settling()"))
        changes.prepare_session(connection, ROLLING)
        final = connection.execute(
            text(
                "select exists (select from rollup.hour_state where service = :service "
                "and hour >= :first and hour < :next and final)"
            ),
            bounds,
        ).scalar_one()
        if final:
            return False
        changes.prepare(connection, "roll_hours", rollup_sql.PREPARE_ROLL)
        connection.execute(text(rollup_sql.EXECUTE_ROLL), bounds | {"minutes_from": minutes_from})
    return True


def _remember(engine: Engine, run: HourRun, sentence: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("select rollup.begin_settling()"))
        connection.execute(
            text(rollup_sql.FAILED),
            {"service": run.service, "hour": run.first, "error": sentence},
        )


def _sentence(run: HourRun, error: DBAPIError, kind: Failure) -> str:
    if len(run.hours) > 1:
        return (
            f"Service {run.service!r}, {len(run.hours)} hours from {run.first:%Y-%m-%dT%H:%MZ}, "
            f"are not rolled up yet: {reason(error)}."
        )
    hour = f"Service {run.service!r}, hour {run.first:%Y-%m-%dT%H:%MZ}, is not rolled up"
    if kind is not Failure.BAD_ROWS:
        return f"{hour} yet: {reason(error)}."
    if getattr(error.orig, "pgcode", None) == "22003":
        return (
            f"{hour}: a number of its rows is too large to add up ({reason(error)}). "
            "Correct the rows of this hour in metrics.serving_minute."
        )
    return f"{hour}: {reason(error)}. Correct the rows of this hour in metrics.serving_minute."
