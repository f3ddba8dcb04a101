"""Rows that come after their day was dropped, and what else goes with age."""

from datetime import datetime

from sqlalchemy import Engine, text

from db import partitions, rollup
from tests.db.partitions.counts import RETENTION, in_catch_all, instance_rows
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    letters_by_hour,
    stored,
    write,
    write_long_ago,
)


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
    assert instance_rows(worker) == 1, "only today's row is left"
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
    assert in_catch_all(worker) == 0
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
