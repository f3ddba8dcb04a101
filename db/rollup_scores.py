"""Rolling up: metrics.score_hour into days, as `db.day_rollup` does it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, text

from db import day_rollup
from db.day_rollup import DayRollup, Outcome
from db.day_tables import SCORES
from db.rollup import Schedule

_KEY = "model_version, segment, decision, bin"
# One statement, so that everything is computed from one snapshot. No row is written that is right
# already.
_ROLL = text(f"""
    with fresh as materialized (
        select {_KEY}, sum(letters)::bigint as letters {SCORES.rows}
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
            sum(rollup.written_microseconds(written_at)) as fingerprint {SCORES.rows}
    ), state_kept as (
        insert into rollup.score_day_state (service, day, source_rows, fingerprint)
        select :service, :day, source_rows, fingerprint from state where source_rows > 0
        on conflict (service, day) do update set source_rows = excluded.source_rows,
            fingerprint = excluded.fingerprint, rolled_at = now(), error = ''
    )
    delete from rollup.score_day_state
    where service = :service and day = :day and (select source_rows from state) = 0""")
_FAILED = text(f"""
    insert into rollup.score_day_state (service, day, source_rows, fingerprint, error)
    select :service, :day, count(*), coalesce(sum(rollup.written_microseconds(written_at)), 0),
        :error
    {SCORES.rows}
    on conflict (service, day) do update set source_rows = excluded.source_rows,
        fingerprint = excluded.fingerprint, rolled_at = now(), error = excluded.error""")
_ROLLUP = DayRollup("scores", SCORES, _ROLL, _FAILED)


def catch_up(
    engine: Engine,
    *,
    schedule: Schedule | None = None,
    proceed: Callable[[], bool] | None = None,
) -> Outcome:
    """Roll up every day of scores that changed; see `day_rollup.catch_up`."""
    return day_rollup.catch_up(engine, _ROLLUP, schedule=schedule, proceed=proceed)


def failed_days(engine: Engine) -> list[str]:
    """Sentences about days of scores that wait for their rows to be corrected, newest first."""
    return day_rollup.failed_days(engine, _ROLLUP)
