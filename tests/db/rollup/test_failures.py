"""Hours that cannot be rolled up fail alone and say so; an hour that is locked waits."""

from datetime import datetime

from sqlalchemy import Engine, text

from db import rollup
from db.engine import Role, Store
from tests.db.rollup.watermarks import watermark_of
from tests.db.serving_rows import DAY, HOUR, MINUTE, Row, expected, stored, write

LARGEST_CELL = 2**31 - 1


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
    watermark = watermark_of(worker)
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
        assert watermark_of(worker) == watermark
        holder.rollback()
    assert rollup.catch_up(worker).hours == 1
    assert stored(worker) == expected([Row("free", hour), Row("locked", hour), *late])
    assert watermark_of(worker) > watermark
