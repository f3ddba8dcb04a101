"""Rolling up: metrics.score_hour into days, as rows arrive.

It goes about it as `db.rollup` does: the search for changed days begins a while before the
watermark, for transactions that were still open then; once an hour the last days are compared in
full; a day is always computed from all of its rows and replaced in one transaction. The server does
all of the adding up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

from db import score_days
from db.failures import Failure, classify, reason
from db.rollup import SENTENCES, Schedule
from db.score_days import Days, midnight

log = logging.getLogger(__name__)

#: A service and a day, UTC.
ServiceDay = tuple[str, date]

#: A worker must not crowd out the web, and tables that were just filled have no statistics yet: the
#: planner would scan them whole.
_SESSION = text("""
    select set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),
           set_config('max_parallel_workers_per_gather', '0', true),
           set_config('lock_timeout', '5s', true), set_config('statement_timeout', '10min', true)
""")

_SOURCE = "from metrics.score_hour where service = :service and hour >= :start and hour < :end"
_KEY = "model_version, segment, decision, bin"
# One statement, so that everything is computed from one snapshot. No row is written that is right
# already.
_ROLL = text(f"""
    with fresh as materialized (
        select {_KEY}, sum(letters)::bigint as letters {_SOURCE}
        group by {_KEY} having sum(letters) > 0
    ), kept as (
        insert into rollup.score_day as kept (service, day, {_KEY}, letters)
        select :service, :day, {_KEY}, letters from fresh order by {_KEY}
        on conflict (service, day, {_KEY}) do update set letters = excluded.letters
        where kept.letters <> excluded.letters
    ), vanished as (
        delete from rollup.score_day as kept
        where service = :service and day = :day and not exists (
            select from fresh
            where (fresh.model_version, fresh.segment, fresh.decision, fresh.bin)
                = (kept.model_version, kept.segment, kept.decision, kept.bin))
    ), state as materialized (
        select count(*) as source_rows,
            sum(rollup.written_microseconds(written_at)) as fingerprint {_SOURCE}
    ), state_kept as (
        insert into rollup.score_day_state (service, day, source_rows, fingerprint)
        select :service, :day, source_rows, fingerprint from state where source_rows > 0
        on conflict (service, day) do update set source_rows = excluded.source_rows,
            fingerprint = excluded.fingerprint, rolled_at = now(), error = ''
    )
    delete from rollup.score_day_state
    where service = :service and day = :day and (select source_rows from state) = 0""")
# Remembers that a day cannot be rolled up as it stands: it is not tried again at every tick.
_FAILED = text(f"""
    insert into rollup.score_day_state (service, day, source_rows, fingerprint, error)
    select :service, :day, count(*), coalesce(sum(rollup.written_microseconds(written_at)), 0),
        :error
    {_SOURCE}
    on conflict (service, day) do update set source_rows = excluded.source_rows,
        fingerprint = excluded.fingerprint, rolled_at = now(), error = excluded.error""")
_FAILED_DAYS = text("""
    select error, count(*) over () from rollup.score_day_state where error <> ''
    order by day desc, service collate "C" limit :sentences""")
_MOVE = text("""
    update rollup.worker set scores_watermark = :looked_at, scores_compared_at =
        case when :in_full then :looked_at else scores_compared_at end""")


@dataclass(frozen=True)
class Outcome:
    """What a rollup did.

    Attributes:
        days: days computed and stored.
        pending: days that changed and are still to be done (stopped, or failed in passing).
        errors: a sentence for each day that cannot be rolled up until its rows are corrected.
        delays: a sentence for days that failed in passing; they are tried again next time.
    """

    days: int = 0
    pending: int = 0
    errors: tuple[str, ...] = ()
    delays: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Look:
    """What a search found.

    Attributes:
        at: when it began, by the store's clock.
        in_full: whether the last days were compared in full.
        changed: newest first.
    """

    at: datetime
    in_full: bool
    changed: tuple[ServiceDay, ...]


def catch_up(
    engine: Engine,
    *,
    schedule: Schedule | None = None,
    proceed: Callable[[], bool] | None = None,
) -> Outcome:
    """Roll up every day that changed since the watermark, newest first, and move the watermark.

    Args:
        engine: the store, as greenlight_worker.
        schedule: how far back to look, and how often.
        proceed: asked before each day but the first; when it says no, the rest stays for the next
            call.

    Raises:
        DBAPIError: the store cannot be reached. Whatever else fails, fails for its days alone.
    """
    with engine.begin() as connection:
        look = _look(connection, schedule or Schedule())
    tally = _Tally(len(look.changed))
    for index, (service, day) in enumerate(look.changed):
        if index and proceed is not None and not proceed():
            break
        _attempt(engine, service, day, tally)
    outcome = Outcome(tally.days, tally.left, tuple(tally.errors), tuple(tally.delays))
    if not outcome.pending:
        with engine.begin() as connection:
            connection.execute(_MOVE, {"looked_at": look.at, "in_full": look.in_full})
    return outcome


def failed_days(engine: Engine) -> list[str]:
    """Sentences about the days that wait for their rows to be corrected, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(_FAILED_DAYS, {"sentences": SENTENCES}).all()
    sentences = [error for error, _ in rows]
    if rows and rows[0][1] > len(rows):
        sentences.append(f"{rows[0][1] - len(rows)} further days cannot be rolled up either.")
    return sentences


def _look(connection: Connection, schedule: Schedule) -> _Look:
    connection.execute(_SESSION)
    # Before anything is read: what is committed from here on belongs to the next look.
    looked_at, watermark, compared_at, first_rolled_at = connection.execute(
        text(
            "select now(), scores_watermark, scores_compared_at, "
            "(select min(rolled_at) from rollup.score_day_state) from rollup.worker"
        )
    ).one()
    in_full = compared_at is None or looked_at - compared_at >= schedule.compare_every
    # Without a watermark the first fill is still going on, and some days of it may have changed.
    begun = watermark or first_rolled_at
    found: set[ServiceDay] = set()
    for service in score_days.services(connection):
        days = Days(service)
        changed = set() if watermark else score_days.never_rolled_up(connection, days)
        if begun is not None:
            changed |= score_days.touched(connection, days, begun - schedule.overlap)
        if in_full:
            back = Days(service, first=(looked_at - schedule.compare_back).date())
            changed |= score_days.changed(connection, back)
        found |= {(service, day) for day in changed}
    newest_first = sorted(found, key=lambda one: (one[1], one[0]), reverse=True)
    return _Look(looked_at, in_full, tuple(newest_first))


@dataclass
class _Tally:
    """What has been done so far."""

    left: int
    days: int = 0
    errors: list[str] = field(default_factory=list)
    delays: list[str] = field(default_factory=list)


def _attempt(engine: Engine, service: str, day: date, tally: _Tally) -> None:
    start = midnight(day)
    asked = {"service": service, "day": day, "start": start, "end": start + score_days.DAY}
    try:
        _settle(engine, _ROLL, asked)
        tally.days += 1
        tally.left -= 1
    except DBAPIError as error:
        kind = classify(error)
        if kind is Failure.UNREACHABLE:
            raise
        sentence = f"Service {service!r}, scores of {day}, are not rolled up"
        if kind is not Failure.BAD_ROWS:
            tally.delays.append(f"{sentence} yet: {reason(error)}.")
            return
        sentence += f": {reason(error)}. Correct the rows of this day in metrics.score_hour."
        log.warning("%s", sentence)
        tally.errors.append(sentence)
        _settle(engine, _FAILED, {**asked, "error": sentence})
        tally.left -= 1


def _settle(engine: Engine, statement: TextClause, asked: dict[str, object]) -> None:
    """Do one thing to a day, while no other worker does."""
    with engine.begin() as connection:
        connection.execute(text("select rollup.begin_settling()"))
        connection.execute(_SESSION)
        connection.execute(statement, asked)
