"""Who leads, in real processes with a real kill -9, and that nothing is lost."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from db.engine import Role, Store
from db.leadership import own_name
from db.worker import Tick, Worker
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    letters_by_hour,
    store_time,
    stored,
    write,
)
from tests.db.worker.clocks import Clock, Pauses, recorded, until

ROOT = Path(__file__).parents[3]


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
    until(lambda: second.tick().leads, "the second worker takes over")
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
        until(lambda: recorded(reader)["leader"] != "", "one of them leads")
        leader = str(recorded(reader)["leader"])
        leads, waits = (first, second) if leader.endswith(f":{first.pid}") else (second, first)
        assert leader.endswith(f":{leads.pid}")
        for part in (rows[:40], rows[40:80]):
            write(serving, *part)
        until(lambda: bool(letters_by_hour(reader, "s")), "a first rollup")
        assert str(recorded(reader)["leader"]) == leader, "only one leads"
        os.kill(leads.pid, signal.SIGKILL)
        write(serving, *rows[80:])
        until(
            lambda: str(recorded(reader)["leader"]).endswith(f":{waits.pid}"),
            "the other takes over",
        )
        until(lambda: stored(reader) == expected(rows), "all sums are right")


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
    assert recorded(reader)["error"] == ""
