"""Days of instance rows: made ahead, dropped when rolled up and old, beside writers at work."""

import random
import threading
import time
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from db import changes, partitions, rollup
from db.engine import Role, Store
from db.partitions import DAYS_AHEAD, Retention
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
    write_long_ago,
)

RETENTION = Retention()


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def now(worker: Engine) -> datetime:
    return store_time(worker)


@pytest.fixture
def midnight(now: datetime) -> datetime:
    """The beginning of this day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def old(midnight: datetime) -> datetime:
    """An hour of a day that retention takes away."""
    return midnight - 20 * DAY + 9 * HOUR


def _in_catch_all(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(
                text("select count(*) from metrics.serving_minute_default")
            ).scalar_one()
        )


def _rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(text("select count(*) from metrics.serving_minute")).scalar_one()
        )


def test_days_are_made_once(worker: Engine, now: datetime) -> None:
    first, last = now.date(), now.date() + DAYS_AHEAD * DAY
    made = partitions.ensure(worker, first, last)
    assert len(made.created) == DAYS_AHEAD + 1
    assert partitions.days(worker) == list(made.created)
    assert partitions.ensure(worker, first, last) == partitions.Ensured()
    assert partitions.ensure(worker, first - DAY, last).created == (first - DAY,)


def test_a_row_goes_to_its_day_from_its_first_to_its_last_minute(
    worker: Engine, serving: Engine, midnight: datetime
) -> None:
    partitions.ensure(worker, midnight.date() - 2 * DAY, midnight.date() - 2 * DAY)
    write(serving, Row("s", midnight - 2 * DAY), Row("s", midnight - DAY - MINUTE))
    assert _in_catch_all(worker) == 0
    write(serving, Row("s", midnight - 2 * DAY - MINUTE), Row("s", midnight - DAY))
    assert _in_catch_all(worker) == 2


def test_rows_that_came_before_their_day_move_into_it(
    worker: Engine, serving: Engine, midnight: datetime
) -> None:
    rows = [Row("s", midnight - index * 6 * HOUR) for index in range(12)]
    write(serving, *rows)
    rollup.catch_up(worker)
    partitions.ensure(worker, (midnight - 3 * DAY).date(), midnight.date())
    assert _in_catch_all(worker) == 0
    assert _rows(worker) == 12
    assert rollup.catch_up(worker).hours == 0, "moving a row is no change"
    assert stored(worker) == expected(rows)
    write(serving, rows[3].with_cells((9, 9)))
    assert _rows(worker) == 12, "the key holds after the move"


def test_a_writer_at_work_notices_nothing_of_a_day_being_made(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
) -> None:
    """Every row goes to the day that is made meanwhile: none may be refused, lost or doubled."""
    stop = threading.Event()
    errors: list[BaseException] = []
    counts: list[int] = []

    def write_on(number: int) -> None:
        count = 0
        try:
            while not stop.is_set():
                write(
                    serving,
                    Row("s", midnight - (count % 5 + 1) * DAY, instance=f"{number}-{count}"),
                )
                count += 1
        except BaseException as error:  # noqa: BLE001 - told by the test below
            errors.append(error)
        counts.append(count)

    def read_on() -> None:
        reader = store.engine(Role.APP)
        seen = 0
        try:
            while not stop.is_set():
                found = _rows(reader)
                assert found >= seen, "rows were out of sight while they moved"
                seen = found
        except BaseException as error:  # noqa: BLE001 - told by the test below
            errors.append(error)

    threads = [threading.Thread(target=write_on, args=(number,)) for number in range(2)]
    threads.append(threading.Thread(target=read_on))
    for thread in threads:
        thread.start()
    for back in range(5, 0, -1):
        for _ in range(20):  # behind other people's transactions it may have to try again
            day = (midnight - back * DAY).date()
            if not partitions.ensure(worker, day, day).errors:
                break
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(partitions.days(worker)) == 5
    assert _in_catch_all(worker) == 0
    assert _rows(worker) == sum(counts) > 0


def test_a_day_waits_for_a_transaction_that_writes_to_it(
    worker: Engine, serving: Engine, midnight: datetime
) -> None:
    yesterday = (midnight - DAY).date()
    with serving.connect() as connection:
        write(connection, Row("s", midnight - DAY))
        ensured = partitions.ensure(worker, yesterday, yesterday)
        assert ensured.created == ()
        (sentence,) = ensured.errors
        assert f"The partition of {yesterday} could not be made yet" in sentence
        connection.commit()
    assert partitions.ensure(worker, yesterday, yesterday).created == (yesterday,)
    assert (_rows(worker), _in_catch_all(worker)) == (1, 0)


def test_days_ahead_are_made_beside_a_transaction_that_stays_open(
    worker: Engine, serving: Engine, midnight: datetime
) -> None:
    partitions.ensure(worker, midnight.date(), midnight.date())
    with serving.connect() as connection:
        write(connection, Row("s", midnight))
        ahead = (midnight + 5 * DAY).date()
        assert partitions.ensure(worker, ahead, ahead).created == (ahead,)


def test_two_processes_that_make_the_same_day_make_it_once(
    worker: Engine, midnight: datetime
) -> None:
    made: list[date] = []
    errors: list[str] = []

    def make() -> None:
        ensured = partitions.ensure(worker, midnight.date(), (midnight + 3 * DAY).date())
        made.extend(ensured.created)
        errors.extend(ensured.errors)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(made) == partitions.days(worker)


def test_old_days_are_dropped_and_their_rollups_stay(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime, old: datetime
) -> None:
    first_kept = midnight - 14 * DAY
    partitions.ensure(worker, old.date(), midnight.date())
    rows = [Row("s", old), Row("s", first_kept - MINUTE), Row("s", first_kept), Row("s", midnight)]
    write(serving, *rows)
    rollup.catch_up(worker)
    retained = partitions.retain(worker, now, RETENTION)
    assert retained.errors == ()
    assert retained.dropped[0] == old.date()
    assert retained.dropped[-1] == (first_kept - DAY).date()
    assert partitions.days(worker)[0] == first_kept.date()
    assert _rows(worker) == 2
    assert stored(worker) == expected(rows)
    assert partitions.retain(worker, now, RETENTION) == partitions.Retained()


def test_what_was_dropped_stays_rolled_up_through_every_comparison(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime, old: datetime
) -> None:
    partitions.ensure(worker, old.date(), midnight.date())
    write(serving, Row("s", old))
    rollup.catch_up(worker)
    partitions.retain(worker, now, RETENTION)
    with worker.begin() as connection:
        connection.execute(text("update rollup.worker set watermark = null"))
    rollup.catch_up(worker, schedule=rollup.Schedule(compare_back=timedelta(days=60)))
    assert stored(worker) == expected([Row("s", old)])


def test_nothing_is_dropped_before_it_is_rolled_up(
    worker: Engine, serving: Engine, now: datetime, old: datetime
) -> None:
    partitions.ensure(worker, old.date(), old.date())
    write(serving, Row("s", old))
    held = partitions.retain(worker, now, RETENTION, roll=False)
    assert (held.dropped, held.errors) == ((), ())
    assert _rows(worker) == 1
    assert partitions.retain(worker, now, RETENTION).dropped == (old.date(),)
    assert stored(worker) == expected([Row("s", old)])


def test_a_row_committed_after_the_last_rollup_keeps_its_day_from_being_dropped(
    worker: Engine, serving: Engine, now: datetime, old: datetime
) -> None:
    """The database itself refuses: the worker's belief that all is rolled up is out of date."""
    partitions.ensure(worker, old.date(), old.date())
    write(serving, Row("s", old))
    rollup.catch_up(worker)
    assert changes.before(worker, now) == set()
    late = Row("s", old + MINUTE)
    write(serving, late)
    with worker.begin() as connection:
        answer = connection.execute(text("select rollup.drop_day(:day)"), {"day": old.date()})
        assert answer.scalar_one() == "unrolled"
    assert partitions.retain(worker, now, RETENTION).dropped == (old.date(),)
    assert stored(worker) == expected([Row("s", old), late])


def test_a_day_waits_for_an_uncommitted_row_and_is_then_dropped_with_it_rolled_up(
    worker: Engine, serving: Engine, now: datetime, old: datetime
) -> None:
    partitions.ensure(worker, old.date(), old.date())
    write(serving, Row("s", old))
    rollup.catch_up(worker)
    late = Row("s", old + MINUTE)
    with serving.connect() as connection:
        write(connection, late)
        held = partitions.retain(worker, now, RETENTION)
        assert held.dropped == ()
        assert f"Instance rows of {old.date()} could not be dropped yet" in held.errors[0]
        connection.commit()
    assert partitions.retain(worker, now, RETENTION).dropped == (old.date(),)
    assert stored(worker) == expected([Row("s", old), late])


def test_a_row_committed_while_the_drop_waits_for_its_turn_is_seen_by_the_drop(
    worker: Engine, serving: Engine, old: datetime
) -> None:
    partitions.ensure(worker, old.date(), old.date())
    write(serving, Row("s", old))
    rollup.catch_up(worker)
    answers: list[str] = []

    def drop() -> None:
        with worker.begin() as connection:
            found = connection.execute(text("select rollup.drop_day(:day)"), {"day": old.date()})
            answers.append(found.scalar_one())

    with serving.connect() as connection:
        write(connection, Row("s", old + MINUTE))
        dropping = threading.Thread(target=drop)
        dropping.start()
        waiting = text("select count(*) from pg_locks where not granted and locktype = 'relation'")
        while dropping.is_alive() and not connection.execute(waiting).scalar_one():
            time.sleep(0.01)
        connection.commit()
    dropping.join()
    assert answers == ["unrolled"]


def test_every_row_that_races_the_drop_is_rolled_up_or_a_stray(
    worker: Engine, serving: Engine, old: datetime
) -> None:
    """A writer goes on writing to a day while it is dropped, day after day."""
    chance = random.Random(3)
    hours = [old - back * DAY for back in range(15)]
    partitions.ensure(worker, hours[-1].date(), hours[0].date())
    rows = {hour: [Row("s", hour, instance="first")] for hour in hours}
    for hour in hours:
        write(serving, *rows[hour])
    at, stop = [hours[0]], threading.Event()
    errors: list[BaseException] = []

    def write_on() -> None:
        try:
            while not stop.wait(chance.uniform(0, 0.04)):
                hour = at[0]
                if len(rows[hour]) < 60:  # a slow machine gets its quiet moment in the end
                    row = Row("s", hour + len(rows[hour]) * MINUTE)
                    write(serving, row)
                    rows[hour].append(row)
        except BaseException as error:  # noqa: BLE001 - told by the test below
            errors.append(error)

    thread = threading.Thread(target=write_on)
    thread.start()
    answers = set()
    for hour in hours:
        at[0], answer = hour, ""
        while answer != "dropped" and not errors:
            rollup.catch_up_before(worker, hour + HOUR)
            with worker.begin() as connection:
                answer = connection.execute(
                    text("select rollup.drop_day(:day)"), {"day": hour.date()}
                ).scalar_one()
            answers.add(answer)
    stop.set()
    thread.join()
    assert errors == []
    assert answers == {"dropped", "unrolled"}, "no race: this test shows nothing"
    strays = {stray.hour: stray.rows for stray in partitions.strays(worker)}
    rolled = letters_by_hour(worker, "s")
    for hour in hours:
        kept = len(rows[hour]) - strays.get(hour, 0)
        assert rolled[hour] == kept * rows[hour][0].letters, hour


def test_an_hour_that_cannot_be_rolled_up_keeps_its_day(
    worker: Engine, serving: Engine, now: datetime, old: datetime
) -> None:
    partitions.ensure(worker, old.date() - DAY, old.date())
    overflow = [Row("bad", old, instance=name, cells=((40, 2**31 - 1),)) for name in ("i1", "i2")]
    write(serving, *overflow, Row("good", old - DAY))
    retained = partitions.retain(worker, now, RETENTION)
    assert retained.dropped == ((old - DAY).date(),)
    assert retained.errors == (
        f"Instance rows of {old.date()} are kept: not all of them could be rolled up.",
    )
    write(serving, overflow[0].with_cells((41, 1)))
    assert partitions.retain(worker, now, RETENTION).dropped == (old.date(),)


def test_a_row_for_a_dropped_day_is_a_stray_that_can_be_found_and_is_cleared_in_the_end(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime, old: datetime
) -> None:
    partitions.ensure(worker, old.date(), midnight.date())
    first = Row("s", old)
    write(serving, first, Row("s", midnight))
    rollup.catch_up(worker)
    partitions.retain(worker, now, RETENTION)
    young, aged = Row("s", old + MINUTE), Row("s", old + HOUR + MINUTE)
    write(serving, young)
    rollup.catch_up(worker)
    (stray,) = partitions.strays(worker)
    assert (stray.service, stray.hour, stray.rows) == ("s", old, 1)
    assert partitions.retain(worker, now, RETENTION).strays == 0, "it was written just now"
    assert letters_by_hour(worker, "s")[old] == first.letters

    write_long_ago(serving, now - 15 * DAY, young, aged)
    assert partitions.retain(worker, now, RETENTION).strays == 2
    assert partitions.strays(worker) == []
    assert _rows(worker) == 1, "only today's row is left"
    assert letters_by_hour(worker, "s") == {
        old: first.letters,
        old + HOUR: aged.letters,
        midnight: first.letters,
    }, "a stray never replaces the final rollup; an hour without one was rolled up first"


def test_a_new_service_may_bring_sixty_days_of_history_into_an_old_store(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime
) -> None:
    partitions.ensure(worker, (midnight - 20 * DAY).date(), midnight.date())
    ancient = [Row("ancient", midnight - back * DAY) for back in range(1, 21)]
    write(serving, *ancient)
    rollup.catch_up(worker)
    partitions.retain(worker, now, RETENTION)

    history = [Row("new", midnight - back * DAY) for back in range(1, 61)]
    write(serving, *history)
    rollup.catch_up(worker)
    assert stored(worker, "new") == expected(history)
    assert partitions.retain(worker, now, RETENTION).strays == 0, "it may still be corrected"
    corrected = history[40].with_cells((44, 44))
    write(serving, corrected)
    rollup.catch_up(worker)
    assert stored(worker, "new") == expected([*history, corrected])

    everything = [*history[:40], corrected, *history[41:]]
    write_long_ago(serving, now - 15 * DAY, *everything[14:])
    retained = partitions.retain(worker, now, RETENTION)
    assert retained.strays == 60 - 14
    assert _in_catch_all(worker) == 0
    assert stored(worker, "new") == expected(everything)
    assert stored(worker, "ancient") == expected(ancient)
    assert partitions.strays(worker) == []


def test_a_backfill_that_takes_longer_than_a_day_is_not_cut_off_by_the_end_of_the_day(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime
) -> None:
    """A day with rows of the service is dropped between two parts of its history."""
    dropped_day = midnight - 15 * DAY
    partitions.ensure(worker, dropped_day.date(), midnight.date())
    first_part = [Row("new", dropped_day), Row("new", midnight - 40 * DAY, instance="i1")]
    write(serving, *first_part)
    rollup.catch_up(worker)
    assert partitions.retain(worker, now, RETENTION).dropped == (dropped_day.date(),)
    second_part = [
        Row("new", midnight - 41 * DAY),
        Row("new", midnight - 40 * DAY, instance="i2"),
    ]
    write(serving, *second_part)
    rollup.catch_up(worker)
    assert stored(worker) == expected([*first_part, *second_part])
    assert partitions.strays(worker) == []


def test_clearing_waits_for_a_row_that_is_being_written(
    worker: Engine, serving: Engine, now: datetime, old: datetime
) -> None:
    first, late = Row("s", old), Row("s", old + MINUTE)
    write_long_ago(serving, now - 15 * DAY, first)
    rollup.catch_up(worker)
    with serving.connect() as connection:
        write(connection, late)
        held = partitions.retain(worker, now, RETENTION)
        assert held.strays == 0
        assert "could not be cleared out of the catch-all yet" in held.errors[0]
        connection.commit()
    assert partitions.retain(worker, now, RETENTION).strays == 0, "the hour has a young row now"
    assert stored(worker) == expected([first, late])


def test_rollups_by_minute_and_instance_go_after_90_days_and_hours_never(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime
) -> None:
    rows = [Row("s", midnight - 89 * DAY), Row("s", midnight - 91 * DAY), Row("t", midnight - DAY)]
    write(serving, *rows)
    rollup.catch_up(worker)
    assert partitions.retain(worker, now, RETENTION).expired == 2
    found = stored(worker)
    kept = expected([rows[0], rows[2]])
    assert (found.minutes, found.instances) == (kept.minutes, kept.instances)
    assert found.hours == expected(rows).hours


def test_a_life_is_forgotten_90_days_after_its_last_beat(worker: Engine, now: datetime) -> None:
    with worker.begin() as connection:
        for name, age in (("kept", 89), ("forgotten", 91)):
            connection.execute(
                text(
                    "insert into rollup.lifetime values "
                    "('s', 'inference', 'dc1', :name, :started, :beat, null)"
                ),
                {"name": name, "started": now - 200 * DAY, "beat": now - age * DAY},
            )
    partitions.retain(worker, now, RETENTION)
    with worker.connect() as connection:
        names = connection.execute(text("select instance from rollup.lifetime")).scalars().all()
    assert names == ["kept"]


def test_a_clock_that_is_ahead_drops_nothing_early(
    worker: Engine, serving: Engine, now: datetime, midnight: datetime
) -> None:
    partitions.ensure(worker, midnight.date(), midnight.date())
    write(serving, Row("s", midnight))
    rollup.catch_up(worker)
    retained = partitions.retain(worker, now + 3650 * DAY, RETENTION)
    assert retained == partitions.Retained()
    assert stored(worker) == expected([Row("s", midnight)])


def test_settling_refuses_to_work_on_an_old_snapshot(worker: Engine, now: datetime) -> None:
    connection = worker.connect().execution_options(isolation_level="REPEATABLE READ")
    with connection, pytest.raises(Exception, match="use isolation level read committed"):
        connection.execute(text("select rollup.drop_day(:day)"), {"day": now.date()})


def test_a_store_that_is_away_is_not_taken_for_a_busy_one(server_url: object) -> None:
    with Store("postgresql://nobody@localhost:1/none", folder=None) as away:  # type: ignore[arg-type]
        engine = away.engine(Role.WORKER)
        with pytest.raises(OperationalError):
            partitions.ensure(engine, date(2026, 1, 1), date(2026, 1, 2))


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ({"instance_rows": timedelta(hours=1)}, "instance_rows == 1:00:00, must be at least a day"),
        ({"rollups": timedelta(days=3)}, "rollups == 3 days.*must be at least instance_rows"),
    ],
)
def test_a_retention_that_makes_no_sense_is_refused(
    periods: dict[str, timedelta], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Retention(**periods)
