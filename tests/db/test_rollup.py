"""Rollups against plain Python, on a real PostgreSQL."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from db import rollup
from db.engine import Role, Store
from db.rollup import Schedule
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    floor_hour,
    letters_by_hour,
    random_rows,
    store_time,
    stored,
    versions,
    write,
    write_long_ago,
)

LARGEST_CELL = 2**31 - 1
ALWAYS_COMPARE = Schedule(compare_every=timedelta(0))


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def hour(worker: Engine) -> datetime:
    """An hour that is over, in the store's time."""
    return floor_hour(store_time(worker)) - 3 * HOUR


@pytest.mark.parametrize("seed", range(4))
def test_every_sum_equals_what_plain_python_adds_up(
    worker: Engine, serving: Engine, hour: datetime, seed: int
) -> None:
    rows = random_rows(seed, "letters", hour - 3 * HOUR, 150)
    write(serving, *rows)
    outcome = rollup.catch_up(worker)
    assert stored(worker) == expected(rows)
    assert outcome.hours == len({floor_hour(row.minute) for row in rows})
    assert (outcome.pending, outcome.errors) == (0, ())


def test_services_with_the_same_names_inside_stay_apart(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    first = random_rows(10, "first", hour, 30)
    second = random_rows(11, "second", hour, 30)
    write(serving, *first, *second)
    rollup.catch_up(worker)
    assert stored(worker, "first") == expected(first)
    assert stored(worker, "second") == expected(second)


def test_a_minute_without_rows_has_no_rollup(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour), Row("s", hour + 2 * MINUTE))
    rollup.catch_up(worker)
    found = stored(worker)
    assert {minute for _, minute, *_ in found.minutes} == {hour, hour + 2 * MINUTE}
    assert [covered for covered, *_ in found.hours.values()] == [2]


def test_a_minute_in_which_every_letter_failed_has_an_empty_histogram(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour, cells=(), errors=5))
    rollup.catch_up(worker)
    with worker.connect() as connection:
        for table in ("serving_minute", "serving_hour", "instance_hour"):
            found = connection.execute(
                text(f"select letters, errors, slow, first_cell, latency from rollup.{table}")
            ).one()
            assert tuple(found) == (5, 5, 0, 1, [])


def test_the_first_and_the_last_cell_are_kept(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    rows = [
        Row("s", hour, instance="i1", cells=((1, 3),)),
        Row("s", hour, instance="i2", cells=((162, 4),)),
        Row("s", hour + MINUTE, cells=((162, 5),)),
        Row("s", hour + 2 * MINUTE, cells=((1, 6),)),
    ]
    write(serving, *rows)
    rollup.catch_up(worker)
    assert stored(worker) == expected(rows)


def test_a_late_row_changes_its_hour_within_one_tick(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    on_time = random_rows(1, "s", hour, 20)
    write(serving, *on_time)
    rollup.catch_up(worker)
    late = Row("s", hour + 30 * MINUTE, "a", "a1", "v1")
    write(serving, late)
    assert rollup.catch_up(worker).hours == 1
    assert stored(worker) == expected([*on_time, late])


def test_rows_seven_days_back_change_their_hours_and_no_others(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    rows = random_rows(2, "s", hour, 10) + random_rows(3, "s", hour - 7 * DAY, 10)
    write(serving, *rows)
    rollup.catch_up(worker)
    late = Row("s", hour - 7 * DAY + 30 * MINUTE)
    write(serving, late)
    assert rollup.catch_up(worker).hours == 1
    assert stored(worker) == expected([*rows, late])


def test_a_correction_lowers_the_sums(worker: Engine, serving: Engine, hour: datetime) -> None:
    rows = [Row("s", hour, instance=name, cells=((50, 1000), (90, 30))) for name in ("i1", "i2")]
    write(serving, *rows)
    rollup.catch_up(worker)
    corrected = rows[0].with_cells((50, 1), errors=2)
    write(serving, corrected)
    rollup.catch_up(worker)
    assert stored(worker) == expected([corrected, rows[1]])


def test_a_corrected_version_leaves_nothing_of_the_wrong_one(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    wrong = Row("s", hour, model_version="v1")
    write(serving, wrong)
    rollup.catch_up(worker)
    with serving.begin() as connection:
        connection.execute(
            text("update metrics.serving_minute set model_version = 'v2', written_at = now()")
        )
    rollup.catch_up(worker)
    assert stored(worker) == expected([Row("s", hour, model_version="v2")])


def test_a_row_in_the_catch_all_is_rolled_up(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    with worker.connect() as connection:
        connection.execute(text("select rollup.create_day(:day)"), {"day": hour.date()})
        connection.commit()
    rows = [Row("s", hour), Row("s", hour - 3 * DAY)]
    write(serving, *rows)
    with worker.connect() as connection:
        found = connection.execute(text("select count(*) from metrics.serving_minute_default"))
        assert found.scalar_one() == 1
    rollup.catch_up(worker)
    assert stored(worker) == expected(rows)


def test_a_transaction_open_during_a_tick_is_found_by_the_next(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    early, late = Row("s", hour), Row("s", hour + MINUTE)
    with serving.connect() as open_connection:
        write(open_connection, late)
        write(serving, early)
        rollup.catch_up(worker)
        assert stored(worker) == expected([early])
        open_connection.commit()
    rollup.catch_up(worker)
    assert stored(worker) == expected([early, late])


def test_a_transaction_open_for_longer_than_the_overlap_is_found_by_the_full_comparison(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    short = Schedule(overlap=timedelta(0))
    early, late = Row("s", hour), Row("s", hour + MINUTE)
    with serving.connect() as open_connection:
        write(open_connection, late)
        write(serving, early)
        rollup.catch_up(worker, schedule=short)
        open_connection.commit()
    rollup.catch_up(worker, schedule=short)
    assert stored(worker) == expected([early]), "found too early: this test shows nothing"
    rollup.catch_up(worker, schedule=Schedule(timedelta(0), compare_every=timedelta(0)))
    assert stored(worker) == expected([early, late])


def test_a_row_committed_during_a_rollup_belongs_to_the_next(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    no_overlap = Schedule(overlap=timedelta(0))
    first, meanwhile = Row("s", hour), Row("s", hour - 5 * HOUR)
    write(serving, first)
    rollup.catch_up(worker, progress=lambda _: write(serving, meanwhile), schedule=no_overlap)
    assert stored(worker) == expected([first])
    rollup.catch_up(worker, schedule=no_overlap)
    assert stored(worker) == expected([first, meanwhile])


def test_rolling_up_twice_writes_nothing(worker: Engine, serving: Engine, hour: datetime) -> None:
    write(serving, *random_rows(4, "s", hour, 70))
    rollup.catch_up(worker)
    before = versions(worker)
    outcome = rollup.catch_up(worker, schedule=ALWAYS_COMPARE)
    assert outcome.hours == 0
    assert versions(worker) == before


def test_an_hour_computed_again_writes_only_the_minutes_that_changed(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    rows = random_rows(5, "s", hour, 60)
    write(serving, *rows)
    rollup.catch_up(worker)
    before = {version for version in versions(worker) if version[0] == "serving_minute"}
    write(serving, rows[7].with_cells((77, 7)))
    rollup.catch_up(worker)
    after = {version for version in versions(worker) if version[0] == "serving_minute"}
    assert len(after - before) == 1


def test_rows_deleted_by_an_administrator_leave_the_rollups_at_the_full_comparison(
    store: Store, worker: Engine, serving: Engine, hour: datetime
) -> None:
    rows = [Row("s", hour), Row("s", hour - HOUR)]
    write(serving, *rows)
    rollup.catch_up(worker)
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text("delete from metrics.serving_minute where minute = :hour"), {"hour": hour}
        )
    rollup.catch_up(worker, schedule=ALWAYS_COMPARE)
    assert stored(worker) == expected(rows[1:])


def test_an_overflow_fails_its_hour_alone_and_says_so(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    day = hour.replace(hour=0) - DAY
    good = [Row("s", day + index * HOUR) for index in range(24) if index != 7]
    bad = [
        Row("s", day + 7 * HOUR, instance=name, cells=((40, LARGEST_CELL),))
        for name in ("i1", "i2")
    ]
    other = [Row("other", day + 7 * HOUR)]
    write(serving, *good, *bad, *other)
    outcome = rollup.catch_up(worker)
    assert outcome.hours == 24
    assert outcome.pending == 0
    assert stored(worker) == expected([*good, *other])
    (sentence,) = rollup.failed_hours(worker)
    assert sentence == outcome.errors[0]
    assert sentence.startswith(f"Service 's', hour {day + 7 * HOUR:%Y-%m-%dT%H:%MZ}, is not rolled")
    assert "too large to add up (integer out of range)" in sentence

    assert rollup.catch_up(worker).errors == (), "tried again although nothing changed"
    assert rollup.failed_hours(worker) == [sentence]

    corrected = bad[0].with_cells((41, 1))
    write(serving, corrected)
    assert rollup.catch_up(worker).hours == 1
    assert rollup.failed_hours(worker) == []
    assert stored(worker) == expected([*good, *other, corrected, bad[1]])


def test_an_hour_that_fails_keeps_what_was_rolled_up_before(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    good = Row("s", hour)
    write(serving, good)
    rollup.catch_up(worker)
    write(
        serving,
        Row("s", hour + MINUTE, instance="i1", cells=((40, LARGEST_CELL),)),
        Row("s", hour + MINUTE, instance="i2", cells=((40, LARGEST_CELL),)),
    )
    rollup.catch_up(worker)
    assert stored(worker) == expected([good])


def test_one_bad_service_does_not_stop_the_others_day_after_day(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    bad = [
        Row("bad", hour - back * HOUR, instance=name, cells=((40, LARGEST_CELL),))
        for back in range(12)
        for name in ("i1", "i2")
    ]
    good = [Row("good", hour - back * HOUR) for back in range(12)]
    write(serving, *bad, *good)
    outcome = rollup.catch_up(worker)
    assert stored(worker) == expected(good)
    assert (len(outcome.errors), outcome.pending) == (12, 0)
    sentences = rollup.failed_hours(worker)
    assert len(sentences) == rollup.SENTENCES + 1
    assert sentences[-1] == "7 further hours cannot be rolled up either."
    late = Row("good", hour + MINUTE)
    write(serving, late)
    rollup.catch_up(worker)
    assert stored(worker) == expected([*good, late])


def test_an_hour_locked_away_is_left_for_the_next_tick_and_the_watermark_waits(
    store: Store, worker: Engine, serving: Engine, hour: datetime
) -> None:
    write(serving, Row("free", hour), Row("locked", hour))
    rollup.catch_up(worker)
    watermark = _watermark(worker)
    late = [Row("free", hour + MINUTE), Row("locked", hour + MINUTE)]
    write(serving, *late)
    with store.engine(Role.OWNER).connect() as holder:
        holder.execute(
            text("select 1 from rollup.serving_hour where service = 'locked' for update")
        )
        outcome = rollup.catch_up(worker)
        assert (outcome.hours, outcome.pending) == (1, 1)
        assert "Service 'locked'" in outcome.delays[0]
        assert "is not rolled up yet" in outcome.delays[0]
        assert outcome.errors == ()
        assert _watermark(worker) == watermark
        holder.rollback()
    assert rollup.catch_up(worker).hours == 1
    assert stored(worker) == expected([Row("free", hour), Row("locked", hour), *late])
    assert _watermark(worker) > watermark


def test_history_is_rolled_up_newest_day_first_and_stored_day_by_day(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    midnight = hour.replace(hour=0)
    rows = [Row("s", midnight - back * DAY + 5 * HOUR) for back in range(1, 5)]
    rows += [Row("s", midnight - back * DAY + 6 * HOUR) for back in range(1, 5)]
    write(serving, *rows)
    seen: list[tuple[rollup.Progress, int]] = []

    def watch(progress: rollup.Progress) -> None:
        seen.append((progress, len(letters_by_hour(worker, "s"))))

    outcome = rollup.catch_up(worker, progress=watch)
    assert outcome.hours == 8
    assert outcome.oldest == midnight - 4 * DAY + 5 * HOUR
    assert [progress.run.first.date() for progress, _ in seen] == [
        (midnight - back * DAY).date() for back in range(1, 5)
    ]
    assert [(progress.hours_done, stored_hours) for progress, stored_hours in seen] == [
        (2, 2),
        (4, 4),
        (6, 6),
        (8, 8),
    ]


def test_a_rollup_stopped_half_way_goes_on_where_it_stopped(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    midnight = hour.replace(hour=0)
    rows = [Row("s", midnight - back * DAY) for back in range(1, 6)]
    write(serving, *rows)
    answers: Iterator[bool] = iter([True, True, False])
    outcome = rollup.catch_up(worker, proceed=lambda: next(answers))
    assert (outcome.hours, outcome.pending) == (2, 3)
    assert set(letters_by_hour(worker, "s")) == {midnight - DAY, midnight - 2 * DAY}
    assert _watermark(worker) is None
    assert rollup.catch_up(worker).hours == 3
    assert stored(worker) == expected(rows)


def test_minutes_and_instances_older_than_the_rollups_are_kept_only_as_hours(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    rows = [Row("s", hour), Row("s", hour - 100 * DAY)]
    write(serving, *rows)
    rollup.catch_up(worker, minutes_from=hour - 90 * DAY)
    found, wanted = stored(worker), expected(rows)
    assert found.hours == wanted.hours
    assert found.minutes == expected(rows[:1]).minutes
    assert found.instances == expected(rows[:1]).instances


def test_an_old_hour_is_found_whenever_its_rows_are_written(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour))
    rollup.catch_up(worker)
    old = Row("s", hour - 40 * DAY)
    write(serving, old)
    rollup.catch_up(worker)
    assert stored(worker) == expected([Row("s", hour), old])


def test_a_final_hour_is_never_computed_again(
    store: Store, worker: Engine, serving: Engine, hour: datetime
) -> None:
    first, stray = Row("s", hour), Row("s", hour + MINUTE)
    write(serving, first)
    rollup.catch_up(worker)
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("update rollup.hour_state set final = true"))
    write(serving, stray)
    assert rollup.catch_up(worker, schedule=ALWAYS_COMPARE).hours == 0
    assert stored(worker) == expected([first])


def test_names_that_break_careless_code_are_only_names(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    rows = [
        Row(name, hour, datacenter=name, instance=name, model_version=name)
        for name in ("", "it's", '"; drop table x; --', "%s %(a)s :b", "рассылки", "a\\b{c}")
    ]
    write(serving, *rows)
    rollup.catch_up(worker)
    assert stored(worker) == expected(rows)


def test_writers_at_work_during_the_rollup_lose_nothing(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    stop = threading.Event()
    errors: list[BaseException] = []
    written: dict[int, list[Row]] = {0: [], 1: []}

    def write_on(number: int) -> None:
        try:
            generation = 0
            while not stop.is_set():
                generation += 1
                batch = [
                    Row(
                        "s",
                        hour + minute * MINUTE,
                        instance=f"i{number}",
                        cells=((30 + generation % 50, generation), (100, number)),
                    )
                    for minute in range(number, 120, 7)
                ]
                write(serving, *batch)
                written[number] = batch
        except BaseException as error:  # noqa: BLE001 - told by the test below
            errors.append(error)

    threads = [threading.Thread(target=write_on, args=(number,)) for number in written]
    for thread in threads:
        thread.start()
    for _ in range(15):
        rollup.catch_up(worker)
        _assert_hours_are_the_sums_of_their_minutes(worker)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    rollup.catch_up(worker)
    assert stored(worker) == expected([*written[0], *written[1]])


def test_two_rollups_at_once_do_not_undo_each_other(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    """Leadership keeps them apart; a leader that lost it half-way must do no harm either."""
    rows = [Row("s", hour + index % 50 * MINUTE, instance=f"i{index}") for index in range(300)]
    written = threading.Event()
    errors: list[BaseException] = []

    def roll_on() -> None:
        try:
            while not written.is_set():
                outcome = rollup.catch_up(worker)
                assert (outcome.errors, outcome.delays) == ((), ())
        except BaseException as error:  # noqa: BLE001 - told by the test below
            errors.append(error)

    threads = [threading.Thread(target=roll_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    for row in rows:
        write(serving, row)
    written.set()
    for thread in threads:
        thread.join()
    assert errors == []
    rollup.catch_up(worker)
    assert stored(worker) == expected(rows)


def test_rows_written_before_the_watermark_are_left_to_the_full_comparison(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour))
    rollup.catch_up(worker)
    write_long_ago(serving, hour - HOUR + 2 * MINUTE, Row("s", hour - HOUR))
    assert rollup.catch_up(worker).hours == 0
    assert rollup.catch_up(worker, schedule=ALWAYS_COMPARE).hours == 1


def _watermark(engine: Engine) -> datetime:
    with engine.connect() as connection:
        found: datetime = connection.execute(
            text("select watermark from rollup.worker")
        ).scalar_one()
    return found


def _assert_hours_are_the_sums_of_their_minutes(engine: Engine) -> None:
    with engine.connect() as connection:
        torn = connection.execute(
            text(
                "select hour, sum(letters), (select sum(letters) from rollup.serving_minute m "
                "where date_trunc('hour', m.minute, 'UTC') = h.hour) from rollup.serving_hour h "
                "group by hour having sum(letters) is distinct from (select sum(letters) from "
                "rollup.serving_minute m where date_trunc('hour', m.minute, 'UTC') = h.hour)"
            )
        ).all()
    assert torn == []
