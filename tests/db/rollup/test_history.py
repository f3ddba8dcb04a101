"""History is rolled up newest day first, and what is old is final."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, text

from db import rollup
from db.engine import Role, Store
from tests.db.rollup.watermarks import ALWAYS_COMPARE, watermark_of
from tests.db.serving_rows import DAY, HOUR, MINUTE, Row, expected, letters_by_hour, stored, write


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
    assert watermark_of(worker) is None
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
