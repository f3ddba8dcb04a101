"""Who should be writing and who last did: the lives of instances and their newest minutes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from core.ports import Lifetime
from core.timeframe import HOUR, floor_to
from db.readers.spans import minutes_of_instances_kept

# A restart overwrites the heartbeat, and the worker keeps the earlier lives; the one that runs now
# may have beaten since the worker last looked.
_LIFETIMES = text("""
    select distinct on (started_at, instance collate "C")
        component, datacenter, instance, started_at, beat_at, stopped_at
    from (
        select component, datacenter, instance, started_at, beat_at, stopped_at, 1 as live
        from metrics.heartbeat
        where service = :service and component = 'inference'
        union all
        select component, datacenter, instance, started_at, beat_at, stopped_at, 0
        from rollup.lifetime
        where service = :service and component = 'inference') as told
    order by started_at, instance collate "C", beat_at desc, live desc""")

# By a loose scan of the index (service, datacenter, instance, hour): an instance costs two
# look-ups, however many hours it has.
_LAST_OF_EARLIER_HOURS = text("""
    with recursive known as (
        (select datacenter, instance from rollup.instance_hour
         where service = :service
         order by datacenter, instance limit 1)
        union all
        select next.datacenter, next.instance
        from known cross join lateral (
            select datacenter, instance from rollup.instance_hour
            where service = :service
                and (datacenter, instance) > (known.datacenter, known.instance)
            order by datacenter, instance limit 1) as next)
    select known.datacenter, known.instance, max(row.last_minute)
    from known
    cross join lateral (
        select hour from rollup.instance_hour
        where service = :service and datacenter = known.datacenter
            and instance = known.instance and hour < :hour
        order by hour desc limit 1) as newest
    join rollup.instance_hour as row
        on row.service = :service and row.datacenter = known.datacenter
            and row.instance = known.instance and row.hour = newest.hour
    group by known.datacenter, known.instance""")

_LAST_FROM_INSTANCE_MINUTES = text("""
    select datacenter, instance, max(minute)
    from metrics.serving_minute
    join (select minute, datacenter, model_version from rollup.serving_minute
          where service = :service and minute >= :hour and minute < :before) as rolled
        using (minute, datacenter, model_version)
    where service = :service and minute >= :hour and minute < :before
    group by datacenter, instance""")
# What the hour still tells: the instance's last minute, or, where that came later, the newest
# minute of its datacenter and version.
_LAST_FROM_HOUR = text("""
    select i.datacenter, i.instance, max(
        case when i.last_minute < :before then i.last_minute
        else (select m.minute from rollup.serving_minute as m
              where m.service = :service and m.minute >= :hour and m.minute < :before
                  and m.datacenter = i.datacenter and m.model_version = i.model_version
              order by m.minute desc limit 1)
        end) as last_minute
    from rollup.instance_hour as i
    where i.service = :service and i.hour = :hour
    group by i.datacenter, i.instance""")


def lifetimes(connection: Connection, service: str) -> tuple[Lifetime, ...]:
    """Every known life of a service's 'inference' components, by start."""
    return tuple(Lifetime(*row) for row in connection.execute(_LIFETIMES, {"service": service}))


def last_minutes(
    connection: Connection, service: str, before: datetime
) -> dict[tuple[str, str], datetime]:
    """The newest minute before a moment of each (datacenter, instance) that wrote in 90 days.

    Exact as long as the instance rows of the hour that the moment lies in are kept. After that, an
    instance that wrote later in this hour counts up to the newest minute of its datacenter and
    version.
    """
    hour = floor_to(before, HOUR)
    asked = {"service": service, "hour": hour, "before": before}
    rows = list(connection.execute(_LAST_OF_EARLIER_HOURS, asked))
    if hour < before:
        exact = minutes_of_instances_kept(connection, service, hour)
        rows += connection.execute(_LAST_FROM_INSTANCE_MINUTES if exact else _LAST_FROM_HOUR, asked)
    return {(datacenter, instance): minute for datacenter, instance, minute in rows if minute}
