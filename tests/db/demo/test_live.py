"""Going on live, in real processes with real kill -9, and while the store is away."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db.demo import live as process
from db.demo.newsletters import experiment, live, product, records, serving, story
from db.demo.newsletters.simulation import Simulation
from db.demo.newsletters.story import Scenario
from db.engine import Store, StoreUnreachableError
from db.writer import MetricWriter
from tests.db.demo.bells import Bell
from tests.db.demo.short_history import (
    ANCHOR,
    DAY,
    HOUR,
    MINUTE,
    SCENARIO,
    all_expected,
    scalar,
    until,
)
from tests.db.demo.stored_rows import expected, stored

ROOT = Path(__file__).parents[3]


@contextmanager
def running(
    store: Store, buffer: Path, clock: datetime, speed: float = 0
) -> Iterator[subprocess.Popen[bytes]]:
    address = store.url().render_as_string(hide_password=False)
    arguments = [address, str(buffer), clock.isoformat(), str(speed)]
    command = [sys.executable, "-m", "tests.db.demo.newsletters_process", *arguments]
    started = subprocess.Popen(command, cwd=ROOT)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def kill(running_process: subprocess.Popen[bytes]) -> None:
    assert running_process.poll() is None, "it still runs"
    running_process.send_signal(signal.SIGKILL)
    running_process.wait()


def test_killed_while_filling_and_while_live_it_leaves_the_rows_that_no_kill_would_leave(
    store: Store, app: Engine, reader: Engine, tmp_path: Path
) -> None:
    done = "select coalesce(sum(done), 0) from team.demo_fill"
    newest = "select max(minute) from metrics.serving_minute"
    buffer = tmp_path / "buffer"
    clock = ANCHOR + timedelta(seconds=30)
    for units in (1, 5):
        with running(store, buffer, clock) as filler:
            until(lambda units=units: scalar(app, done) >= units)  # type: ignore[misc]
            kill(filler)
    assert scalar(app, "select bool_or(done < total) from team.demo_fill"), "killed half-way"
    with running(store, buffer, clock + MINUTE, speed=120) as player:
        until(lambda: scalar(reader, newest) >= ANCHOR + 4 * MINUTE)
        kill(player)
    # An hour and a half later it makes up for what it missed, and is killed while it does.
    later = ANCHOR + 95 * MINUTE
    with running(store, buffer, later) as player:
        until(lambda: scalar(reader, newest) > ANCHOR + 30 * MINUTE)
        kill(player)
    with running(store, buffer, later + timedelta(seconds=10)) as player:
        training = "select letters_trained from metrics.training_run where status = 'running'"
        trained = records.training_runs(SCENARIO, later.replace(minute=0))["letters_trained"][-1]
        until(lambda: scalar(reader, training) == trained)
        until(lambda: scalar(reader, newest) == later - MINUTE)
        player.terminate()
        assert player.wait(180) == 0
    collected = later - timedelta(minutes=later.minute % 5)
    wanted = all_expected(later) | {
        "labelled_letter": all_expected(collected)["labelled_letter"],
        "false_report": all_expected(collected)["false_report"],
    }
    for table, rows in wanted.items():
        assert stored(reader, table) == rows, table
    with reader.connect() as connection:
        beats = connection.execute(
            text("select started_at, stopped_at from metrics.heartbeat")
        ).all()
    assert all(stopped is not None and stopped > later for _, stopped in beats), "an orderly stop"
    assert min(started for started, _ in beats) == SCENARIO.first_moment, "nobody began anew"


def test_after_a_long_pause_only_the_last_days_are_made_up_for_and_everyone_begins_anew(
    app: Engine, reader: Engine, writer: MetricWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CATCH_UP", 2 * HOUR)
    simulation = Simulation(Scenario(ANCHOR, days=0), Bell)
    first = live.Live(simulation, writer, reader, app)
    first.tick(ANCHOR + 2 * MINUTE + timedelta(seconds=10))
    back = ANCHOR + 10 * HOUR
    second = live.Live(simulation, writer, reader, app)
    while second.tick(back + timedelta(seconds=10)):
        pass
    begins = back - 2 * HOUR
    assert stored(reader, "serving_minute") == expected(
        "serving_minute",
        serving.minutes(simulation.scenario, ANCHOR, ANCHOR + 2 * MINUTE),
        serving.minutes(simulation.scenario, begins, back),
    )
    started = "select distinct started_at from metrics.heartbeat where component = 'inference'"
    assert scalar(reader, started) == begins


def test_heartbeats_come_every_15_seconds_and_a_restart_goes_on_with_the_same_life(
    app: Engine, reader: Engine, writer: MetricWriter
) -> None:
    simulation = Simulation(Scenario(ANCHOR, days=0), Bell)
    beat = "select min(beat_at) from metrics.heartbeat where component = 'inference'"
    stopped = "select count(*) from metrics.heartbeat where stopped_at is not null"
    first = live.Live(simulation, writer, reader, app)
    for seconds, seen in ((1, 1), (10, 1), (15, 1), (16, 16), (30, 16), (31, 31)):
        first.tick(ANCHOR + timedelta(seconds=seconds))
        assert scalar(reader, beat) == ANCHOR + timedelta(seconds=seen)
    first.stop(ANCHOR + MINUTE)
    assert scalar(reader, stopped) == scalar(reader, "select count(*) from metrics.heartbeat")
    live.Live(simulation, writer, reader, app).tick(ANCHOR + 10 * MINUTE)
    assert scalar(reader, stopped) == 0
    starts = "select min(started_at) from metrics.heartbeat where instance = 'dc1-a'"
    assert scalar(reader, starts) == SCENARIO.midnight(0)


def test_a_days_sums_come_after_midnight_and_the_experiment_ends_with_its_last_day(
    app: Engine, reader: Engine, writer: MetricWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CATCH_UP", timedelta(hours=25))  # the minutes cost most
    scenario = Scenario(ANCHOR, days=0)
    playing = live.Live(Simulation(scenario, Bell), writer, reader, app)
    newest = "select max(day) from metrics.{}"

    def come_to(at: datetime) -> None:
        while playing.tick(at):
            pass

    midnight = scenario.midnight(-1)
    come_to(midnight + 19 * MINUTE)
    assert scalar(reader, newest.format("product_day")) is None
    come_to(midnight + 20 * MINUTE)
    assert stored(reader, "product_day") == expected("product_day", product.days(scenario, 0, 0))
    assert stored(reader, "experiment_bucket_day") == expected(
        "experiment_bucket_day", experiment.day(scenario, 19)
    )
    end = scenario.midnight(story.EXPERIMENT_DAYS_AGO) + 28 * DAY
    come_to(end + 20 * MINUTE)
    assert scalar(reader, newest.format("experiment_bucket_day")) == end.date() - DAY
    come_to(end + DAY + 20 * MINUTE)
    assert scalar(reader, newest.format("product_day")) == end.date()
    assert scalar(reader, newest.format("experiment_bucket_day")) == end.date() - DAY


def test_while_the_store_is_away_the_process_waits_and_then_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "PAUSE_S", 0.01)
    answers = iter(
        [StoreUnreachableError("away"), StoreUnreachableError("still away"), False, True]
    )
    seen = []

    def step() -> bool:
        answer = next(answers)
        seen.append(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    process._until_done(step, threading.Event())
    assert seen[-1] is True


def test_told_to_stop_the_process_asks_a_store_that_is_away_no_more() -> None:
    stop = threading.Event()

    def step() -> bool:
        stop.set()
        raise StoreUnreachableError("away")

    process._until_done(step, stop)
    assert stop.is_set()
