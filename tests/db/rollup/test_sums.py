"""Rollups of serving against plain Python, on a real PostgreSQL, corrections included."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from db import rollup
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    floor_hour,
    random_rows,
    stored,
    write,
)


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
