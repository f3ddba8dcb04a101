"""Rollups beside writers at work, and beside each other."""

from datetime import datetime
from functools import partial
from threading import Event

from sqlalchemy import Engine, text

from db import rollup
from tests.db.at_work import at_work
from tests.db.serving_rows import MINUTE, Row, expected, stored, write


def test_writers_at_work_during_the_rollup_lose_nothing(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    written: dict[int, list[Row]] = {0: [], 1: []}

    def write_on(number: int, stop: Event) -> None:
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

    with at_work(*(partial(write_on, number) for number in written)):
        for _ in range(15):
            rollup.catch_up(worker)
            assert_hours_are_the_sums_of_their_minutes(worker)
    rollup.catch_up(worker)
    assert stored(worker) == expected([*written[0], *written[1]])


def test_two_rollups_at_once_do_not_undo_each_other(
    worker: Engine, serving: Engine, hour: datetime
) -> None:
    """Leadership keeps them apart; a leader that lost it half-way must do no harm either."""
    rows = [Row("s", hour + index % 50 * MINUTE, instance=f"i{index}") for index in range(300)]

    def roll_on(written: Event) -> None:
        while not written.is_set():
            outcome = rollup.catch_up(worker)
            assert (outcome.errors, outcome.delays) == ((), ())

    with at_work(roll_on, roll_on, roll_on):
        for row in rows:
            write(serving, row)
    rollup.catch_up(worker)
    assert stored(worker) == expected(rows)


def assert_hours_are_the_sums_of_their_minutes(engine: Engine) -> None:
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
