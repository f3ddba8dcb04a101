"""What Greenlight knows about itself, from a real store."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core.health import State
from core.ports.health import OpenEpisodes
from db import schema
from db.engine import Role, Store
from db.metrics_export import look
from db.readers.health import SqlHealthReader
from db.worker import Worker

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def write(store: Store, statement: str, role: Role = Role.OWNER, **values: object) -> None:
    with store.engine(role).begin() as connection:
        connection.execute(text(statement), values)


def serve(store: Store, now: datetime) -> None:
    minute = now.replace(second=0, microsecond=0) - MINUTE
    write(
        store,
        "insert into metrics.heartbeat values ('mail', 'inference', 'i', 'dc', :start, :now)",
        start=minute - 10 * MINUTE,
        now=now,
    )
    write(
        store,
        "insert into metrics.serving_minute select 'mail', at, 'dc', 'i', 'v', 5, 0, 0, "
        "array_fill(0, array[161]) || 5 from generate_series(cast(:first as timestamptz), "
        "cast(:last as timestamptz), '1 minute') as at",
        first=minute - 4 * MINUTE,
        last=minute,
    )


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
def test_a_new_store_has_a_revision_and_no_tick(store: Store, now: datetime, role: Role):
    own = SqlHealthReader(store.engine(role)).own_state(now)

    assert own.revision == schema.head()
    assert own.tick.at is None
    assert own.services == ()
    assert set(own.bytes_by_schema) == {"metrics", "rollup", "team"}
    assert 0 < sum(own.bytes_by_schema.values()) < own.database_bytes


def test_a_tick_shows_in_every_number(store: Store, now: datetime):
    serve(store, now)
    worker = Worker(store, now=lambda: now)
    worker.tick()
    worker.close()

    own = SqlHealthReader(store.engine(Role.APP)).own_state(now)

    assert own.tick.at == now
    assert own.tick.hours_rolled > 0
    (service,) = own.services
    assert service.rows_rolled == 5
    assert service.data_through == now.replace(second=0, microsecond=0) - MINUTE
    assert service.rules > 0
    assert look(store.engine(Role.APP), now).state is State.OK


def test_open_episodes_are_counted_and_drills_are_not(store: Store, now: datetime):
    insert = (
        "insert into team.alert_episode (service, rule_id, fingerprint, labels, severity, state, "
        "sentence, began_at, fired_at, resolved_at, changed_at, seen_at, drill) values ('mail', "
        ":rule, :rule, '{}', 'page', :state, 's', :now, :now, :resolved, :now, :now, :drill)"
    )
    for rule, state, drill in (
        ("a", "firing", False),
        ("b", "firing", False),
        ("c", "firing", True),
        ("d", "resolved", False),
    ):
        resolved = now if state == "resolved" else None
        write(store, insert, rule=rule, state=state, drill=drill, resolved=resolved, now=now)

    own = SqlHealthReader(store.engine(Role.APP)).own_state(now)

    assert own.episodes == (OpenEpisodes("mail", "page", "firing", 2),)


def test_the_outbox_tells_since_when_the_oldest_is_due(store: Store, now: datetime):
    insert = (
        "insert into team.notification (idempotency_key, service, channel_id, event, title, body, "
        "status, created_at, next_attempt_at, sent_at, first_attempt_at) values (:key, 'mail', "
        "'c', 'test', 't', 'b', :status, :at, :next, :sent, :first)"
    )
    hour = timedelta(hours=1)
    rows = (
        ("due", "waiting", now - hour, now - 20 * MINUTE, None, None),
        ("tried", "waiting", now - hour, now + MINUTE, None, now - 30 * MINUTE),
        ("sent", "sent", now - hour, None, now - hour, now - hour),
        ("given up", "failed", now - hour, None, None, now - hour),
        ("long gone", "failed", now - 30 * hour, None, None, now - 30 * hour),
        ("held", "held", now - hour, now + hour, None, None),
    )
    for key, status, at, due, sent, first in rows:
        write(store, insert, key=key, status=status, at=at, next=due, sent=sent, first=first)

    outbox = SqlHealthReader(store.engine(Role.APP)).own_state(now).outbox

    assert (outbox.waiting, outbox.held, outbox.failed, outbox.sent) == (2, 1, 1, 1)
    assert outbox.oldest_due == now - 20 * MINUTE
    assert outbox.oldest_tried == now - 30 * MINUTE
