"""What Greenlight knows about itself, from one look at the store."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from core.ports.health import OpenEpisodes, Outbox, OwnState, ServiceState, Tick
from core.reliability.coverage import data_through
from core.timeframe import MINUTE, floor_to
from db.readers.instances import last_minutes, lifetimes
from db.readers.overview import SqlOverviewReader
from db.readers.snapshot import Source, snapshot

#: How far back deliveries and rows are counted.
LAST_DAY = timedelta(days=1)
_REVISION = text("select version_num from alembic_version")
_TICK = text("""
    select leader, ticked_at, seconds, hours_rolled, error from rollup.worker""")
_FAILED_HOURS = text("select count(*) from rollup.hour_state where error <> ''")
_EVALUATION = text("""
    select at, rules, unknown from team.alert_evaluation
    where service = :service and at <= :as_of order by at desc limit 1""")
_ROLLED = text("""
    select coalesce(sum(source_rows), 0)::bigint from rollup.hour_state
    where service = :service and hour > :since""")
_EPISODES = text("""
    select service, severity, state, count(*) from team.alert_episode
    where state <> 'resolved' and not drill
    group by service, severity, state
    order by service collate "C", severity collate "C", state collate "C" """)
_OUTBOX = text("""
    select count(*) filter (where status = 'waiting'),
        count(*) filter (where status = 'held' and next_attempt_at is not null),
        count(*) filter (where status = 'failed' and created_at > :since),
        count(*) filter (where status = 'sent' and sent_at > :since),
        min(next_attempt_at) filter (where status = 'waiting' and next_attempt_at <= :as_of),
        min(first_attempt_at) filter (where status = 'waiting')
    from team.notification
    where status in ('waiting', 'held') and next_attempt_at is not null
        or created_at > :looked_since""")
#: A notification is tried for a day, and may have been held before: older ones are not looked at.
_OUTBOX_OVER = timedelta(days=8)
# A partitioned table has no size of its own: its partitions are tables of the schema too.
_SIZES = text("""
    select relnamespace::regnamespace::text, sum(pg_total_relation_size(oid))::bigint
    from pg_class
    where relkind = 'r'
        and relnamespace in
            ('metrics'::regnamespace, 'rollup'::regnamespace, 'team'::regnamespace)
    group by relnamespace""")
_DATABASE = text("select pg_database_size(current_database())")


class SqlHealthReader:
    """Fulfils `core.ports.health.HealthReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP` or `Role.WORKER`, or from a snapshot's connection."""
        self._source = source

    def own_state(self, as_of: datetime) -> OwnState:
        """Everything, as of a moment; sizes are those of now."""
        with snapshot(self._source) as connection:
            return OwnState(
                revision=str(connection.execute(_REVISION).scalar_one()),
                tick=Tick(*connection.execute(_TICK).one()),
                failed_hours=int(connection.execute(_FAILED_HOURS).scalar_one()),
                services=tuple(
                    _service(connection, service, as_of)
                    for service in SqlOverviewReader(connection).services()
                ),
                episodes=tuple(OpenEpisodes(*row) for row in connection.execute(_EPISODES)),
                outbox=_outbox(connection, as_of),
                bytes_by_schema={str(name): int(size) for name, size in connection.execute(_SIZES)},
                database_bytes=int(connection.execute(_DATABASE).scalar_one()),
            )


def _service(connection: Connection, service: str, as_of: datetime) -> ServiceState:
    lives = lifetimes(connection, service)
    last = last_minutes(connection, service, floor_to(as_of, MINUTE))
    asked = {"service": service, "as_of": as_of}
    evaluated = connection.execute(_EVALUATION, asked).one_or_none()
    at, rules, unknown = evaluated if evaluated is not None else (None, 0, 0)
    through = data_through(lives, last, floor_to(as_of, MINUTE))
    day = {"service": service, "since": as_of - LAST_DAY}
    rolled = int(connection.execute(_ROLLED, day).scalar_one())
    return ServiceState(service, bool(lives or last), through, at, rules, unknown, rolled)


def _outbox(connection: Connection, as_of: datetime) -> Outbox:
    asked = {
        "as_of": as_of,
        "since": as_of - LAST_DAY,
        "looked_since": as_of - _OUTBOX_OVER,
    }
    return Outbox(*connection.execute(_OUTBOX, asked).one())
