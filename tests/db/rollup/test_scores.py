"""The rollup of scores by day against plain Python, on a real PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg2
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from db import rollup_scores
from db import worker as worker_module
from db.engine import Role, Store
from db.rollup import SENTENCES, Schedule
from db.rollup_scores import catch_up, failed_days
from db.worker import Worker
from tests.db.quality_rows import (
    DAY,
    HOUR,
    corrections,
    expected,
    random_scores,
    row_versions,
    stored,
    write,
)
from tests.db.rollup.watermarks import ALWAYS_COMPARE, execute, watermark_of
from tests.db.serving_rows import store_time
from tests.fakes_quality import ScoreRow

MOST_LETTERS = 2**63 - 1


@pytest.fixture
def midnight(worker: Engine) -> datetime:
    """The beginning of yesterday, in the store's time."""
    today = store_time(worker).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - DAY


def row(hour: datetime, letters: int = 10, *, service: str = "mail", number: int = 3) -> ScoreRow:
    return ScoreRow(service, hour, "v1", "ru", True, number, letters)


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_equals_what_plain_python_adds_up_through_corrections(
    worker: Engine, serving: Engine, midnight: datetime, seed: int
):
    rng = np.random.default_rng(seed)
    rows = random_scores(rng, midnight - 3 * DAY + 7 * HOUR, 60)
    write(serving, *rows)
    outcome = catch_up(worker)
    assert stored(worker) == expected(rows)
    assert outcome.days == len({one.hour.date() for one in rows})
    assert (outcome.pending, outcome.errors, outcome.delays) == (0, (), ())
    corrected = {(one.hour, one.cell[1:]): one for one in rows}
    for _ in range(3):
        changed = list(corrections(rng, list(corrected.values())))
        write(serving, *changed)
        corrected |= {(one.hour, one.cell[1:]): one for one in changed}
        catch_up(worker)
        assert stored(worker) == expected(list(corrected.values()))


def test_services_with_the_same_names_inside_stay_apart(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [row(midnight, 7), row(midnight, 8, service="почта"), row(midnight + HOUR, 1)]
    write(serving, *rows)
    catch_up(worker)
    assert sum(stored(worker).values()) == 8
    assert stored(worker, "почта") == expected(rows, "почта")


def test_days_are_utc_whatever_the_sessions_zone(
    worker: Engine, serving: Engine, midnight: datetime
):
    far_east = text("set local time zone 'Asia/Vladivostok'")
    event.listen(worker, "begin", lambda connection: connection.execute(far_east))
    rows = [row(midnight - HOUR, 1), row(midnight, 2), row(midnight + 23 * HOUR, 4)]
    write(serving, *rows)
    catch_up(worker)
    by_day = {key[0]: letters for key, letters in stored(worker).items()}
    assert by_day == {(midnight - DAY).date(): 1, midnight.date(): 6}


def test_a_bin_without_letters_has_no_row_and_a_cell_that_empties_loses_its_own(
    worker: Engine, serving: Engine, midnight: datetime
):
    write(serving, row(midnight, 5), row(midnight, 0, number=4))
    catch_up(worker)
    assert list(stored(worker).values()) == [5]
    write(serving, row(midnight, 0))
    catch_up(worker)
    assert stored(worker) == {}


def test_a_row_seven_days_back_changes_its_day_and_no_other(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [row(midnight), row(midnight - 7 * DAY)]
    write(serving, *rows)
    catch_up(worker)
    before = row_versions(worker)
    late = row(midnight - 7 * DAY + HOUR, 3, number=9)
    write(serving, late)
    assert catch_up(worker).days == 1
    assert stored(worker) == expected([*rows, late])
    assert len(row_versions(worker) - before) == 2  # its cell, and the day's state


def test_rolling_up_twice_writes_nothing(worker: Engine, serving: Engine, midnight: datetime):
    write(serving, *random_scores(np.random.default_rng(5), midnight - DAY, 30))
    catch_up(worker)
    before = row_versions(worker)
    assert catch_up(worker, schedule=ALWAYS_COMPARE).days == 0
    assert row_versions(worker) == before


def test_a_transaction_open_during_a_tick_is_found_by_the_next(
    worker: Engine, serving: Engine, midnight: datetime
):
    early, late = row(midnight), row(midnight + HOUR, 3)
    with serving.connect() as open_connection:
        write(open_connection, late)
        write(serving, early)
        catch_up(worker)
        assert stored(worker) == expected([early])
        open_connection.commit()
    catch_up(worker)
    assert stored(worker) == expected([early, late])


def test_a_transaction_open_for_longer_than_the_overlap_is_found_by_the_full_comparison(
    worker: Engine, serving: Engine, midnight: datetime
):
    short = Schedule(overlap=timedelta(0))
    early, late = row(midnight), row(midnight + HOUR, 3)
    with serving.connect() as open_connection:
        write(open_connection, late)
        write(serving, early)
        catch_up(worker, schedule=short)
        open_connection.commit()
    catch_up(worker, schedule=short)
    assert stored(worker) == expected([early]), "found too early: this test shows nothing"
    catch_up(worker, schedule=Schedule(timedelta(0), compare_every=timedelta(0)))
    assert stored(worker) == expected([early, late])


def test_rows_deleted_by_an_administrator_leave_the_rollup_at_the_full_comparison(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    rows = [row(midnight), row(midnight - 2 * DAY)]
    write(serving, *rows)
    catch_up(worker)
    execute(
        store.engine(Role.OWNER), "delete from metrics.score_hour where hour = :at", at=midnight
    )
    catch_up(worker, schedule=ALWAYS_COMPARE)
    assert stored(worker) == expected(rows[1:])
    with worker.connect() as connection:
        states = connection.execute(text("select count(*) from rollup.score_day_state"))
        assert states.scalar_one() == 1


def test_a_first_fill_stopped_half_way_goes_on_newest_day_first(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [row(midnight - back * DAY, back + 1) for back in range(5)]
    write(serving, *rows)
    answers: Iterator[bool] = iter([True, False])
    outcome = catch_up(worker, proceed=lambda: next(answers))
    assert (outcome.days, outcome.pending) == (2, 3)
    assert stored(worker) == expected(rows[:2])
    assert watermark_of(worker, "scores_watermark") is None
    changed = row(midnight - DAY, 77)
    write(serving, changed)
    outcome = catch_up(worker)
    assert (outcome.days, outcome.pending) == (4, 0)
    assert stored(worker) == expected([rows[0], changed, *rows[2:]])
    assert watermark_of(worker, "scores_watermark") is not None


def test_even_without_any_time_left_one_day_is_done(
    worker: Engine, serving: Engine, midnight: datetime
):
    write(serving, row(midnight), row(midnight - DAY))
    for left in (1, 0):
        outcome = catch_up(worker, proceed=lambda: False)
        assert (outcome.days, outcome.pending) == (1, left)


def test_old_history_of_a_new_service_is_found_whenever_it_is_written(
    worker: Engine, serving: Engine, midnight: datetime
):
    write(serving, row(midnight))
    catch_up(worker)
    old = [row(midnight - back * DAY, service="other") for back in (40, 400)]
    write(serving, *old)
    assert catch_up(worker).days == 2
    assert stored(worker, "other") == expected(old, "other")


def test_too_many_letters_fail_their_day_alone_and_say_so_until_they_are_corrected(
    worker: Engine, serving: Engine, midnight: datetime
):
    bad = [row(midnight - DAY, MOST_LETTERS), row(midnight - DAY + HOUR, MOST_LETTERS)]
    good = [row(midnight), row(midnight - 2 * DAY)]
    write(serving, *bad, *good)
    outcome = catch_up(worker)
    assert (outcome.days, outcome.pending) == (2, 0)
    assert stored(worker) == expected(good)
    (sentence,) = failed_days(worker)
    assert sentence == outcome.errors[0]
    day = (midnight - DAY).date()
    assert sentence == (
        f"Service 'mail', scores of {day}, are not rolled up: bigint out of range. "
        "Correct the rows of this day in metrics.score_hour."
    )
    assert catch_up(worker).errors == (), "tried again although nothing changed"
    assert failed_days(worker) == [sentence]
    write(serving, row(midnight - DAY, 1), row(midnight - DAY + HOUR, 2))
    assert catch_up(worker).days == 1
    assert failed_days(worker) == []
    assert stored(worker)[bad[0].cell] == 3


def test_a_day_that_fails_keeps_what_was_rolled_up_before(
    worker: Engine, serving: Engine, midnight: datetime
):
    good = row(midnight)
    write(serving, good)
    catch_up(worker)
    write(serving, row(midnight + HOUR, MOST_LETTERS))
    assert len(catch_up(worker).errors) == 1
    assert stored(worker) == expected([good])


def test_many_failed_days_are_told_in_few_sentences(
    worker: Engine, serving: Engine, midnight: datetime
):
    days = [midnight - back * DAY for back in range(8)]
    write(serving, *(row(day + hour * HOUR, MOST_LETTERS) for day in days for hour in (0, 1)))
    catch_up(worker)
    sentences = failed_days(worker)
    assert len(sentences) == SENTENCES + 1
    assert sentences[-1] == "3 further days of scores cannot be rolled up either."


def test_a_day_locked_away_is_left_for_the_next_tick_and_the_watermark_waits(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    write(serving, row(midnight), row(midnight, service="other"))
    catch_up(worker)
    reached = watermark_of(worker, "scores_watermark")
    late = [row(midnight, 11), row(midnight, 12, service="other")]
    write(serving, *late)
    with store.engine(Role.OWNER).connect() as holder:
        holder.execute(text("select from rollup.score_day where service = 'mail' for update"))
        outcome = catch_up(worker)
        assert (outcome.days, outcome.pending, outcome.errors) == (1, 1, ())
        assert "Service 'mail'" in outcome.delays[0]
        assert watermark_of(worker, "scores_watermark") == reached
        holder.rollback()
    assert catch_up(worker).days == 1
    assert stored(worker) == expected(late)
    assert stored(worker, "other") == expected(late, "other")


def test_two_workers_at_once_leave_the_same_days_as_one(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = random_scores(np.random.default_rng(8), midnight - 4 * DAY, 100)
    write(serving, *rows)
    outcomes: list[rollup_scores.Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(catch_up(worker))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.pending for outcome in outcomes] == [0, 0, 0]
    assert stored(worker) == expected(rows)


def test_a_tick_of_the_worker_rolls_up_scores_and_tells_of_days_that_cannot_be(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    good = [row(midnight), row(midnight - DAY)]
    bad = [row(midnight - 2 * DAY + hour * HOUR, MOST_LETTERS) for hour in (0, 1)]
    write(serving, *good, *bad)
    with_worker = Worker(store, now=lambda: store_time(worker))
    try:
        first = with_worker.tick(lambda: False)
        assert (first.score_days_rolled, first.score_days_pending) == (1, 2)
        second = with_worker.tick()
    finally:
        with_worker.close()
    assert (second.score_days_rolled, second.score_days_pending) == (1, 0)
    assert stored(worker) == expected(good)
    assert [error for error in second.errors if "scores of" in error] == failed_days(worker) != []


def test_a_backlog_is_rolled_up_without_pauses(
    store: Store,
    worker: Engine,
    serving: Engine,
    midnight: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    rows = [row(midnight - back * DAY) for back in range(6)]
    write(serving, *rows)
    monkeypatch.setattr(worker_module, "PIECE", timedelta(0))  # one day a tick
    stop = threading.Event()
    running = Worker(store, now=lambda: store_time(worker), tick_seconds=600.0)
    thread = threading.Thread(target=running.run, args=(stop,))
    thread.start()
    patience = time.monotonic() + 60
    while stored(worker) != expected(rows) and time.monotonic() < patience:
        time.sleep(0.05)
    stop.set()
    thread.join()
    assert stored(worker) == expected(rows)


def test_a_connection_that_breaks_inside_of_a_day_leaves_nothing_half_done(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    rows = [row(midnight - back * DAY, number=at) for back in range(3) for at in range(9)]
    write(serving, *rows)
    owner = store.engine(Role.OWNER)
    days: list[object] = []

    def break_at_the_second(
        _connection: object, cursor: Any, statement: str, parameters: Any, *_: object
    ) -> None:
        if "insert into rollup.score_day as kept" in statement:
            days.append(parameters["day"])
            if len(days) == 2:
                pid = cursor.connection.info.backend_pid
                execute(owner, "select pg_terminate_backend(:pid)", pid=pid)

    event.listen(worker, "before_cursor_execute", break_at_the_second)
    with pytest.raises(DBAPIError):
        catch_up(worker)
    assert stored(worker) == expected([one for one in rows if one.hour == midnight])
    assert catch_up(worker).days == 2
    assert stored(worker) == expected(rows)


def test_the_serving_stack_may_not_write_the_rollup_and_the_web_may_only_read_it(store: Store):
    wanted: dict[Role, set[str]] = {
        Role.SERVING: set(),
        Role.APP: {"select"},
        Role.WORKER: {"select", "insert", "update", "delete"},
    }
    with store.engine(Role.OWNER).connect() as connection:
        for role, allowed in wanted.items():
            for table in ("rollup.score_day", "rollup.score_day_state"):
                for right in ("select", "insert", "update", "delete"):
                    granted = connection.execute(
                        text("select has_table_privilege(:role, :table, :right)"),
                        {"role": role.value, "table": table, "right": right},
                    ).scalar_one()
                    assert granted is (right in allowed), (role, table, right)


@pytest.mark.parametrize("moment", ["1999-12-31T23:00Z", "-infinity"])
def test_scores_and_labels_from_before_this_century_are_refused_by_name(
    serving: Engine, moment: str
):
    for table, statement in (
        (
            "score_hour",
            "insert into metrics.score_hour values ('mail', :at, 'v', 's', true, 1, 1)",
        ),
        (
            "labelled_letter",
            (
                "insert into metrics.labelled_letter "
                "values ('mail', 'v', 'l', :at, '2020-01-01Z', 's', 0.5, true, true, 1)"
            ),
        ),
    ):
        with pytest.raises(IntegrityError) as refusal:
            execute(serving, statement, at=moment)
        assert isinstance(refusal.value.orig, psycopg2.errors.CheckViolation)
        name = f"{table}_is_a_date_of_this_century"
        assert refusal.value.orig.diag.constraint_name == name
