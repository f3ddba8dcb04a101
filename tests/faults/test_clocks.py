"""Clocks that jump by an hour: what comes from the future is refused, and no alert comes or goes.

One hour forward is what a machine does that takes local time for UTC; back again is its mending.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.timeframe import DAY, HOUR, MINUTE, floor_to
from db import partitions
from db.alerting.evaluation import SETTLE
from db.engine import Role, Store
from db.worker import Worker
from db.writer import ContractError, MetricWriter
from tests.db.alert_world import SERVICE, World
from tests.db.serving_rows import Row, store_time


class Jumping:
    """A worker in a world whose store and machine agree, until somebody moves the machine's clock.

    Attributes:
        jump: how far ahead the machine's clock is.
        minute: how far the world is.
    """

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = World(store)
        self.world.keep("slo-availability")
        self.jump = timedelta(0)
        self.minute = 0
        # The store's clock cannot be set, so that of the world is: one row says what time it is.
        monkeypatch.setattr("db.steady_clock._STORES_CLOCK", text("select at from the_time"))
        with store.engine(Role.OWNER).begin() as owner:
            owner.execute(text("create table public.the_time as select now() as at"))
            owner.execute(text("grant select on public.the_time to greenlight_worker"))
        self.worker = Worker(store, now=self.now)

    def now(self) -> datetime:
        return self.world.at(self.minute) + SETTLE + self.jump

    def pass_minutes(self, count: int, *, errors: int = 0) -> list[str]:
        """Go on by some minutes, a tick each; what the ticks complained of."""
        said = []
        for _ in range(count):
            self.world.write(self.minute, self.minute + 1, errors=errors)
            self.minute += 1
            with self.world.store.engine(Role.OWNER).begin() as owner:
                owner.execute(
                    text("update the_time set at = :at"),
                    {"at": self.world.at(self.minute) + SETTLE},
                )
            tick = self.worker.tick()
            assert tick.leads
            said += tick.errors
        return said


@pytest.fixture
def jumping(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jumping]:
    made = Jumping(store, monkeypatch)
    yield made
    made.worker.close()


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
def test_no_alert_fires_or_is_lost_because_a_worker_s_clock_jumps(
    jumping: Jumping, jump: timedelta
):
    assert jumping.pass_minutes(3) == []
    jumping.jump = jump
    complaints = jumping.pass_minutes(3)
    where = "ahead of" if jump > timedelta(0) else "behind"
    assert len(complaints) == 3, "at every tick"
    assert all(f"60 minutes {where} the store's, which is used" in said for said in complaints)
    assert jumping.world.episodes() == (), "calm is calm, whatever the clock says"
    jumping.pass_minutes(3, errors=100)
    (fired, *_) = jumping.world.moves("page_fast")
    assert fired[1] == "firing"
    assert fired[0] <= jumping.minute, "what burns while the clock is wrong is told at its minute"
    jumping.jump = timedelta(0)
    assert jumping.pass_minutes(3, errors=100) == []
    evaluated = jumping.world.table("select at from team.alert_evaluation order by at")
    assert [at for (at,) in evaluated] == [jumping.world.at(minute) for minute in range(1, 13)]
    firing = [one for one in jumping.world.moves("page_fast") if one[1] == "firing"]
    assert len(firing) == 1


def test_a_clock_that_is_ten_years_ahead_drops_no_rows(jumping: Jumping):
    world = jumping.world
    jumping.pass_minutes(1)
    days = partitions.days(world.app)
    jumping.jump = 3650 * DAY
    jumping.pass_minutes(1)
    assert partitions.days(world.app) == days
    assert world.table("select sum(letters) from metrics.serving_minute") == [(200,)]


def kept_aside(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "refused.jsonl").read_text().splitlines()]


def minute_of(at: datetime, letters: int) -> dict[str, Any]:
    row = Row(SERVICE, floor_to(at, MINUTE), cells=((40, letters),)).values()
    del row["service"]
    return row


def test_a_writer_whose_clock_is_ahead_has_its_rows_and_beats_refused_by_the_store(
    store: Store, tmp_path: Path
):
    """Its own clock finds nothing wrong with them; the store's does, and says so for each."""
    present = store_time(store.engine(Role.APP))
    clock = [present + HOUR]
    with MetricWriter(store, service=SERVICE, buffer=tmp_path, now=lambda: clock[0]) as metrics:
        metrics.serving_minute(**minute_of(clock[0], 1))
        metrics.heartbeat(component="inference", instance="i1", started_at=present - HOUR)
        metrics.serving_minute(**minute_of(present - MINUTE, 2))
        assert metrics.flush()
        assert metrics.refused == 2
        assert [one["table"] for one in kept_aside(tmp_path)] == ["serving_minute", "heartbeat"]
        assert all("future" in one["reason"] for one in kept_aside(tmp_path))
        clock[0] = present
        metrics.heartbeat(component="inference", instance="i1", started_at=present - HOUR)
        metrics.serving_minute(**minute_of(present, 3))
        assert metrics.flush()
        assert metrics.refused == 2
    with store.engine(Role.APP).connect() as connection:
        letters = connection.execute(
            text("select letters from metrics.serving_minute order by minute")
        ).scalars()
        assert list(letters) == [2, 3]


def test_a_writer_whose_clock_is_behind_is_told_by_name_and_goes_on(store: Store, tmp_path: Path):
    present = store_time(store.engine(Role.APP))
    clock = [present - HOUR]
    with MetricWriter(store, service=SERVICE, buffer=tmp_path, now=lambda: clock[0]) as metrics:
        metrics.serving_minute(**minute_of(clock[0], 1))
        with pytest.raises(ContractError, match="at most 5 minutes ahead") as refused:
            metrics.serving_minute(**minute_of(present, 2))
        assert (refused.value.table, refused.value.field) == ("serving_minute", "minute")
        clock[0] = present
        metrics.serving_minute(**minute_of(present, 2))
        assert metrics.flush()
        assert metrics.refused == 1


def test_what_lies_five_minutes_ahead_is_stored(store: Store, tmp_path: Path):
    present = store_time(store.engine(Role.APP))
    with MetricWriter(store, service=SERVICE, buffer=tmp_path, now=lambda: present) as metrics:
        metrics.heartbeat(
            component="inference",
            instance="i1",
            started_at=present,
            beat_at=present + timedelta(minutes=4, seconds=59),
        )
        assert metrics.flush()
        assert metrics.refused == 0
