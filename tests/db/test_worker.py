"""The worker: what a tick does, who leads, and what it outlives. Real processes, real kill -9."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text

from core.text.anonymise import Anonymised
from db import partitions, schema
from db.engine import Role, Store
from db.leadership import own_name
from db.partitions import DAYS_AHEAD, Retention
from db.team import report_intake
from db.team.report_intake.intake import BATCH_ROWS
from db.worker import LONGEST_WAIT_SECONDS, Tick, Worker
from tests.conftest import administer, open_store
from tests.core.text.spoken import about
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    floor_hour,
    letters_by_hour,
    store_time,
    stored,
    versions,
    write,
)

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


@pytest.fixture
def reader(store: Store) -> Engine:
    return store.engine(Role.APP)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def hour(reader: Engine) -> datetime:
    return floor_hour(store_time(reader)) - 3 * HOUR


class Clock:
    """A clock that moves by a step at each look."""

    def __init__(self, start: datetime, step: timedelta = timedelta(0)) -> None:
        self.moment, self._step = start, step

    def __call__(self) -> datetime:
        self.moment += self._step
        return self.moment


class Pauses(threading.Event):
    """A stop event that remembers how long it was waited for, and does not wait that long."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._stop_after = stop_after

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        if len(self.seconds) == self._stop_after:
            self.set()
        return super().wait(min(timeout or 0.0, 0.05))


@pytest.fixture
def clock(reader: Engine) -> Clock:
    return Clock(store_time(reader))


@pytest.fixture
def worker(store: Store, clock: Clock) -> Iterator[Worker]:
    made = Worker(store, now=clock, is_steadied=False)  # days go by that the store does not see
    yield made
    made.close()


def _record(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        row = connection.execute(text("select * from rollup.worker")).mappings().one()
    return dict(row)


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


# What a tick does


def test_rows_of_a_service_that_nobody_knows_are_rolled_up_within_one_tick(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    with serving.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.serving_minute (service, minute, datacenter, instance, "
                "model_version, letters, errors, slow, latency) values ('by-hand', :minute, 'x', "
                "'x-1', '0.1', 1000, 3, 7, array_fill(0, array[80]) || 990 || array_fill(0, "
                "array[40]) || 7 || array_fill(0, array[40]))"
            ),
            {"minute": hour},
        )
    tick = worker.tick()
    assert (tick.leads, tick.hours_rolled, tick.pending, tick.errors) == (True, 1, 0, ())
    with reader.connect() as connection:
        found = connection.execute(
            text(
                "select service, letters, errors, slow, first_cell, latency from "
                "rollup.serving_minute"
            )
        ).one()
    assert tuple(found) == ("by-hand", 1000, 3, 7, 81, [990, *[0] * 40, 7])


def test_a_tick_makes_the_days_of_the_retention_window_and_a_week_ahead(
    worker: Worker, reader: Engine, clock: Clock
) -> None:
    worker.tick()
    days = partitions.days(reader)
    assert days[0] == (clock.moment - 14 * DAY).date()
    assert days[-1] == (clock.moment + DAYS_AHEAD * DAY).date()
    assert len(days) == 14 + 1 + DAYS_AHEAD
    clock.moment += DAY
    worker.tick()
    assert partitions.days(reader)[-1] == (clock.moment + DAYS_AHEAD * DAY).date()


def test_a_tick_records_who_did_it_when_and_how_much(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    write(serving, Row("s", hour), Row("s", hour + HOUR))
    worker.tick()
    record = _record(reader)
    assert record["leader"] == own_name()
    assert record["ticked_at"] == clock.moment
    assert record["hours_rolled"] == 2
    assert record["watermark"] is not None
    assert record["deep_checked_at"] == record["watermark"]
    assert record["error"] == ""
    worker.tick()
    assert _record(reader)["hours_rolled"] == 0


def test_an_idle_tick_writes_nothing_but_its_record(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour))
    _beat(serving, started=hour, beat=hour + MINUTE)
    worker.tick()
    before = versions(reader), _lives(reader, "ctid::text, xmin::text")
    worker.tick()
    assert (versions(reader), _lives(reader, "ctid::text, xmin::text")) == before


def test_history_is_dropped_as_soon_as_it_is_rolled_up(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    worker.tick()
    old = hour - 30 * DAY
    partitions.ensure(worker._engine, old.date(), old.date())
    write(serving, Row("s", old))
    clock.moment += MINUTE
    worker.tick()
    assert old.date() not in partitions.days(reader)
    assert stored(reader) == expected([Row("s", old)])


def test_the_retention_that_is_asked_for_is_kept(
    store: Store, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    worker = Worker(store, now=clock, retention=Retention(2 * DAY, 10 * DAY, 10 * DAY))
    write(serving, Row("s", hour - 5 * DAY), Row("s", hour - 11 * DAY))
    worker.tick()
    assert partitions.days(reader)[0] == (clock.moment - 2 * DAY).date()
    found = stored(reader)
    assert [minute for _, minute, *_ in found.minutes] == [hour - 5 * DAY]
    assert len(found.hours) == 2
    worker.close()


def _beat(
    serving: Engine, *, started: datetime, beat: datetime, stopped: datetime | None = None
) -> None:
    with serving.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.heartbeat values ('s', 'inference', 'i1', 'dc1', :started, "
                ":beat, :stopped) on conflict (service, component, instance) do update set "
                "started_at = excluded.started_at, beat_at = excluded.beat_at, "
                "stopped_at = excluded.stopped_at"
            ),
            {"started": started, "beat": beat, "stopped": stopped},
        )


def _lives(reader: Engine, columns: str = "started_at, beat_at, stopped_at") -> list[object]:
    with reader.connect() as connection:
        rows = connection.execute(
            text(f"select {columns} from rollup.lifetime order by started_at")
        )
        return [tuple(row) for row in rows]


def test_a_restart_begins_a_new_life_and_keeps_the_old_one(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    _beat(serving, started=hour, beat=hour + MINUTE)
    worker.tick()
    _beat(serving, started=hour, beat=hour + 2 * MINUTE)
    worker.tick()
    assert _lives(reader) == [(hour, hour + 2 * MINUTE, None)]
    _beat(serving, started=hour + 9 * MINUTE, beat=hour + 10 * MINUTE)
    worker.tick()
    _beat(
        serving,
        started=hour + 9 * MINUTE,
        beat=hour + 11 * MINUTE,
        stopped=hour + 11 * MINUTE,
    )
    worker.tick()
    assert _lives(reader) == [
        (hour, hour + 2 * MINUTE, None),
        (hour + 9 * MINUTE, hour + 11 * MINUTE, hour + 11 * MINUTE),
    ]


def test_a_heartbeat_as_old_as_what_is_forgotten_does_not_come_back(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    _beat(serving, started=hour - 100 * DAY, beat=hour - 91 * DAY)
    worker.tick()
    assert _lives(reader) == []


# Reports of false decisions


def _report(serving: Engine, texts: Sequence[str]) -> None:
    with serving.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.false_report (service, report_id, reported_at, predicted_at, "
                "kind, source, letter_key, reporter_key, model_version, score, threshold, text, "
                "anonymiser) values ('mail', :id, now(), now(), 'false_positive', 'user', :id, '', "
                "'bert-3', 0.9, 0.5, :text, 'theirs 1')"
            ),
            [{"id": f"r{at}", "text": said} for at, said in enumerate(texts)],
        )


def test_a_tick_takes_reports_and_sorts_their_groups_into_topics(
    worker: Worker, serving: Engine, reader: Engine
) -> None:
    letters = [*about("bank", 12, seed=1), *about("school", 12, seed=1)]
    _report(serving, [*letters, letters[0] + " Пишите: ivan.petrov@mail.example"])
    tick = worker.tick()
    assert (tick.reports_taken, tick.reports_pending, tick.errors) == (25, 0, ())
    with reader.connect() as connection:
        last = connection.execute(
            text("select text from team.report_letter where report_id = 'r24'")
        ).scalar_one()
        topics = connection.execute(text("select count(*) from team.report_topic")).scalar_one()
    assert "[EMAIL_1]" in last
    assert topics == 2
    assert worker.tick().reports_taken == 0


def test_reports_that_wait_are_taken_without_a_pause(
    store: Store, serving: Engine, reader: Engine
) -> None:
    """Each look at the clock takes two seconds here, so that a piece is a batch or two."""
    waiting = 3 * BATCH_ROWS
    _report(serving, ["Да"] * waiting)
    clock = Clock(store_time(reader), step=timedelta(seconds=2))
    stop = Pauses()
    seen: list[int] = []

    def watch(_as_of: datetime) -> None:
        with reader.connect() as connection:
            seen.append(
                connection.execute(text("select count(*) from team.report_letter")).scalar_one()
            )
        if seen[-1] == waiting:
            stop.set()

    Worker(store, now=clock, hooks=[watch], is_steadied=False).run(stop)
    assert len(seen) > 1, "one piece: this test shows nothing"
    assert seen == sorted(seen)
    assert set(stop.seconds[:-1]) == {0.0}, "no pause while reports are pending"


def test_a_report_that_cannot_be_anonymised_is_told_at_every_tick(
    worker: Worker, serving: Engine, reader: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(said: str) -> Anonymised:
        if said == "b":
            raise ValueError(said)
        return Anonymised(said, ())

    take = partial(report_intake.take, anonymise=breaks)
    monkeypatch.setattr(report_intake, "take", take)
    _report(serving, ["a", "b"])
    for taken in (2, 0):
        tick = worker.tick()
        assert tick.reports_taken == taken
        (sentence,) = tick.errors
        assert "'r1' cannot be anonymised (ValueError)" in sentence
        assert _record(reader)["error"] == sentence


# What goes wrong


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
    assert _record(reader)["error"] == " ".join(tick.errors)
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
        assert _record(reader)["error"] == tick.errors[0]
    assert stored(reader) == expected([good])
    write(serving, bad[0].with_cells((41, 5)))
    assert worker.tick().errors == ()
    assert _record(reader)["error"] == ""


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
        assert _record(reader)["error"] == sentence
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
        assert _record(store.engine(Role.APP))["leader"] == own_name()
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
        _until(lambda: stored(reader) == expected([Row("s", hour)]), "the first rollup")
        for engine in (serving, reader):
            engine.dispose()
        administer(server_url, f'alter database "{database.database}" allow_connections false')
        administer(
            server_url,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            f"where datname = '{database.database}'",
        )
        tried = len(stop.seconds)
        _until(lambda: len(stop.seconds) > tried + 2, "attempts while the store is away")
        assert thread.is_alive()
        administer(server_url, f'alter database "{database.database}" allow_connections true')
        late = Row("s", hour + MINUTE)
        write(serving, late)
        _until(lambda: stored(reader) == expected([Row("s", hour), late]), "the rollup afterwards")
    finally:
        administer(server_url, f'alter database "{database.database}" allow_connections true')
        stop.set()
        thread.join()


# Who leads


def test_a_second_worker_does_nothing_and_says_who_leads(
    store: Store, worker: Worker, serving: Engine, hour: datetime, clock: Clock
) -> None:
    worker.tick()
    write(serving, Row("s", hour))
    second = Worker(store, now=clock)
    assert second.tick() == Tick(leads=False, leader=own_name(), as_of=clock.moment)
    assert stored(store.engine(Role.APP)) == expected([])
    worker.close()
    assert second.tick().hours_rolled == 1
    assert not worker.tick().leads
    second.close()


def test_a_leader_that_lost_its_connection_does_not_believe_that_it_still_leads(
    store: Store, worker: Worker, clock: Clock
) -> None:
    worker.tick()
    second = Worker(store, now=clock)
    assert not second.tick().leads
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and "
                "database = (select oid from pg_database where datname = current_database())"
            )
        )
    _until(lambda: second.tick().leads, "the second worker takes over")
    assert not worker.tick().leads
    second.close()
    assert worker.tick().leads


def test_a_worker_told_to_stop_gives_up_leading(store: Store, worker: Worker, clock: Clock) -> None:
    stop = Pauses(stop_after=1)
    Worker(store, now=clock).run(stop)
    assert worker.tick().leads


@contextmanager
def _worker_process(store: Store) -> Iterator[subprocess.Popen[bytes]]:
    address = store.url().render_as_string(hide_password=False)
    process = subprocess.Popen([sys.executable, "-m", "tests.db.worker_process", address], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_when_the_leader_is_killed_the_other_worker_takes_over_and_nothing_is_lost(
    store: Store, serving: Engine, reader: Engine, hour: datetime
) -> None:
    rows = [Row("s", hour + index * MINUTE, instance=f"i{index % 3}") for index in range(120)]
    with _worker_process(store) as first, _worker_process(store) as second:
        _until(lambda: _record(reader)["leader"] != "", "one of them leads")
        leader = str(_record(reader)["leader"])
        leads, waits = (first, second) if leader.endswith(f":{first.pid}") else (second, first)
        assert leader.endswith(f":{leads.pid}")
        for part in (rows[:40], rows[40:80]):
            write(serving, *part)
        _until(lambda: bool(letters_by_hour(reader, "s")), "a first rollup")
        assert str(_record(reader)["leader"]) == leader, "only one leads"
        os.kill(leads.pid, signal.SIGKILL)
        write(serving, *rows[80:])
        _until(
            lambda: str(_record(reader)["leader"]).endswith(f":{waits.pid}"), "the other takes over"
        )
        _until(lambda: stored(reader) == expected(rows), "all sums are right")


def test_a_long_backlog_is_done_in_pieces_and_the_present_keeps_up(
    store: Store, serving: Engine, reader: Engine, hour: datetime
) -> None:
    """Each look at the clock takes two seconds here, so that a piece is two or three days."""
    clock = Clock(store_time(reader) - HOUR, step=timedelta(seconds=2))
    history = [Row("s", hour - index * DAY) for index in range(9)]
    live = Row("live", hour)
    write(serving, *history)
    stop = Pauses()
    seen: list[int] = []

    def watch(_as_of: datetime) -> None:
        seen.append(len(stored(reader, "s").hours))
        if len(seen) == 1:
            write(serving, live)
        if len(seen) == 2:
            assert stored(reader, "live") == expected([live])
        if seen[-1] == len(history):
            stop.set()

    Worker(store, now=clock, hooks=[watch], is_steadied=False).run(stop)
    assert len(seen) > 2, "one piece: this test shows nothing"
    assert all(before <= after for before, after in itertools.pairwise(seen))
    assert stored(reader) == expected([*history, live])
    assert set(stop.seconds[:-1]) == {0.0}, "no pause while history is pending"
    assert _record(reader)["error"] == ""
