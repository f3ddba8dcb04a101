"""The lives of running components: a heartbeat that outlives its row's overwriting."""

from datetime import datetime

from sqlalchemy import Engine, text

# A restart is a new started_at and so a new life; the old one keeps its last beat. Without it
# nobody would know that rows were expected between a crash and the restart, or before it.
_COPY = """
    insert into rollup.lifetime as life
        (service, component, datacenter, instance, started_at, beat_at, stopped_at)
    select service, component, datacenter, instance, started_at, beat_at, stopped_at
    from metrics.heartbeat where beat_at >= :since
    on conflict (service, component, instance, started_at) do update
    set datacenter = excluded.datacenter, beat_at = excluded.beat_at,
        stopped_at = excluded.stopped_at
    where (life.datacenter, life.beat_at, life.stopped_at)
        is distinct from (excluded.datacenter, excluded.beat_at, excluded.stopped_at)
"""


def copy(engine: Engine, since: datetime) -> int:
    """Copy the heartbeats with a beat since a time into rollup.lifetime.

    Returns:
        The number of lives that began or went on.
    """
    with engine.begin() as connection:
        return connection.execute(text(_COPY), {"since": since}).rowcount
