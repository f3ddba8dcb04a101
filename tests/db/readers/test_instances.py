"""Who should be writing, and who last did."""

from datetime import datetime

import pytest

from db.engine import Role, Store
from db.readers.reliability import SqlReliabilityReader
from tests.db.readers.conftest import Filled
from tests.db.readers.serving import BEGIN, HOUR, MINUTE, Row, execute, row, tick, write


def newest(rows: list[Row], before: datetime) -> dict[tuple[str, str], datetime]:
    found: dict[tuple[str, str], datetime] = {}
    for one in rows:
        if one.minute < before:
            key = (one.datacenter, one.instance)
            found[key] = max(found.get(key, one.minute), one.minute)
    return found


@pytest.mark.parametrize(
    "minutes", [-60, 0, 1, 7, 59, 60, 61, 95, 150, 180, 215, 240, 299, 300, 5000]
)
def test_last_minutes_are_exact_at_any_moment(filled: Filled, minutes: int):
    before = BEGIN + minutes * MINUTE
    assert filled.reader.last_minutes("mail", before) == newest(filled.rows, before)


def test_an_instance_that_fell_silent_keeps_its_last_minute(
    store: Store, reader: SqlReliabilityReader
):
    rows = [row(BEGIN + 5 * MINUTE, instance="gone")]
    rows += [row(BEGIN + i * MINUTE, instance="here") for i in range(600)]
    write(store, rows)
    tick(store)
    found = reader.last_minutes("mail", BEGIN + 601 * MINUTE)
    assert found["dc-a", "gone"] == BEGIN + 5 * MINUTE
    assert found["dc-a", "here"] == BEGIN + 599 * MINUTE


def test_without_instance_rows_a_minute_is_capped_by_its_datacenter_and_version(
    store: Store, reader: SqlReliabilityReader
):
    rows = [row(BEGIN + i * MINUTE, instance="i1") for i in range(60) if i not in (28, 29)]
    rows += [row(BEGIN + i * MINUTE, instance="i2") for i in range(10)]
    rows += [row(BEGIN + i * MINUTE, instance="i3", datacenter="dc-b") for i in range(40, 60)]
    write(store, rows)
    tick(store)
    execute(store.engine(Role.OWNER), "delete from metrics.serving_minute")
    assert reader.last_minutes("mail", BEGIN + 30 * MINUTE) == {
        ("dc-a", "i1"): BEGIN + 27 * MINUTE,
        ("dc-a", "i2"): BEGIN + 9 * MINUTE,
    }
    assert reader.last_minutes("mail", BEGIN + HOUR) == newest(rows, BEGIN + HOUR)


def beat(store: Store, role: Role, table: str, **values: object) -> None:
    told: dict[str, object] = {
        "service": "mail",
        "component": "inference",
        "datacenter": "dc-a",
        "instance": "i1",
        "started_at": BEGIN,
        "beat_at": BEGIN,
        "stopped_at": None,
    }
    told |= values
    names = ", ".join(told)
    parameters = ", ".join(f":{name}" for name in told)
    execute(store.engine(role), f"insert into {table} ({names}) values ({parameters})", **told)


def test_lives_are_those_that_the_worker_kept_and_those_that_beat_now(
    store: Store, reader: SqlReliabilityReader
):
    beat(store, Role.WORKER, "rollup.lifetime", beat_at=BEGIN + HOUR)
    beat(
        store,
        Role.WORKER,
        "rollup.lifetime",
        started_at=BEGIN + 2 * HOUR,
        beat_at=BEGIN + 3 * HOUR,
    )
    beat(store, Role.WORKER, "rollup.lifetime", component="labelling", instance="l1")
    beat(
        store,
        Role.SERVING,
        "metrics.heartbeat",
        started_at=BEGIN + 2 * HOUR,
        beat_at=BEGIN + 4 * HOUR,
        stopped_at=BEGIN + 4 * HOUR,
    )
    beat(store, Role.SERVING, "metrics.heartbeat", instance="и2", started_at=BEGIN + 5 * HOUR)
    beat(store, Role.SERVING, "metrics.heartbeat", service="other")
    lives = reader.lifetimes("mail")
    assert [(life.instance, life.started_at) for life in lives] == [
        ("i1", BEGIN),
        ("i1", BEGIN + 2 * HOUR),
        ("и2", BEGIN + 5 * HOUR),
    ]
    assert (lives[0].beat_at, lives[0].stopped_at) == (BEGIN + HOUR, None)
    assert (lives[1].beat_at, lives[1].stopped_at) == (BEGIN + 4 * HOUR, BEGIN + 4 * HOUR)
    assert {life.component for life in lives} == {"inference"}


@pytest.mark.parametrize(("live_stop", "expected"), [(BEGIN + HOUR, BEGIN + HOUR), (None, None)])
def test_of_two_tellings_with_the_same_beat_the_live_one_counts(
    store: Store,
    reader: SqlReliabilityReader,
    live_stop: datetime | None,
    expected: datetime | None,
):
    beat(store, Role.WORKER, "rollup.lifetime", stopped_at=None if live_stop else BEGIN + HOUR)
    beat(store, Role.SERVING, "metrics.heartbeat", stopped_at=live_stop)
    (life,) = reader.lifetimes("mail")
    assert life.stopped_at == expected


def test_what_the_worker_knows_newer_than_a_restored_heartbeat_counts(
    store: Store, reader: SqlReliabilityReader
):
    beat(store, Role.WORKER, "rollup.lifetime", beat_at=BEGIN + HOUR, stopped_at=BEGIN + HOUR)
    beat(store, Role.SERVING, "metrics.heartbeat", beat_at=BEGIN)
    (life,) = reader.lifetimes("mail")
    assert (life.beat_at, life.stopped_at) == (BEGIN + HOUR, BEGIN + HOUR)
