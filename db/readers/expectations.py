"""Which rows of instances should be there, told by their heartbeats, in SQL.

Both queries take :service, :start and :as_of. A life lasts from its start to its orderly stop or
its last beat; a restart overwrites metrics.heartbeat, and the worker keeps the earlier lives.
"""

_LIVES = """
    with told as (
        select datacenter, instance, started_at, beat_at, stopped_at from metrics.heartbeat
        where service = :service and component = 'inference'
        union all
        select datacenter, instance, started_at, beat_at, stopped_at from rollup.lifetime
        where service = :service and component = 'inference'),
    lives as (
        select instance, max(datacenter) as datacenter, started_at,
            least(max(beat_at), :as_of) as beat_at, max(stopped_at) as stopped_at
        from told where started_at < :as_of group by instance, started_at),
    written as materialized (
        select distinct instance, minute from metrics.serving_minute
        where service = :service and minute >= :start and minute < :as_of),
    newest as (
        select instance, max(minute) + interval '1 minute' as silent_from
        from written group by instance)"""

#: Instances whose heart beats and that write nothing: (datacenter, instance, beat_at, since). Of
#: those that wrote nothing since :start, silence is counted from there at most.
SILENT = f"""{_LIVES}
    select datacenter, instance, beat_at, since
    from (select distinct on (instance) * from lives order by instance, started_at desc) as living
    left join newest using (instance)
    cross join lateral (
        select greatest(started_at, coalesce(silent_from, :start)) as since) as quiet
    where (stopped_at is null or stopped_at > :as_of) and beat_at - since > :silence"""

#: Minutes that should be there and those that are, by instance, as a table `counted` (instance,
#: expected, present, missing), missing being the first hole. What an instance did not write after
#: its newest row is silence, not a hole; minutes of a start, of a stop and of the last :grace are
#: not expected.
MINUTES = f"""{_LIVES},
    spans as (
        select instance, first, until
        from lives join newest using (instance)
        cross join lateral (select
            greatest(:start, date_trunc(
                'minute', started_at + interval '59.999999 seconds', 'UTC')) as first,
            date_trunc('minute', least(
                coalesce(stopped_at, beat_at), :as_of - :grace, silent_from), 'UTC') as until
            ) as bounds
        where first < until),
    due as (
        select instance, sum(extract(epoch from until - first) / 60)::bigint as expected
        from spans group by instance),
    kept as (
        select instance, count(*) as present from written join spans using (instance)
        where minute >= first and minute < until group by instance),
    steps as (
        select instance, minute, lag(minute) over (partition by instance order by minute)
            + interval '1 minute' as due
        from written),
    holes as (
        select instance, min(hole) as missing
        from steps join spans using (instance)
        cross join lateral (select greatest(steps.due, first) as hole) as begun
        where hole < least(minute, until)
        group by instance),
    counted as (
        select instance, expected, coalesce(present, 0) as present, missing
        from due left join kept using (instance) left join holes using (instance))"""
