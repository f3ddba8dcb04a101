"""Rolling up a metric table into days, as rows arrive.

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

from db.day_tables import DAY, Days, DayTable, midnight
from db.failures import Failure, classify, reason
from db.rollup import SENTENCES, Schedule

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
class DayRollup:
    """What is rolled up, and how.

    Attributes:
        what: a word for it in sentences.
        table: where it comes from.
        roll: computes and replaces one day, from `:service, :day, :start, :end`.
        failed: remembers that a day cannot be rolled up as it stands, from these and `:error`: it
            is not tried again at every tick.
    """

    what: str
    table: DayTable
    roll: TextClause
    failed: TextClause


@dataclass(frozen=True)
class Moment:
    """The state of things when a search begins.

    Attributes:
        at: now, by the store's clock.
        open_since: transactions may still be open that began after this.
        since: rows written after this may not be rolled up yet; None before the first fill.
        filled: whether the first fill is over.
        in_full: whether the last days are to be compared in full,
        back: from this one on.
    """

    at: datetime
    open_since: datetime
    since: datetime | None
    filled: bool
    in_full: bool
    back: date


class Search:
    """How changed days are found."""

    def __init__(self, table: DayTable) -> None:
        self.table = table

    def find(self, connection: Connection, service: str, moment: Moment) -> set[date]:
        """Days of a service to be rolled up, all found in one snapshot."""
        days = Days(service)
        found = set() if moment.filled else self.table.never_rolled_up(connection, days)
        if moment.since is not None:
            found |= self.table.touched(connection, days, moment.since)
        if moment.in_full:
            found |= self.table.changed(connection, Days(service, first=moment.back))
        return found

    def finish(self, connection: Connection) -> None:
        """Called when everything that was found is rolled up."""


@dataclass(frozen=True)
class _Look:
    """What a search found, newest first."""

    moment: Moment
    changed: tuple[ServiceDay, ...]


def catch_up(
    engine: Engine,
    rollup: DayRollup,
    *,
    search: Search | None = None,
    schedule: Schedule | None = None,
    proceed: Callable[[], bool] | None = None,
) -> Outcome:
    """Roll up every day that changed since the watermark, newest first, and move the watermark.

    Args:
        engine: the store, as greenlight_worker.
        rollup: of what.
        search: how changed days are found, if there is more to it than when rows were written.
        schedule: how far back to look, and how often.
        proceed: asked before each day but the first; when it says no, the rest stays for the next
            call.

    Raises:
        DBAPIError: the store cannot be reached. Whatever else fails, fails for its days alone.
    """
    search = search or Search(rollup.table)
    look = _look(engine, search, schedule or Schedule())
    tally = _Tally(len(look.changed))
    for index, (service, day) in enumerate(look.changed):
        if index and proceed is not None and not proceed():
            break
        _attempt(engine, rollup, service, day, tally)
    outcome = Outcome(tally.days, tally.left, tuple(tally.errors), tuple(tally.delays))
    if not outcome.pending:
        with engine.begin() as connection:
            search.finish(connection)
            _move(connection, rollup.table, look.moment)
    return outcome


def failed_days(engine: Engine, rollup: DayRollup) -> list[str]:
    """Sentences about the days that wait for their rows to be corrected, newest first."""
    failed = text(f"""
        select error, count(*) over () from {rollup.table.state} where error <> ''
        order by day desc, service collate "C" limit :sentences""")
    with engine.connect() as connection:
        rows = connection.execute(failed, {"sentences": SENTENCES}).all()
    sentences = [error for error, _ in rows]
    if rows and rows[0][1] > len(rows):
        sentences.append(
            f"{rows[0][1] - len(rows)} further days of {rollup.what} cannot be rolled up either."
        )
    return sentences


def _look(engine: Engine, search: Search, schedule: Schedule) -> _Look:
    table = search.table
    begun = text(f"""
        select now(), {table.watermark}, {table.compared_at},
            (select min(rolled_at) from {table.state}) from rollup.worker""")
    found: set[ServiceDay] = set()
    with engine.begin() as connection:
        connection.execute(text("set transaction isolation level repeatable read"))
        connection.execute(_SESSION)
        # What is committed from here on belongs to the next look.
        at, watermark, compared_at, first_rolled_at = connection.execute(begun).one()
        # Without a watermark the first fill is still going on, and some of its days may have
        # changed.
        since = watermark or first_rolled_at
        moment = Moment(
            at=at,
            open_since=at - schedule.overlap,
            since=since and since - schedule.overlap,
            filled=watermark is not None,
            in_full=compared_at is None or at - compared_at >= schedule.compare_every,
            back=(at - schedule.compare_back).date(),
        )
        for service in table.services(connection):
            found |= {(service, day) for day in search.find(connection, service, moment)}
    newest_first = sorted(found, key=lambda one: (one[1], one[0]), reverse=True)
    return _Look(moment, tuple(newest_first))


def _move(connection: Connection, table: DayTable, moment: Moment) -> None:
    connection.execute(
        text(f"""
            update rollup.worker set {table.watermark} = :at, {table.compared_at} =
                case when :in_full then :at else {table.compared_at} end"""),
        {"at": moment.at, "in_full": moment.in_full},
    )


@dataclass
class _Tally:
    """What has been done so far."""

    left: int
    days: int = 0
    errors: list[str] = field(default_factory=list)
    delays: list[str] = field(default_factory=list)


def _attempt(engine: Engine, rollup: DayRollup, service: str, day: date, tally: _Tally) -> None:
    start = midnight(day)
    asked = {"service": service, "day": day, "start": start, "end": start + DAY}
    try:
        _settle(engine, rollup.roll, asked)
        tally.days += 1
        tally.left -= 1
    except DBAPIError as error:
        kind = classify(error)
        if kind is Failure.UNREACHABLE:
            raise
        sentence = f"Service {service!r}, {rollup.what} of {day}, are not rolled up"
        if kind is not Failure.BAD_ROWS:
            tally.delays.append(f"{sentence} yet: {reason(error)}.")
            return
        sentence += f": {reason(error)}. Correct the rows of this day in {rollup.table.source}."
        log.warning("%s", sentence)
        tally.errors.append(sentence)
        _settle(engine, rollup.failed, {**asked, "error": sentence})
        tally.left -= 1


def _settle(engine: Engine, statement: TextClause, asked: dict[str, object]) -> None:
    """Do one thing to a day, while no other worker does."""
    with engine.begin() as connection:
        connection.execute(text("select rollup.begin_settling()"))
        connection.execute(_SESSION)
        connection.execute(statement, asked)
