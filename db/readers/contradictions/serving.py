"""Serving rows and heartbeats that break a rule."""

from db.readers import expectations
from db.readers.contradictions.question import Question

_LATEST_ROWS = 'minute desc, datacenter collate "C", instance collate "C"'
_OF_SERVING = "where service = :service and minute >= :start and minute < :as_of"

SERVING = {
    "latency_cells": Question(
        f"""
        select minute, datacenter, instance, model_version, letters - errors as answered, cells
        from metrics.serving_minute
        cross join lateral (select sum(cell) as cells from unnest(latency) as cell) as summed
        {_OF_SERVING} and cells <> letters - errors""",
        _LATEST_ROWS,
    ),
    "slow_cells": Question(
        f"""
        select minute, datacenter, instance, model_version, slow, above
        from metrics.serving_minute
        cross join lateral (
            select sum(cell) as above from unnest(latency[82:162]) as cell) as summed
        {_OF_SERVING} and above <> slow""",
        _LATEST_ROWS,
    ),
    "instance_without_heartbeat": Question(
        f"""
        select datacenter, instance, count(*) as rows, max(minute) as newest
        from metrics.serving_minute as written
        {_OF_SERVING} and not exists (
            select from metrics.heartbeat as beating
            where beating.service = :service and component = 'inference'
                and beating.instance = written.instance)
        group by datacenter, instance""",
        'newest desc, datacenter collate "C", instance collate "C"',
    ),
    "heartbeat_elsewhere": Question(
        f"""
        select instance, beating.datacenter as beats_in,
            string_agg(distinct written.datacenter, ', ') as writes_in
        from (select distinct datacenter, instance from metrics.serving_minute {_OF_SERVING})
            as written
        join metrics.heartbeat as beating using (instance)
        where beating.service = :service and component = 'inference'
        group by instance, beating.datacenter
        having not bool_or(written.datacenter = beating.datacenter)""",
        'instance collate "C"',
    ),
    "heartbeat_without_rows": Question(expectations.SILENT, 'since, instance collate "C"'),
    "missing_rows": Question(
        f"{expectations.MINUTES} select * from counted where present < expected",
        'expected - present desc, instance collate "C"',
    ),
    # Rows are counted from the index; only from the first hour to the last
    # that do not agree is written_at read.
    "not_rolled_up": Question(
        f"""
        with found as (
            select date_trunc('hour', minute, 'UTC') as hour, count(*) as rows
            from metrics.serving_minute {_OF_SERVING} group by 1),
        differing as materialized (
            select found.hour, coalesce(source_rows, 0) as source_rows
            from found left join rollup.hour_state as rolled
                on rolled.service = :service and rolled.hour = found.hour
            where found.rows <> coalesce(source_rows, 0)
                and final is not true and coalesce(error, '') = ''),
        older as (
            select date_trunc('hour', minute, 'UTC') as hour, count(*) as rows
            from metrics.serving_minute
            where service = :service and minute >= (select min(hour) from differing)
                and minute < (select max(hour) + interval '1 hour' from differing)
                and written_at < now() - :patience
            group by 1)
        select hour, older.rows - source_rows as waiting
        from differing join older using (hour) where older.rows > source_rows""",
        "hour desc",
    ),
    "refused_hour": Question(
        """
        select hour, error from rollup.hour_state
        where service = :service and hour >= :start and hour < :as_of and error <> ''""",
        "hour desc",
    ),
    # The fingerprint agrees, so the worker sees nothing to do, and yet the numbers differ.
    "unseen_correction": Question(
        """
        select found.hour, letters, errors, slow, counted_letters, counted_errors, counted_slow
        from (
            select date_trunc('hour', minute, 'UTC') as hour, count(*) as rows,
                sum(rollup.written_microseconds(written_at)) as fingerprint,
                sum(letters)::bigint as letters, sum(errors)::bigint as errors,
                sum(slow)::bigint as slow
            from metrics.serving_minute
            where service = :service and minute >= date_trunc('hour', :start, 'UTC')
                and minute < date_trunc('hour', :as_of, 'UTC') + interval '1 hour'
            group by 1) as found
        join rollup.hour_state as rolled on rolled.service = :service and rolled.hour = found.hour
            and rolled.source_rows = rows and rolled.fingerprint = found.fingerprint
        cross join lateral (
            select coalesce(sum(letters), 0)::bigint as counted_letters,
                coalesce(sum(errors), 0)::bigint as counted_errors,
                coalesce(sum(slow), 0)::bigint as counted_slow
            from rollup.serving_hour where service = :service and hour = found.hour) as counted
        where rolled.error = '' and (letters, errors, slow)
            <> (counted_letters, counted_errors, counted_slow)""",
        "hour desc",
    ),
    "too_late": Question(
        f"""
        select found.hour, rows from (
            select date_trunc('hour', minute, 'UTC') as hour, count(*) as rows
            from metrics.serving_minute_default {_OF_SERVING} group by 1) as found
        join rollup.hour_state as rolled on rolled.service = :service and rolled.hour = found.hour
        where rolled.final""",
        "hour desc",
    ),
    "similar_names": Question(
        """
        select field,
            string_agg(quote_literal(name), ', ' order by name collate "C") as names
        from (
            select distinct field, name from rollup.instance_hour
            cross join lateral (values ('datacenter', datacenter), ('instance', instance),
                ('model_version', model_version)) as named (field, name)
            where service = :service and hour >= :start and hour < :as_of) as found
        group by field, lower(regexp_replace(name, '[[:space:]\u00a0]', '', 'g'))
        having count(*) > 1""",
        'field, names collate "C"',
    ),
}


def _ahead(table: str, time: str, bounds: str) -> str:
    # A minute of grace: the snapshot may be a moment younger than now(), when its transaction
    # began.
    return f"""
        select '{table}' as "table", {time}::timestamptz as time, written_at from metrics.{table}
        where service = :service and {bounds} and written_at > now() + interval '1 minute'"""


SERVING["written_ahead"] = Question(
    " union all ".join(
        _ahead(table, time, f"{time} >= {start} and {time} < :as_of")
        for table, time, start in (
            ("serving_minute", "minute", ":start"),
            ("score_hour", "hour", ":start"),
            ("labelled_letter", "labelled_at", ":start"),
            ("false_report", "reported_at", ":start"),
            ("product_day", "day", "cast(:start as timestamptz) - interval '7 days'"),
            ("shadow_hour", "hour", ":start"),
            ("deployment", "deployed_at", "'-infinity'"),
            ("training_run", "started_at", "'-infinity'"),
        )
    ),
    'written_at desc, "table" collate "C", time desc',
)
