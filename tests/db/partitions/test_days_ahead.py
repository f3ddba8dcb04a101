"""Days of instance rows are made ahead, beside writers at work."""

import threading
from datetime import date, datetime
from functools import partial
from threading import Event

from sqlalchemy import Engine

from db import partitions, rollup
from db.engine import Role, Store
from db.partitions import DAYS_AHEAD
from tests.db.at_work import at_work
from tests.db.partitions.counts import in_catch_all, instance_rows
from tests.db.serving_rows import DAY, HOUR, MINUTE, Row, expected, stored, write


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
    assert in_catch_all(worker) == 0
    write(serving, Row("s", midnight - 2 * DAY - MINUTE), Row("s", midnight - DAY))
    assert in_catch_all(worker) == 2


def test_rows_that_came_before_their_day_move_into_it(
    worker: Engine, serving: Engine, midnight: datetime
) -> None:
    rows = [Row("s", midnight - index * 6 * HOUR) for index in range(12)]
    write(serving, *rows)
    rollup.catch_up(worker)
    partitions.ensure(worker, (midnight - 3 * DAY).date(), midnight.date())
    assert in_catch_all(worker) == 0
    assert instance_rows(worker) == 12
    assert rollup.catch_up(worker).hours == 0, "moving a row is no change"
    assert stored(worker) == expected(rows)
    write(serving, rows[3].with_cells((9, 9)))
    assert instance_rows(worker) == 12, "the key holds after the move"


def test_a_writer_at_work_notices_nothing_of_a_day_being_made(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
) -> None:
    """Every row goes to the day that is made meanwhile: none may be refused, lost or doubled."""
    counts: list[int] = []

    def write_on(number: int, stop: Event) -> None:
        count = 0
        while not stop.is_set():
            row = Row("s", midnight - (count % 5 + 1) * DAY, instance=f"{number}-{count}")
            write(serving, row)
            count += 1
        counts.append(count)

    def read_on(stop: Event) -> None:
        reader = store.engine(Role.APP)
        seen = 0
        while not stop.is_set():
            found = instance_rows(reader)
            assert found >= seen, "rows were out of sight while they moved"
            seen = found

    with at_work(partial(write_on, 0), partial(write_on, 1), read_on):
        for back in range(5, 0, -1):
            for _ in range(20):  # behind other people's transactions it may have to try again
                day = (midnight - back * DAY).date()
                if not partitions.ensure(worker, day, day).errors:
                    break
    assert len(partitions.days(worker)) == 5
    assert in_catch_all(worker) == 0
    assert instance_rows(worker) == sum(counts) > 0


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
    assert (instance_rows(worker), in_catch_all(worker)) == (1, 0)


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
