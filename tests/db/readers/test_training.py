"""Training runs as the reader gives them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.ports import TrainingReader, TrainingRun
from core.timeframe import HOUR, MINUTE, Window
from db.engine import Role, Store
from db.readers.snapshot import snapshot
from db.readers.training import SqlTrainingReader
from db.reports import all_reports, training_report
from tests.db.readers.serving import execute

AT = datetime(2025, 3, 1, 9, tzinfo=UTC)
INSERT = """
    insert into metrics.training_run (service, run_id, started_at, finished_at, status,
        model_version, parent_version, letters_raw, letters_deduplicated, letters_anonymised,
        letters_trained, retraining_set, note)
    values (:service, :run_id, :started_at, :finished_at, :status, 'bert-2', 'bert-1', 60000000000,
        50, 40, 30, 'newsletters-3', 'заметка')"""


def write(store: Store, run_id: str, started_at: datetime, **other: Any) -> None:
    """Write a run as a serving stack does."""
    values = {"service": "mail", "finished_at": started_at + HOUR, "status": "succeeded"}
    execute(
        store.engine(Role.SERVING), INSERT, run_id=run_id, started_at=started_at, **values | other
    )


@pytest.fixture
def reader(store: Store) -> TrainingReader:
    """The reader on an empty store."""
    return SqlTrainingReader(store.engine(Role.APP))


def test_a_run_comes_back_whole(store: Store, reader: TrainingReader):
    write(store, "run-1", AT)
    write(store, "другой", AT + HOUR, finished_at=None, status="running")
    assert reader.training_runs("mail", AT + 3 * HOUR) == (
        TrainingRun(
            run_id="run-1",
            started_at=AT,
            finished_at=AT + HOUR,
            status="succeeded",
            model_version="bert-2",
            parent_version="bert-1",
            letters_raw=60_000_000_000,
            letters_deduplicated=50,
            letters_anonymised=40,
            letters_trained=30,
            retraining_set="newsletters-3",
            note="заметка",
        ),
        TrainingRun(
            run_id="другой",
            started_at=AT + HOUR,
            finished_at=None,
            status="running",
            model_version="bert-2",
            parent_version="bert-1",
            letters_raw=60_000_000_000,
            letters_deduplicated=50,
            letters_anonymised=40,
            letters_trained=30,
            retraining_set="newsletters-3",
            note="заметка",
        ),
    )


def test_runs_come_oldest_first_those_of_one_moment_by_their_bytes(
    store: Store, reader: TrainingReader
):
    for run_id, hours in (("late", 2), ("б", 1), ("B", 1), ("a", 1), ("early", 0)):
        write(store, run_id, AT + hours * HOUR)
    found = [one.run_id for one in reader.training_runs("mail", AT + timedelta(days=1))]
    assert found == ["early", "B", "a", "б", "late"]


def test_only_the_services_runs_begun_before_as_of_are_read(store: Store, reader: TrainingReader):
    write(store, "mine", AT)
    write(store, "later", AT + HOUR)
    write(store, "strange", AT, service="other")
    assert [one.run_id for one in reader.training_runs("mail", AT + HOUR)] == ["mine"]
    assert reader.training_runs("mail", AT) == ()
    assert len(reader.training_runs("mail", AT + HOUR + MINUTE)) == 2


def test_the_report_is_held_to_the_goals_targets_and_is_one_of_all(store: Store):
    app = store.engine(Role.APP)
    write(store, "run-1", AT)
    execute(
        app,
        "insert into team.goal (goal_id, service, title, problem, for_whom, gain_us, gain_user, "
        "starts_on, due_on) values ('g', 'mail', 't', 'p', 'f', 'u', 'u', :day, :due)",
        day=AT.date(),
        due=AT.date() + timedelta(days=1),
    )
    execute(app, "insert into team.criterion values ('c', 'g', 1, 'training', 'training')")
    execute(
        app,
        "insert into team.target (criterion_id, milestone, due_on, measure, operator, value, unit) "
        "values ('c', 'Q1', :day, 'letters_anonymised', '>=', 31, 'letters')",
        day=AT.date(),
    )
    with snapshot(app) as connection:
        found = training_report(connection, "mail", AT + 2 * HOUR)
        every = all_reports(connection, "mail", Window(HOUR), AT + 2 * HOUR)
    assert found.letters == 30
    assert found.nearest is not None
    assert found.nearest.missing == 1
    assert every.training == found
