"""Two workers and alerts: one evaluates, the other takes over, and nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from core.ports.alerts import Transition
from db.alerting.evaluation import SETTLE
from db.engine import Role, Store
from db.worker import Worker
from tests.db.alert_world import SERVICE, World

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
AVAILABILITY = "slo-availability"


@pytest.fixture
def world(store: Store) -> World:
    """Letters fail for ten minutes, again and again."""
    found = World(store)
    found.keep(AVAILABILITY)
    found.add_channel()
    found.write(-30, 0)
    for minute in range(0, 240, 30):
        found.write(minute, minute + 10, errors=100)
        found.write(minute + 10, minute + 30)
    return found


@contextmanager
def _worker(world: World, began: float) -> Iterator[subprocess.Popen[bytes]]:
    address = world.store.url().render_as_string(hide_password=False)
    module = ("-m", "tests.db.alerting_process")
    told = (address, world.at(0).isoformat(), str(began))
    process = subprocess.Popen([sys.executable, *module, *told], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


def _leader(world: World) -> str:
    ((leader,),) = world.table("select leader from rollup.worker")
    return str(leader)


def _evaluated(world: World) -> list[datetime]:
    found = world.table("select at from team.alert_evaluation order by at")
    return [at for (at,) in found]


def _nothing_twice(world: World) -> None:
    """Each state follows from the one before it, and each change was told once."""
    moved = sorted(world.transitions(), key=lambda one: one.episode_id)
    chains: dict[int, list[Transition]] = {
        number: list(steps) for number, steps in groupby(moved, lambda one: one.episode_id)
    }
    for steps in chains.values():
        assert steps[0].before == ""
        assert all(one.after == next_.before for one, next_ in pairwise(steps))
    ends = {one.episode_id: one.state for one in world.episodes()}
    assert ends
    assert ends == {number: steps[-1].after for number, steps in chains.items()}
    changes = Counter((one.episode_id, one.after) for one in moved)
    told = world.table("select episode_id, event from team.notification")
    assert all(times <= changes[key] for key, times in Counter(told).items())
    fired = {number for number, steps in chains.items() if steps[0].after == "firing"}
    assert {number for number, event in told if event == "firing"} == fired


def test_a_tick_evaluates_each_minute_once(world: World):
    now = [world.at(1) + SETTLE]
    worker = Worker(world.store, now=lambda: now[0])
    evaluated = []
    for minute in (1, 1.2, 1.9, 2, 2.5):
        now[0] = world.at(minute) + SETTLE
        tick = worker.tick()
        assert tick.errors == ()
        evaluated.append(tick.evaluated)
    worker.close()
    assert evaluated == [1, 0, 0, 1, 0]
    assert world.moves("page_fast") == [(1, "firing")]


def test_a_service_that_cannot_be_evaluated_is_an_error_of_the_tick(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("no letters")

    monkeypatch.setattr("db.alerting.evaluation.read", breaks)
    worker = Worker(world.store, now=lambda: world.at(1) + SETTLE)
    tick = worker.tick()
    worker.close()
    said = f"The alerts of {SERVICE} could not be evaluated: no letters."
    assert (tick.evaluated, tick.errors) == (0, (said,))
    assert world.table("select error from rollup.worker") == [(said,)]


def test_the_other_worker_takes_over_with_its_next_tick(world: World):
    now = [world.at(1) + SETTLE]
    first, second = (Worker(world.store, now=lambda: now[0]) for _ in range(2))
    assert first.tick().evaluated == 1
    assert not second.tick().leads
    now[0] = world.at(2) + SETTLE
    with world.store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid, 60000) from pg_locks where "
                "locktype = 'advisory' and database = "
                "(select oid from pg_database where datname = current_database())"
            )
        )
    tick = second.tick()
    assert (tick.leads, tick.evaluated) == (True, 1)
    assert not first.tick().leads
    assert _evaluated(world) == [world.at(1), world.at(2)]
    _nothing_twice(world)
    first.close()
    second.close()


def test_when_the_leader_is_killed_the_other_goes_on_and_nothing_is_told_twice(world: World):
    began = time.time()
    with _worker(world, began) as one, _worker(world, began) as other:
        _until(lambda: len(_evaluated(world)) > 2, "a first evaluation")
        leads, waits = (one, other) if _leader(world).endswith(f":{one.pid}") else (other, one)
        assert _leader(world).endswith(f":{leads.pid}")
        os.kill(leads.pid, signal.SIGKILL)
        seen = len(_evaluated(world))
        _until(lambda: len(_evaluated(world)) > seen + 2, "the other one evaluates")
        assert _leader(world).endswith(f":{waits.pid}")
    assert len(set(_evaluated(world))) == len(_evaluated(world))
    _nothing_twice(world)


def test_a_worker_killed_in_the_middle_of_storing_leaves_nothing_half_done(world: World):
    """A lock of this test stops the leader between storing its alert and telling of it."""
    blocked = text(
        "select count(*) from pg_locks where not granted "
        "and relation = 'team.alert_transition'::regclass"
    )
    began = time.time()
    with world.store.engine(Role.OWNER).connect() as stands:
        stands.execute(text("lock table team.alert_transition in exclusive mode"))
        with _worker(world, began) as leads:
            _until(lambda: stands.execute(blocked).scalar_one() == 1, "the leader stores an alert")
            assert world.episodes() == ()
            os.kill(leads.pid, signal.SIGKILL)
            leads.wait()
            before = _evaluated(world)
            with _worker(world, began):
                stands.rollback()
                _until(lambda: len(_evaluated(world)) > len(before) + 1, "the next one evaluates")
                _until(lambda: world.episodes() != (), "the alert fires")
    _nothing_twice(world)
    assert len(set(_evaluated(world))) == len(_evaluated(world))
