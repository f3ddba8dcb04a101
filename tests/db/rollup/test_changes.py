"""Which hours a rollup computes again: those whose rows changed, however late, and no others."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from db import rollup
from db.engine import Role, Store
from db.rollup import Schedule
from tests.db.rollup.watermarks import ALWAYS_COMPARE
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    random_rows,
    stored,
    versions,
    write,
    write_long_ago,
)


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


def test_rows_written_before_the_watermark_are_left_to_the_full_comparison(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour))
    rollup.catch_up(worker)
    write_long_ago(serving, hour - HOUR + 2 * MINUTE, Row("s", hour - HOUR))
    assert rollup.catch_up(worker).hours == 0
    assert rollup.catch_up(worker, schedule=ALWAYS_COMPARE).hours == 1
