"""Filling a store and going on live: on a real PostgreSQL, with real processes and real kill -9."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from db.demo import fill as filling
from db.demo import live as process
from db.demo.fill import fill
from db.demo.goals import GOAL, INTERIM_GOAL, seed_goals
from db.demo.newsletters import (
    experiment,
    labels,
    live,
    population,
    product,
    records,
    reports,
    serving,
    story,
)
from db.demo.newsletters.partitioning import days_to_roll_up, make_room
from db.demo.newsletters.simulation import Simulation
from db.demo.newsletters.story import SERVICE, Scenario
from db.engine import Role, Store, StoreUnreachableError
from db.partitions import Retention
from db.worker import Worker
from db.writer import MetricWriter
from tests.db.demo.bells import Bell
from tests.db.demo.newsletters_process import DAYS
from tests.db.demo.stored_rows import anonymised, expected, stored

ROOT = Path(__file__).parents[3]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Long past, so that no clock of a machine is behind it; early in the day, so that there is little.
ANCHOR = datetime(2025, 6, 3, 1, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR, days=DAYS)
LETTERS = population.build(Bell())


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


@pytest.fixture
def reader(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Iterator[MetricWriter]:
    with MetricWriter(store, service=SERVICE, buffer=tmp_path / "buffer") as opened:
        yield opened


def scalar(engine: Engine, question: str, **values: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(question), values).scalar()


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def all_expected(at: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """Every metric table but the heartbeats, as it must be when live has come to a moment."""
    scenario, start = SCENARIO, SCENARIO.first_moment
    return {
        "serving_minute": expected("serving_minute", serving.minutes(scenario, start, at)),
        "score_hour": expected(
            "score_hour", serving.score_hours(scenario, LETTERS, start, at.replace(minute=0))
        ),
        "labelled_letter": expected(
            "labelled_letter", labels.between(scenario, LETTERS, start, at)
        ),
        "false_report": expected(
            "false_report", anonymised(reports.between(scenario, LETTERS, start, at))
        ),
        "product_day": expected("product_day", product.days(scenario, DAYS, 1)),
        "experiment_bucket_day": expected("experiment_bucket_day", experiment.day(scenario, 18)),
        "experiment_bucket_before": expected(
            "experiment_bucket_before", experiment.before(scenario)
        ),
        "deployment": expected("deployment", records.deployments(scenario, LETTERS)),
        "training_run": expected(
            "training_run", records.training_runs(scenario, max(ANCHOR, at.replace(minute=0)))
        ),
    }


def assert_stored(reader: Engine, at: datetime) -> None:
    for table, rows in all_expected(at).items():
        assert rows, f"{table} is part of the comparison"
        assert stored(reader, table) == rows, table


def test_a_fill_writes_what_the_generators_say_and_a_second_one_nothing(
    store: Store, app: Engine, reader: Engine, writer: MetricWriter
) -> None:
    simulation = fill(store, ANCHOR, writer=writer, days=DAYS, scores=Bell)
    assert simulation.scenario == SCENARIO
    assert_stored(reader, ANCHOR)
    with app.connect() as connection:
        steps = connection.execute(
            text("select step, done, total, finished_at from team.demo_fill")
        )
        assert all(done == total and at is not None for _, done, total, at in steps)
    newest = "select max(written_at) from metrics.serving_minute"
    before = scalar(reader, newest)

    def no_scores() -> Bell:
        raise AssertionError("nothing needs a classifier any more")

    again = fill(store, ANCHOR + DAY, writer=writer, days=3, scores=no_scores)
    assert again.scenario == SCENARIO, "the store remembers what was begun"
    assert scalar(reader, newest) == before


def test_the_newest_day_is_there_before_anything_else(
    store: Store, reader: Engine, writer: MetricWriter
) -> None:
    def only_one(_: Simulation) -> bool:
        return False

    fill(store, ANCHOR, writer=writer, days=DAYS, scores=Bell, between=only_one)
    today = serving.minutes(SCENARIO, SCENARIO.midnight(0), ANCHOR)
    assert stored(reader, "serving_minute") == expected("serving_minute", today)
    assert scalar(reader, "select count(*) from metrics.product_day") == 0
    fill(store, ANCHOR, writer=writer, days=DAYS, scores=Bell)
    assert_stored(reader, ANCHOR)


def test_the_truth_and_the_maintenance_are_written(
    store: Store, app: Engine, writer: MetricWriter
) -> None:
    fill(store, ANCHOR, writer=writer, days=DAYS, scores=Bell)
    question = "select value from team.simulated_truth where service = :s and quantity = :q"
    shares = serving.version_shares(SCENARIO, 1)
    assert shares == {"bert-3": 0.0, "bert-4": 1.0}
    precision = scalar(app, question, s=SERVICE, q="precision")
    assert precision == pytest.approx(scalar(app, question, s=SERVICE, q="precision:bert-4"))
    assert scalar(app, question, s=SERVICE, q="lift") == pytest.approx(experiment.lift())
    assert scalar(app, question, s=SERVICE, q="anchor") == ANCHOR.timestamp()
    starts = scalar(app, "select starts_at from team.maintenance where service = :s", s=SERVICE)
    assert starts == SCENARIO.starts(story.MAINTENANCE)


def test_goals_are_seeded_once_and_what_people_change_stays(app: Engine) -> None:
    assert seed_goals(app, ANCHOR)
    with app.begin() as connection:
        connection.execute(
            text("update team.goal set title = 'Ours' where goal_id = :g"), {"g": GOAL}
        )
        connection.execute(text("update team.target set value = 0.995 where measure = 'precision'"))
        connection.execute(text("delete from team.criterion where criterion_id = 'training'"))
    assert not seed_goals(app, ANCHOR + DAY)
    assert scalar(app, "select title from team.goal where goal_id = :g", g=GOAL) == "Ours"
    assert scalar(app, "select count(*) from team.target where value = 0.995") == 2
    assert scalar(app, "select count(*) from team.criterion") == 4


def test_the_goals_are_the_lectures(app: Engine) -> None:
    seed_goals(app, ANCHOR)
    with app.connect() as connection:
        goals = connection.execute(
            text("select goal_id, starts_on, due_on, parent_goal_id from team.goal order by due_on")
        ).all()
        targets = connection.execute(
            text(
                "select position, criterion_id, area, milestone, measure, operator, value, unit, "
                "t.due_on from team.criterion join team.target t using (criterion_id) "
                "order by position, t.due_on, measure"
            )
        ).all()
    starts, first, second = (ANCHOR.date() + days * DAY for days in (-120, -29, 62))
    assert [tuple(goal) for goal in goals] == [
        (INTERIM_GOAL, starts, first, GOAL),
        (GOAL, starts, second, None),
    ]
    told = [
        (
            t.criterion_id,
            t.area,
            t.milestone,
            f"{t.measure} {t.operator} {t.value}",
            t.unit,
            t.due_on,
        )
        for t in targets
    ]
    quality, rpm = "quality", "letters a minute"
    assert told == [
        ("complaints", "experiment", "Q2", "complaint_lift <= -0.05", "share", second),
        ("precision_recall", quality, "Q1", "precision >= 0.97", "share", first),
        ("precision_recall", quality, "Q1", "recall >= 0.50", "share", first),
        ("precision_recall", quality, "Q2", "precision >= 0.99", "share", second),
        ("precision_recall", quality, "Q2", "recall >= 0.70", "share", second),
        ("latency", "reliability", "Q2", "latency_sli >= 0.9999", "share", second),
        ("load", "reliability", "Q2", "availability >= 0.9999", "share", second),
        ("load", "reliability", "Q2", "mean_rpm >= 1000000", rpm, second),
        ("load", "reliability", "Q2", "peak_rpm_within_slo >= 2000000", rpm, second),
        ("training", "training", "Q1", "letters_anonymised >= 10000000", "letters", first),
        ("training", "training", "Q2", "letters_anonymised >= 100000000", "letters", second),
    ]


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
        assert player.wait(30) == 0
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


def test_a_worker_rolls_up_old_days_while_they_are_filled_in_and_keeps_none_of_their_rows(
    store: Store, reader: Engine, writer: MetricWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "FLEET_DOUBLED_DAYS_AGO", 1)  # what the fill takes for kept
    monkeypatch.setattr(filling, "MOST_OLD_DAYS", 1)
    now = datetime.now(UTC)
    anchor = now.replace(minute=0, second=0, microsecond=0)
    scenario = Scenario(anchor, days=3)
    stop = threading.Event()
    retention = Retention(instance_rows=DAY)
    worker = Worker(store, now=lambda: now, tick_seconds=0.05, retention=retention)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        fill(store, anchor, writer=writer, days=3, scores=Bell)
        rows = serving.minutes(scenario, scenario.first_moment, anchor)
        total = int(rows["letters"].sum())
        rolled_by = store.engine(Role.WORKER)
        rolled = "select coalesce(sum(letters), 0) from rollup.serving_hour"
        kept = "select min(minute) from metrics.serving_minute"
        until(lambda: scalar(rolled_by, rolled) == total)
        until(lambda: scalar(reader, kept) >= scenario.midnight(1))
    finally:
        stop.set()
        thread.join()
    assert scalar(reader, "select count(*) from metrics.serving_minute_default") == 0


def test_old_days_wait_for_a_living_worker_only(store: Store, writer: MetricWriter) -> None:
    worker = store.engine(Role.WORKER)
    day = ANCHOR.date() - 20 * DAY
    assert make_room(worker, day, day)
    assert make_room(worker, day, day), "it is there already"
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    writer.load("serving_minute", serving.minutes(Scenario(ANCHOR), start, start + MINUTE))

    def ticked(ago: timedelta) -> None:
        with worker.begin() as connection:
            connection.execute(
                text("update rollup.worker set ticked_at = now() - cast(:ago as interval)"),
                {"ago": ago},
            )

    assert days_to_roll_up(worker, ANCHOR.date()) == 0, "there is no worker"
    ticked(timedelta(seconds=5))
    assert days_to_roll_up(worker, ANCHOR.date()) == 1
    assert days_to_roll_up(worker, day) == 0, "only days before the given one"
    ticked(timedelta(minutes=5))
    assert days_to_roll_up(worker, ANCHOR.date()) == 0, "the worker is gone"


def test_rows_that_came_before_their_days_partition_move_into_it(
    store: Store, reader: Engine, writer: MetricWriter
) -> None:
    day = ANCHOR.date()
    writer.load("serving_minute", serving.minutes(SCENARIO, ANCHOR, ANCHOR + MINUTE))
    default = "select count(*) from metrics.serving_minute_default"
    assert scalar(reader, default) == 6
    assert make_room(store.engine(Role.WORKER), day, day)
    assert scalar(reader, default) == 0
    assert scalar(reader, "select count(*) from metrics.serving_minute") == 6


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
