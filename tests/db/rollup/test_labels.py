"""The rollup of labels by day against plain Python, on a real PostgreSQL."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, event, text

from db.day_rollup import Outcome
from db.engine import Role, Store
from db.rollup import Schedule
from db.rollup_labels import catch_up, failed_days
from db.worker import Worker
from tests.db.quality_rows import (
    DAY,
    HOUR,
    expected_labels,
    label_corrections,
    random_labels,
    row_versions,
    stored_labels,
    write,
)
from tests.db.rollup.watermarks import ALWAYS_COMPARE, execute, watermark_of
from tests.db.serving_rows import store_time
from tests.fakes_quality import LabelRow


@pytest.fixture
def midnight(worker: Engine) -> datetime:
    """The beginning of the day before yesterday, in the store's time."""
    today = store_time(worker).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - 2 * DAY


def label(at: datetime, letter: str = "l", *, service: str = "mail") -> LabelRow:
    return LabelRow(service, "v1", letter, at, at + HOUR, "ru", 0.9, True, True, 0.5)


def agree(engine: Engine, rows: Iterable[LabelRow], service: str = "mail") -> None:
    """The rollup holds just what the rows add up to."""
    found, wanted = stored_labels(engine, service), expected_labels(list(rows), service)
    assert found.keys() == wanted.keys()
    for key, sums in wanted.items():
        assert found[key][:2] == sums[:2], key
        np.testing.assert_allclose(found[key][2:], sums[2:], rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_equals_what_plain_python_adds_up_through_corrections(
    worker: Engine, serving: Engine, midnight: datetime, seed: int
):
    rng = np.random.default_rng(seed)
    rows = {row.letter_id + row.model_version: row for row in _some(rng, midnight)}
    write(serving, *rows.values())
    outcome = catch_up(worker)
    agree(worker, rows.values())
    assert outcome.days == len({row.predicted_at.date() for row in rows.values()})
    assert (outcome.pending, outcome.errors, outcome.delays) == (0, (), ())
    for _ in range(4):
        changed = list(label_corrections(rng, list(rows.values())))
        write(serving, *changed)
        rows |= {row.letter_id + row.model_version: row for row in changed}
        catch_up(worker)
        agree(worker, rows.values())


def _some(rng: np.random.Generator, midnight: datetime) -> list[LabelRow]:
    """Old enough that corrected labels still lie in the past."""
    return random_labels(rng, midnight - 14 * DAY, 4 * 24, 400)


def test_services_with_the_same_names_inside_stay_apart(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [label(midnight), label(midnight, service="почта"), label(midnight, "2")]
    write(serving, *rows)
    catch_up(worker)
    agree(worker, rows)
    agree(worker, rows, "почта")


def test_days_are_those_of_the_score_in_utc_whatever_the_sessions_zone(
    worker: Engine, serving: Engine, midnight: datetime
):
    far_east = text("set local time zone 'Asia/Vladivostok'")
    event.listen(worker, "begin", lambda connection: connection.execute(far_east))
    rows = [
        label(midnight - timedelta(microseconds=1), "1"),
        label(midnight, "2"),
        label(midnight + DAY - timedelta(microseconds=1), "3"),
    ]
    write(serving, *rows)
    catch_up(worker)
    by_day = {key[0]: sums[0] for key, sums in stored_labels(worker).items()}
    assert by_day == {(midnight - DAY).date(): 1, midnight.date(): 2}


@pytest.mark.parametrize("back", [7, 400])
def test_a_label_from_long_ago_changes_its_day_and_no_other(
    worker: Engine, serving: Engine, midnight: datetime, back: int
):
    rows = [label(midnight, "1"), label(midnight - back * DAY, "2")]
    write(serving, *rows)
    catch_up(worker)
    before = row_versions(worker, "label")
    late = replace(label(midnight - back * DAY, "3"), score=0.1)
    write(serving, late)
    assert catch_up(worker).days == 1
    agree(worker, [*rows, late])
    assert len(row_versions(worker, "label") - before) == 2  # its cell, and the day's state


def test_a_correction_that_takes_a_label_to_another_day_changes_both(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [label(midnight, "1"), label(midnight - 30 * DAY, "2"), label(midnight - 40 * DAY, "3")]
    write(serving, *rows)
    catch_up(worker)
    rows[1] = label(midnight - 50 * DAY, "2")
    write(serving, rows[1])
    assert catch_up(worker).days == 2
    agree(worker, rows)
    with worker.connect() as connection:
        days = connection.execute(text("select day from rollup.label_day_state")).scalars()
        assert set(days) == {row.predicted_at.date() for row in rows}


def test_a_label_that_moves_while_days_are_being_rolled_up_is_found_by_the_next_look(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [label(midnight - back * DAY, str(back)) for back in range(4)]
    write(serving, *rows)
    catch_up(worker)
    changed = [replace(row, label=False) for row in rows[:2]]
    write(serving, *changed)
    moved = replace(rows[3], predicted_at=rows[1].predicted_at, labelled_at=rows[1].labelled_at)

    def move() -> bool:
        write(serving, moved)
        return True

    assert catch_up(worker, proceed=move).days == 2
    stale = expected_labels([*changed, rows[2]]).keys() | {rows[3].cell}
    assert stored_labels(worker).keys() == stale, "found too early: this test shows nothing"
    assert catch_up(worker).days == 1
    agree(worker, [*changed, rows[2], moved])


def test_rolling_up_twice_writes_nothing(worker: Engine, serving: Engine, midnight: datetime):
    write(serving, *_some(np.random.default_rng(5), midnight))
    catch_up(worker)
    before = row_versions(worker, "label")
    assert catch_up(worker).days == 0
    assert catch_up(worker, schedule=ALWAYS_COMPARE).days == 0
    assert row_versions(worker, "label") == before


def test_a_transaction_open_during_a_tick_is_found_by_the_next(
    worker: Engine, serving: Engine, midnight: datetime
):
    early, late = label(midnight, "1"), label(midnight, "2")
    with serving.connect() as open_connection:
        write(open_connection, late)
        write(serving, early)
        catch_up(worker)
        agree(worker, [early])
        open_connection.commit()
    catch_up(worker)
    agree(worker, [early, late])


def test_a_transaction_open_for_longer_than_the_overlap_is_found_by_the_full_comparison(
    worker: Engine, serving: Engine, midnight: datetime
):
    short = Schedule(overlap=timedelta(0))
    early, late = label(midnight, "1"), label(midnight, "2")
    with serving.connect() as open_connection:
        write(open_connection, late)
        write(serving, early)
        catch_up(worker, schedule=short)
        open_connection.commit()
    catch_up(worker, schedule=short)
    agree(worker, [early])  # found too early, this test would show nothing
    catch_up(worker, schedule=Schedule(timedelta(0), compare_every=timedelta(0)))
    agree(worker, [early, late])


@pytest.mark.parametrize("back", [0, 300])
def test_labels_deleted_by_an_administrator_leave_the_rollup_at_the_full_comparison(
    store: Store, worker: Engine, serving: Engine, midnight: datetime, back: int
):
    rows = [label(midnight - back * DAY, "1"), label(midnight - 2 * DAY, "2")]
    write(serving, *rows)
    catch_up(worker)
    execute(store.engine(Role.OWNER), "delete from metrics.labelled_letter where letter_id = '1'")
    catch_up(worker, schedule=ALWAYS_COMPARE)
    agree(worker, rows[1:])
    with worker.connect() as connection:
        states = connection.execute(text("select count(*) from rollup.label_day_state"))
        assert states.scalar_one() == 1


def test_a_first_fill_stopped_half_way_goes_on_newest_day_first(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [label(midnight - back * DAY, str(back)) for back in range(5)]
    write(serving, *rows)
    answers: Iterator[bool] = iter([True, False])
    outcome = catch_up(worker, proceed=lambda: next(answers))
    assert (outcome.days, outcome.pending) == (2, 3)
    agree(worker, rows[:2])
    assert watermark_of(worker, "labels_watermark") is None
    rows[1] = replace(rows[1], label=False)
    rows[0] = replace(rows[0], predicted_at=rows[4].predicted_at)  # out of a day that is done
    write(serving, *rows[:2])
    outcome = catch_up(worker)
    assert (outcome.days, outcome.pending) == (5, 0)
    agree(worker, rows)
    assert watermark_of(worker, "labels_watermark") is not None


def test_a_worker_that_dies_between_two_days_is_carried_on_from_by_the_next(
    worker: Engine, serving: Engine, midnight: datetime
):
    def die() -> bool:
        raise InterruptedError

    rows = [label(midnight - back * DAY, str(back)) for back in range(3)]
    write(serving, *rows)
    catch_up(worker)
    reached = watermark_of(worker, "labels_watermark")
    corrected = [replace(row, label=False) for row in rows]
    write(serving, *corrected)
    with pytest.raises(InterruptedError):
        catch_up(worker, proceed=die)
    agree(worker, [corrected[0], *rows[1:]])
    assert watermark_of(worker, "labels_watermark") == reached
    assert catch_up(worker).days == 2
    agree(worker, corrected)


def test_a_days_state_tells_when_its_newest_label_was_given(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = [replace(label(midnight, str(at)), labelled_at=midnight + at * HOUR) for at in (5, 3)]
    write(serving, *rows)
    for newest, corrected in ((5, rows[0]), (3, replace(rows[0], labelled_at=midnight + HOUR))):
        write(serving, corrected)
        catch_up(worker)
        with worker.connect() as connection:
            found = connection.execute(
                text("select source_rows, newest_labelled_at from rollup.label_day_state")
            ).one()
        assert tuple(found) == (2, midnight + newest * HOUR)


def test_a_day_locked_away_is_left_for_the_next_tick_and_the_watermark_waits(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    write(serving, label(midnight), label(midnight, service="other"))
    catch_up(worker)
    reached = watermark_of(worker, "labels_watermark")
    late = [replace(label(midnight, service=name), label=False) for name in ("mail", "other")]
    write(serving, *late)
    with store.engine(Role.OWNER).connect() as holder:
        holder.execute(text("select from rollup.label_day where service = 'mail' for update"))
        outcome = catch_up(worker)
        assert (outcome.days, outcome.pending, outcome.errors) == (1, 1, ())
        assert "Service 'mail', labels of" in outcome.delays[0]
        assert watermark_of(worker, "labels_watermark") == reached
        holder.rollback()
    assert catch_up(worker).days == 1
    agree(worker, late)
    agree(worker, late, "other")


def test_a_day_that_fails_is_told_until_its_rows_are_corrected(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    # No row that the contract allows makes a day fail: a constraint stands in for what might.
    rule = "alter table rollup.label_day add constraint none_of_these check (segment <> 'bad')"
    execute(store.engine(Role.OWNER), rule)
    good, bad = label(midnight, "1"), replace(label(midnight - DAY, "2"), segment="bad")
    write(serving, good, bad)
    (sentence,) = catch_up(worker).errors
    assert sentence.startswith(f"Service 'mail', labels of {bad.predicted_at.date()}, are not")
    assert sentence.endswith("Correct the rows of this day in metrics.labelled_letter.")
    assert failed_days(worker) == [sentence]
    agree(worker, [good])
    assert catch_up(worker).errors == (), "tried again although nothing changed"
    corrected = replace(bad, segment="ru")
    write(serving, corrected)
    assert catch_up(worker).days == 1
    assert failed_days(worker) == []
    agree(worker, [good, corrected])


def test_two_workers_at_once_leave_the_same_days_as_one(
    worker: Engine, serving: Engine, midnight: datetime
):
    rows = _some(np.random.default_rng(8), midnight)
    write(serving, *rows)
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(catch_up(worker))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.pending for outcome in outcomes] == [0, 0, 0]
    agree(worker, rows)


def test_a_tick_of_the_worker_rolls_up_labels(
    store: Store, worker: Engine, serving: Engine, midnight: datetime
):
    rows = [label(midnight - back * DAY, str(back)) for back in range(3)]
    write(serving, *rows)
    with_worker = Worker(store, now=lambda: store_time(worker))
    try:
        first = with_worker.tick(lambda: False)
        assert (first.label_days_rolled, first.label_days_pending) == (1, 2)
        second = with_worker.tick()
        assert (second.label_days_rolled, second.label_days_pending) == (2, 0)
        third = with_worker.tick()
    finally:
        with_worker.close()
    assert (third.label_days_rolled, third.errors) == (0, ())
    agree(worker, rows)


def test_the_serving_stack_may_not_write_the_rollup_and_the_web_may_only_read_it(store: Store):
    wanted: dict[Role, set[str]] = {
        Role.SERVING: set(),
        Role.APP: {"select"},
        Role.WORKER: {"select", "insert", "update", "delete"},
    }
    with store.engine(Role.OWNER).connect() as connection:
        for role, allowed in wanted.items():
            for table in ("rollup.label_day", "rollup.label_day_state", "rollup.label_look"):
                for right in ("select", "insert", "update", "delete"):
                    granted = connection.execute(
                        text("select has_table_privilege(:role, :table, :right)"),
                        {"role": role.value, "table": table, "right": right},
                    ).scalar_one()
                    assert granted is (right in allowed), (role, table, right)
