"""Old days are dropped once they are rolled up, beside writers at work."""

import random
import threading
import time
from datetime import date, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from db import changes, partitions, rollup
from db.engine import Role, Store
from db.partitions import Retention
from tests.db.at_work import at_work
from tests.db.partitions.counts import RETENTION, instance_rows
from tests.db.serving_rows import DAY, HOUR, MINUTE, Row, expected, letters_by_hour, stored, write


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
    assert instance_rows(worker) == 2
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
    assert instance_rows(worker) == 1
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
    at = [hours[0]]

    def write_on(stop: Event) -> None:
        while not stop.wait(chance.uniform(0, 0.04)):
            hour = at[0]
            if len(rows[hour]) < 60:  # a slow machine gets its quiet moment in the end
                row = Row("s", hour + len(rows[hour]) * MINUTE)
                write(serving, row)
                rows[hour].append(row)

    answers = set()
    with at_work(write_on) as [writing]:
        for hour in hours:
            at[0], answer = hour, ""
            while answer != "dropped" and not writing.done():
                rollup.catch_up_before(worker, hour + HOUR)
                with worker.begin() as connection:
                    answer = connection.execute(
                        text("select rollup.drop_day(:day)"), {"day": hour.date()}
                    ).scalar_one()
                answers.add(answer)
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
