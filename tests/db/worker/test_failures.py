"""What a worker outlives, and how it tells of it."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text

from db import schema
from db.engine import Role, Store
from db.leadership import own_name
from db.worker import LONGEST_WAIT_SECONDS, Worker
from tests.conftest import administer, open_store
from tests.db.serving_rows import HOUR, MINUTE, Row, expected, floor_hour, store_time, stored, write
from tests.db.worker.clocks import Clock, Pauses, recorded, until


def test_a_hook_that_fails_is_recorded_and_the_next_one_runs(
    store: Store, reader: Engine, serving: Engine, hour: datetime, clock: Clock
) -> None:
    called: list[datetime] = []

    def fails(_as_of: datetime) -> None:
        raise ValueError("no goal is called that")

    def asks_badly(_as_of: datetime) -> None:
        with reader.connect() as connection:
            connection.execute(text("select 1 / 0"))

    def cannot_connect(_as_of: datetime) -> None:
        with Store("postgresql://nobody@localhost:1/none", Path("unused")) as away:
            away.engine(Role.APP).connect()

    worker = Worker(store, now=clock, hooks=[fails, asks_badly, cannot_connect, called.append])
    write(serving, Row("s", hour))
    tick = worker.tick()
    assert called == [tick.as_of]
    assert [sentence.split("<locals>.")[-1].split(":")[0] for sentence in tick.errors] == [
        "fails failed",
        "asks_badly failed",
        "cannot_connect failed",
    ]
    assert "no goal is called that." in tick.errors[0]
    assert "division by zero." in tick.errors[1]
    assert recorded(reader)["error"] == " ".join(tick.errors)
    assert stored(reader) == expected([Row("s", hour)])
    worker.close()


def test_hours_that_cannot_be_rolled_up_are_told_at_every_tick_until_they_are_corrected(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    bad = [Row("bad", hour, instance=name, cells=((40, 2**31 - 1),)) for name in ("i1", "i2")]
    good = Row("good", hour)
    write(serving, *bad, good)
    for _ in range(2):
        tick = worker.tick()
        assert len(tick.errors) == 1
        assert tick.errors[0].startswith("Service 'bad', hour")
        assert recorded(reader)["error"] == tick.errors[0]
    assert stored(reader) == expected([good])
    write(serving, bad[0].with_cells((41, 5)))
    assert worker.tick().errors == ()
    assert recorded(reader)["error"] == ""


def test_a_transaction_in_the_way_of_a_new_day_does_not_stop_the_rollup_and_is_told_if_it_stays(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    rows = [Row("s", hour), Row("s", hour + MINUTE)]
    write(serving, rows[0])
    with serving.connect() as connection:
        write(connection, rows[1])
        assert worker.tick().errors == (), "most of this goes by itself"
        assert stored(reader) == expected(rows[:1])
        clock.moment += 3 * MINUTE
        (sentence,) = worker.tick().errors
        assert "could not be made yet" in sentence
        assert recorded(reader)["error"] == sentence
        connection.commit()
    clock.moment += 2 * MINUTE
    assert worker.tick().errors == ()
    assert stored(reader) == expected(rows)


def test_an_absent_store_is_waited_for_longer_and_longer(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = Pauses(stop_after=8)
    with Store("postgresql://nobody@localhost:1/none", Path("unused")) as away:
        Worker(away, now=clock).run(pauses)
    assert (
        pauses.seconds
        == [1, 2, 4, 8, 16, 30, 30, 30]
        == [min(2.0**attempt, LONGEST_WAIT_SECONDS) for attempt in range(8)]
    )
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 8
    assert lines[0].startswith("The store does not answer (")
    assert lines[0].endswith("Next attempt in 1 s.")
    assert lines[7].endswith("Next attempt in 30 s.")


def test_a_worker_started_before_the_migration_waits_for_it(
    empty_database: URL, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    class MigratedAtThirdPause(Pauses):
        def wait(self, timeout: float | None = None) -> bool:
            if len(self.seconds) == 2:
                schema.migrate(store.engine(Role.OWNER))
            return super().wait(timeout)

    with open_store(empty_database) as store:
        pauses = MigratedAtThirdPause(stop_after=4)
        Worker(store, now=clock, tick_seconds=7).run(pauses)
        assert pauses.seconds == [1, 2, 4, 7]
        assert recorded(store.engine(Role.APP))["leader"] == own_name()
    assert "has no schema yet" in caplog.text
    assert "Run: python cli.py migrate" in caplog.text


def test_the_worker_goes_on_when_the_store_comes_back(
    store: Store, database: URL, server_url: URL, serving: Engine, reader: Engine
) -> None:
    hour = floor_hour(store_time(reader)) - 3 * HOUR
    stop, worker = Pauses(), Worker(store, now=lambda: datetime.now(UTC), tick_seconds=1)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        write(serving, Row("s", hour))
        until(lambda: stored(reader) == expected([Row("s", hour)]), "the first rollup")
        for engine in (serving, reader):
            engine.dispose()
        administer(server_url, f'alter database "{database.database}" allow_connections false')
        administer(
            server_url,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            f"where datname = '{database.database}'",
        )
        tried = len(stop.seconds)
        until(lambda: len(stop.seconds) > tried + 2, "attempts while the store is away")
        assert thread.is_alive()
        administer(server_url, f'alter database "{database.database}" allow_connections true')
        late = Row("s", hour + MINUTE)
        write(serving, late)
        until(lambda: stored(reader) == expected([Row("s", hour), late]), "the rollup afterwards")
    finally:
        administer(server_url, f'alter database "{database.database}" allow_connections true')
        stop.set()
        thread.join()
