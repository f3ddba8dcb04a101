"""Rolling up: metrics.labelled_letter into days of the score, as `db.day_rollup` does it.

There is more to finding its days than to those of scores: a correction may move a label from one
day to another; see `db.label_looks`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, Engine, text

from core.stats.scores import LOWEST_BIN
from db import day_rollup, label_looks
from db.day_rollup import DayRollup, Moment, Outcome, Search
from db.day_tables import LABELS, Days
from db.label_looks import Look
from db.label_sums import EDGES, INDEX_OF_SCORE, KINDS, SUMS, WEIGHT
from db.rollup import Schedule

_KEY = "model_version, segment, decision, bin"
_SUMS = ", ".join(KINDS)


def _each(shape: str) -> str:
    return ", ".join(shape.format(name) for name in KINDS)


# One statement, so that everything is computed from one snapshot. No row is written that is right
# already.
_ROLL = text(f"""
    with fresh as materialized (
        select model_version, segment, decision,
            ({INDEX_OF_SCORE} + ({LOWEST_BIN}))::smallint as bin, {SUMS}
        from (select model_version, segment, decision, score, label, {WEIGHT} as weight
              {LABELS.rows}) as weighed
        group by 1, 2, 3, 4
    ), kept as (
        insert into rollup.label_day as kept (service, day, {_KEY}, {_SUMS})
        select :service, :day, {_KEY}, {_SUMS} from fresh order by {_KEY}
        on conflict (service, day, {_KEY}) do update set {_each("{0} = excluded.{0}")}
        where ({_each("kept.{0}")}) is distinct from ({_each("excluded.{0}")})
    ), vanished as (
        delete from rollup.label_day as kept
        where service = :service and day = :day and not exists (
            select from fresh
            where (fresh.model_version, fresh.segment, fresh.decision, fresh.bin)
                = (kept.model_version, kept.segment, kept.decision, kept.bin))
    ), state as materialized (
        select count(*) as source_rows, max(labelled_at) as newest,
            sum(rollup.written_microseconds(written_at)) as fingerprint {LABELS.rows}
    ), state_kept as (
        insert into rollup.label_day_state (
            service, day, source_rows, fingerprint, newest_labelled_at)
        select :service, :day, source_rows, fingerprint, newest from state where source_rows > 0
        on conflict (service, day) do update set source_rows = excluded.source_rows,
            fingerprint = excluded.fingerprint, newest_labelled_at = excluded.newest_labelled_at,
            rolled_at = now(), error = ''
    )
    delete from rollup.label_day_state
    where service = :service and day = :day and (select source_rows from state) = 0""")
_FAILED = text(f"""
    insert into rollup.label_day_state (
        service, day, source_rows, fingerprint, newest_labelled_at, error)
    select :service, :day, count(*), coalesce(sum(rollup.written_microseconds(written_at)), 0),
        coalesce(max(labelled_at), '-infinity'), :error
    {LABELS.rows}
    on conflict (service, day) do update set source_rows = excluded.source_rows,
        fingerprint = excluded.fingerprint, newest_labelled_at = excluded.newest_labelled_at,
        rolled_at = now(), error = excluded.error""")
_ROLLUP = DayRollup("labels", LABELS, _ROLL.bindparams(edges=EDGES), _FAILED)


class _LabelSearch(Search):
    """Finds days that labels came to, and those that they went from."""

    def __init__(self) -> None:
        super().__init__(LABELS)
        self._looks: dict[str, Look] = {}

    def find(self, connection: Connection, service: str, moment: Moment) -> set[date]:
        last = label_looks.last_look(connection, service)
        idle = last is not None and label_looks.look(connection, service, last.since) == last
        if idle and moment.filled and not moment.in_full:
            return set()
        found = super().find(connection, service, moment)
        days = Days(service)
        if label_looks.some_moved(connection, days, found):
            found |= LABELS.changed(connection, days)
        self._looks[service] = label_looks.look(connection, service, moment.open_since)
        return found

    def finish(self, connection: Connection) -> None:
        label_looks.keep(connection, self._looks)


def catch_up(
    engine: Engine,
    *,
    schedule: Schedule | None = None,
    proceed: Callable[[], bool] | None = None,
) -> Outcome:
    """Roll up every day of labels that changed; see `day_rollup.catch_up`."""
    return day_rollup.catch_up(
        engine, _ROLLUP, search=_LabelSearch(), schedule=schedule, proceed=proceed
    )


def failed_days(engine: Engine) -> list[str]:
    """Sentences about days of labels that wait for their rows to be corrected, newest first."""
    return day_rollup.failed_days(engine, _ROLLUP)
