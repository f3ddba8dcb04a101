"""How current each metric table is: its newest row as of a moment, by look-ups in indexes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from core.ports import TableFreshness
from core.timeframe import DAY, HOUR, MINUTE, floor_to

_EVENT = timedelta(0)


def _by_time(table: str, time: str) -> str:
    """For a table with an index on (service, time): the newest time, and the last writing of it."""
    return f"""
        select '{table}', {time}::timestamptz, (
            select max(written_at) from metrics.{table}
            where service = :service and {time} = newest.{time})
        from (select {time} from metrics.{table}
              where service = :service and {time} <= :as_of
              order by {time} desc limit 1) as newest"""


def _few(table: str, time: str) -> str:
    """For a table of a few hundred rows a service."""
    return f"""
        select * from (
            select '{table}', {time}, written_at from metrics.{table}
            where service = :service and {time} <= :as_of
            order by {time} desc, written_at desc limit 1) as newest"""


# A run that finishes after as-of was, at as-of, still running.
_TRAINING = "greatest(started_at, case when finished_at <= :as_of then finished_at end)"

# The instance rows of two weeks are kept; before that, the rollups know.
_SERVING = """
    select * from (
        select 'serving_minute', minute, max(written_at) from (
            (select minute, max(written_at) as written_at from metrics.serving_minute
             where service = :service and minute < :minute
             group by minute order by minute desc limit 1)
            union all
            (select minute, null from rollup.serving_minute
             where service = :service and minute < :minute order by minute desc limit 1)
            union all
            (select hour, null from rollup.serving_hour
             where service = :service and hour < :minute order by hour desc limit 1)) as known
        group by minute order by minute desc limit 1) as newest"""

# A component that was alive at as-of and beats still has beaten at as-of, whatever it says now.
_HEARTBEAT = """
    select 'heartbeat', max(least(beat_at, :as_of)), null::timestamptz from (
        select started_at, beat_at from metrics.heartbeat where service = :service
        union all
        select started_at, beat_at from rollup.lifetime where service = :service) as lives
    where started_at <= :as_of
    having count(*) > 0"""

_EXPERIMENTS = """
    arms as (
        (select experiment, variant from metrics.{table}
         where service = :service order by experiment, variant limit 1)
        union all
        select next.experiment, next.variant from arms cross join lateral (
            select experiment, variant from metrics.{table}
            where service = :service
                and (experiment, variant) > (arms.experiment, arms.variant)
            order by experiment, variant limit 1) as next)"""
_EXPERIMENT_DAY = f"""
    select * from (
        with recursive {_EXPERIMENTS.format(table="experiment_bucket_day")}
        select 'experiment_bucket_day', newest.day::timestamptz, newest.written_at
        from arms cross join lateral (
            select day, written_at from metrics.experiment_bucket_day
            where service = :service and experiment = arms.experiment and variant = arms.variant
                and dimension = 'all' and value = 'all' and day <= :as_of
            order by day desc limit 1) as newest
        order by newest.day desc, newest.written_at desc limit 1) as of_all"""
_EXPERIMENT_BEFORE = f"""
    select * from (
        with recursive {_EXPERIMENTS.format(table="experiment_bucket_before")}
        select 'experiment_bucket_before', newest.written_at, newest.written_at as written
        from arms cross join lateral (
            select max(written_at) as written_at from metrics.experiment_bucket_before
            where service = :service and experiment = arms.experiment and variant = arms.variant
                and written_at <= :as_of) as newest
        where newest.written_at is not null
        order by newest.written_at desc limit 1) as of_all"""

#: Each table of the contract, in its order: what its rows cover, and how its newest is found.
_TABLES: Mapping[str, tuple[timedelta, str]] = {
    "serving_minute": (MINUTE, _SERVING),
    "heartbeat": (_EVENT, _HEARTBEAT),
    "score_hour": (HOUR, _by_time("score_hour", "hour")),
    "labelled_letter": (_EVENT, _by_time("labelled_letter", "labelled_at")),
    "false_report": (_EVENT, _by_time("false_report", "reported_at")),
    "experiment_bucket_day": (DAY, _EXPERIMENT_DAY),
    "experiment_bucket_before": (_EVENT, _EXPERIMENT_BEFORE),
    "product_day": (DAY, _by_time("product_day", "day")),
    "deployment": (_EVENT, _few("deployment", "deployed_at")),
    "shadow_hour": (HOUR, _by_time("shadow_hour", "hour")),
    "training_run": (_EVENT, _few("training_run", _TRAINING)),
}
# A distributed table takes no recursive statement, so that the experiments' tables go apart.
_LOOSELY = ("experiment_bucket_day", "experiment_bucket_before")
_FRESHNESS = tuple(
    text(
        " union all ".join(
            f"({query})" for table, (_, query) in _TABLES.items() if (table in _LOOSELY) is loosely
        )
    )
    for loosely in (False, True)
)


def freshness(connection: Connection, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
    """Every metric table, in the contract's order; rows of after as-of are left out.

    The newest label is the one that came last (labelled_at), the newest training run the one that
    began or finished last.
    """
    of_experiments = {"service": service, "as_of": as_of}
    asked = {**of_experiments, "minute": floor_to(as_of, MINUTE)}
    found = {
        table: (newest, written_at)
        for question, needed in zip(_FRESHNESS, (asked, of_experiments), strict=True)
        for table, newest, written_at in connection.execute(question, needed)
    }
    return tuple(
        TableFreshness(table, *found.get(table, (None, None)), step)
        for table, (step, _) in _TABLES.items()
    )
