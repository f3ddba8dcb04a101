"""What a tick does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from core.text.anonymise import Anonymised
from db import partitions
from db.engine import Store
from db.leadership import own_name
from db.partitions import DAYS_AHEAD, Retention
from db.team import report_intake
from db.team.report_intake.intake import BATCH_ROWS
from db.worker import Worker
from tests.core.text.spoken import about
from tests.db.serving_rows import (
    DAY,
    HOUR,
    MINUTE,
    Row,
    expected,
    store_time,
    stored,
    versions,
    write,
)
from tests.db.worker.clocks import Clock, Pauses, recorded


def test_rows_of_a_service_that_nobody_knows_are_rolled_up_within_one_tick(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    with serving.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.serving_minute (service, minute, datacenter, instance, "
                "model_version, letters, errors, slow, latency) values ('by-hand', :minute, 'x', "
                "'x-1', '0.1', 1000, 3, 7, array_fill(0, array[80]) || 990 || array_fill(0, "
                "array[40]) || 7 || array_fill(0, array[40]))"
            ),
            {"minute": hour},
        )
    tick = worker.tick()
    assert (tick.leads, tick.hours_rolled, tick.pending, tick.errors) == (True, 1, 0, ())
    with reader.connect() as connection:
        found = connection.execute(
            text(
                "select service, letters, errors, slow, first_cell, latency from "
                "rollup.serving_minute"
            )
        ).one()
    assert tuple(found) == ("by-hand", 1000, 3, 7, 81, [990, *[0] * 40, 7])


def test_a_tick_makes_the_days_of_the_retention_window_and_a_week_ahead(
    worker: Worker, reader: Engine, clock: Clock
) -> None:
    worker.tick()
    days = partitions.days(reader)
    assert days[0] == (clock.moment - 14 * DAY).date()
    assert days[-1] == (clock.moment + DAYS_AHEAD * DAY).date()
    assert len(days) == 14 + 1 + DAYS_AHEAD
    clock.moment += DAY
    worker.tick()
    assert partitions.days(reader)[-1] == (clock.moment + DAYS_AHEAD * DAY).date()


def test_a_tick_records_who_did_it_when_and_how_much(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    write(serving, Row("s", hour), Row("s", hour + HOUR))
    worker.tick()
    record = recorded(reader)
    assert record["leader"] == own_name()
    assert record["ticked_at"] == clock.moment
    assert record["hours_rolled"] == 2
    assert record["watermark"] is not None
    assert record["deep_checked_at"] == record["watermark"]
    assert record["error"] == ""
    worker.tick()
    assert recorded(reader)["hours_rolled"] == 0


def test_an_idle_tick_writes_nothing_but_its_record(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    write(serving, Row("s", hour))
    _beat(serving, started=hour, beat=hour + MINUTE)
    worker.tick()
    before = versions(reader), _lives(reader, "ctid::text, xmin::text")
    worker.tick()
    assert (versions(reader), _lives(reader, "ctid::text, xmin::text")) == before


def test_history_is_dropped_as_soon_as_it_is_rolled_up(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    worker.tick()
    old = hour - 30 * DAY
    partitions.ensure(worker._engine, old.date(), old.date())
    write(serving, Row("s", old))
    clock.moment += MINUTE
    worker.tick()
    assert old.date() not in partitions.days(reader)
    assert stored(reader) == expected([Row("s", old)])


def test_the_retention_that_is_asked_for_is_kept(
    store: Store, serving: Engine, reader: Engine, hour: datetime, clock: Clock
) -> None:
    worker = Worker(store, now=clock, retention=Retention(2 * DAY, 10 * DAY, 10 * DAY))
    write(serving, Row("s", hour - 5 * DAY), Row("s", hour - 11 * DAY))
    worker.tick()
    assert partitions.days(reader)[0] == (clock.moment - 2 * DAY).date()
    found = stored(reader)
    assert [minute for _, minute, *_ in found.minutes] == [hour - 5 * DAY]
    assert len(found.hours) == 2
    worker.close()


def _beat(
    serving: Engine, *, started: datetime, beat: datetime, stopped: datetime | None = None
) -> None:
    with serving.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.heartbeat values ('s', 'inference', 'i1', 'dc1', :started, "
                ":beat, :stopped) on conflict (service, component, instance) do update set "
                "started_at = excluded.started_at, beat_at = excluded.beat_at, "
                "stopped_at = excluded.stopped_at"
            ),
            {"started": started, "beat": beat, "stopped": stopped},
        )


def _lives(reader: Engine, columns: str = "started_at, beat_at, stopped_at") -> list[object]:
    with reader.connect() as connection:
        rows = connection.execute(
            text(f"select {columns} from rollup.lifetime order by started_at")
        )
        return [tuple(row) for row in rows]


def test_a_restart_begins_a_new_life_and_keeps_the_old_one(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    _beat(serving, started=hour, beat=hour + MINUTE)
    worker.tick()
    _beat(serving, started=hour, beat=hour + 2 * MINUTE)
    worker.tick()
    assert _lives(reader) == [(hour, hour + 2 * MINUTE, None)]
    _beat(serving, started=hour + 9 * MINUTE, beat=hour + 10 * MINUTE)
    worker.tick()
    _beat(
        serving,
        started=hour + 9 * MINUTE,
        beat=hour + 11 * MINUTE,
        stopped=hour + 11 * MINUTE,
    )
    worker.tick()
    assert _lives(reader) == [
        (hour, hour + 2 * MINUTE, None),
        (hour + 9 * MINUTE, hour + 11 * MINUTE, hour + 11 * MINUTE),
    ]


def test_a_heartbeat_as_old_as_what_is_forgotten_does_not_come_back(
    worker: Worker, serving: Engine, reader: Engine, hour: datetime
) -> None:
    _beat(serving, started=hour - 100 * DAY, beat=hour - 91 * DAY)
    worker.tick()
    assert _lives(reader) == []


def _report(serving: Engine, texts: Sequence[str]) -> None:
    with serving.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.false_report (service, report_id, reported_at, predicted_at, "
                "kind, source, letter_key, reporter_key, model_version, score, threshold, text, "
                "anonymiser) values ('mail', :id, now(), now(), 'false_positive', 'user', :id, '', "
                "'bert-3', 0.9, 0.5, :text, 'theirs 1')"
            ),
            [{"id": f"r{at}", "text": said} for at, said in enumerate(texts)],
        )


def test_a_tick_takes_reports_and_sorts_their_groups_into_topics(
    worker: Worker, serving: Engine, reader: Engine
) -> None:
    letters = [*about("bank", 12, seed=1), *about("school", 12, seed=1)]
    _report(serving, [*letters, letters[0] + " Пишите: ivan.petrov@mail.example"])
    tick = worker.tick()
    assert (tick.reports_taken, tick.reports_pending, tick.errors) == (25, 0, ())
    with reader.connect() as connection:
        last = connection.execute(
            text("select text from team.report_letter where report_id = 'r24'")
        ).scalar_one()
        topics = connection.execute(text("select count(*) from team.report_topic")).scalar_one()
    assert "[EMAIL_1]" in last
    assert topics == 2
    assert worker.tick().reports_taken == 0


def test_reports_that_wait_are_taken_without_a_pause(
    store: Store, serving: Engine, reader: Engine
) -> None:
    """Each look at the clock takes two seconds here, so that a piece is a batch or two."""
    waiting = 3 * BATCH_ROWS
    _report(serving, ["Да"] * waiting)
    clock = Clock(store_time(reader), step=timedelta(seconds=2))
    stop = Pauses()
    seen: list[int] = []

    def watch(_as_of: datetime) -> None:
        with reader.connect() as connection:
            seen.append(
                connection.execute(text("select count(*) from team.report_letter")).scalar_one()
            )
        if seen[-1] == waiting:
            stop.set()

    Worker(store, now=clock, hooks=[watch], is_steadied=False).run(stop)
    assert len(seen) > 1, "one piece: this test shows nothing"
    assert seen == sorted(seen)
    assert set(stop.seconds[:-1]) == {0.0}, "no pause while reports are pending"


def test_a_report_that_cannot_be_anonymised_is_told_at_every_tick(
    worker: Worker, serving: Engine, reader: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(said: str) -> Anonymised:
        if said == "b":
            raise ValueError(said)
        return Anonymised(said, ())

    take = partial(report_intake.take, anonymise=breaks)
    monkeypatch.setattr(report_intake, "take", take)
    _report(serving, ["a", "b"])
    for taken in (2, 0):
        tick = worker.tick()
        assert tick.reports_taken == taken
        (sentence,) = tick.errors
        assert "'r1' cannot be anonymised (ValueError)" in sentence
        assert recorded(reader)["error"] == sentence
