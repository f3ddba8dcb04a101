"""Filling a store, on a real PostgreSQL, beside a worker that rolls up."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from db.demo import fill as filling
from db.demo.fill import fill
from db.demo.goals import GOAL, INTERIM_GOAL, seed_goals
from db.demo.newsletters import experiment, serving, story
from db.demo.newsletters.partitioning import days_to_roll_up, make_room
from db.demo.newsletters.simulation import Simulation
from db.demo.newsletters.story import SERVICE, Scenario
from db.engine import Role, Store
from db.partitions import Retention
from db.worker import Worker
from db.writer import MetricWriter
from tests.db.demo.bells import Bell
from tests.db.demo.newsletters_process import DAYS
from tests.db.demo.short_history import ANCHOR, DAY, MINUTE, SCENARIO, assert_stored, scalar, until
from tests.db.demo.stored_rows import expected, stored


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
