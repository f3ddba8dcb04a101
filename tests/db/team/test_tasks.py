"""Tasks in the store: circles refused, conflicts shown, files taken whole or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from core.fields import FieldsError
from core.milestones.task_file import read, written
from core.ports.plan import Task
from db.engine import Role
from db.readers.milestones import SqlPlanReader
from db.team.audit import ConflictError, NotNowError
from db.team.milestones import add_milestone
from db.team.task_import import TaskImport, import_tasks
from db.team.tasks import add_task, change_task, complete_task, remove_task, reopen_task
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE, logged

TASK: dict[str, Any] = {
    "title": "Обучить BERT",
    "stage": "Launch: research",
    "direction": "ML / Logics",
    "owner": "Вера",
    "ideal_days": 2.5,
}
PLANNED = {"planned_start": date(2026, 6, 1), "planned_end": date(2026, 6, 5)}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def add(app: Engine, request: str = "r", service: str = SERVICE, **said: Any) -> Task:
    return add_task(app, service, {**TASK, **said}, by="Анна", at=NINE, request_id=request)


def tasks(app: Engine, as_of: Any = NINE, service: str = SERVICE) -> tuple[Task, ...]:
    return SqlPlanReader(app).tasks(service, as_of)


def q2(app: Engine, service: str = SERVICE) -> None:
    given = {"name": "Q2", "due_on": "2026-07-31"}
    add_milestone(app, service, given, by="Анна", at=NINE, request_id="q2")


def test_a_double_click_counts_once(app: Engine):
    one = add(app)

    assert add(app) == one
    assert tasks(app) == (one,)
    assert one.ideal_days == Decimal("2.5")
    assert (one.milestone, one.priority, one.created_by) == ("", 3, "Анна")


def test_every_wrong_field_is_named_and_nothing_is_stored(app: Engine):
    wrong = {
        "title": " ",
        "stage": "Lunch",
        "direction": "",
        "milestone": "Q9",
        "ideal_days": 0,
        "planned_start": "2026-06-05",
        "planned_end": "2026-06-01",
        "done_on": "2026-06-02",
        "priority": 0,
        "depends_on": ["x"],
        "rank": 9,
    }
    with pytest.raises(FieldsError) as refusal:
        add(app, **wrong)

    assert set(refusal.value.problems) == set(wrong) - {"planned_start"}
    assert tasks(app) == ()
    assert logged(app) == []


def test_a_task_of_a_milestone_has_planned_days(app: Engine):
    q2(app)
    with pytest.raises(FieldsError) as refusal:
        add(app, milestone="Q2")
    assert set(refusal.value.problems) == {"planned_start", "planned_end"}

    assert add(app, milestone="Q2", **PLANNED).milestone == "Q2"


def test_a_circle_is_refused_by_the_titles_of_its_tasks(app: Engine):
    first = add(app, "1", title="collect")
    second = add(app, "2", title="train", depends_on=[first.task_id])
    third = add(app, "3", title="release", depends_on=[second.task_id])

    with pytest.raises(FieldsError) as refusal:
        change_task(app, first, {"depends_on": [third.task_id]}, by="Анна", at=NINE)
    with pytest.raises(FieldsError, match="There is no task 99"):
        add(app, "4", depends_on=[99])

    assert "collect" in refusal.value.problems["depends_on"]
    assert "in a circle" in refusal.value.problems["depends_on"]
    assert [one.revision for one in tasks(app)] == [1, 1, 1]


def test_whoever_saves_second_is_told_and_what_stood_then_is_still_known(app: Engine):
    seen = add(app)
    changed = change_task(app, seen, {"owner": "Глеб"}, by="Борис", at=NINE + HOUR)
    with pytest.raises(ConflictError) as conflict:
        change_task(app, seen, {"owner": "Яна"}, by="Вера", at=NINE + 2 * HOUR)

    assert conflict.value.stored == changed
    assert change_task(app, changed, {"owner": "Глеб"}, by="Вера", at=NINE + DAY) == changed
    assert tasks(app, NINE) == (seen,)
    assert tasks(app, NINE + HOUR) == (changed,)


def test_done_is_said_once_and_can_be_taken_back(app: Engine):
    done = complete_task(app, add(app), date(2026, 6, 1), by="Вера", at=NINE)

    assert complete_task(app, done, date(2026, 5, 1), by="Глеб", at=NINE) == done
    with pytest.raises(FieldsError):
        complete_task(app, add(app, "2"), date(2026, 6, 2), by="Вера", at=NINE)
    assert reopen_task(app, done, by="Вера", at=NINE).done_on is None


def test_what_others_wait_for_is_not_taken_out(app: Engine):
    first = add(app, "1")
    second = add(app, "2", title="later", depends_on=[first.task_id])

    with pytest.raises(NotNowError, match="later"):
        remove_task(app, first, by="Анна", at=NINE + HOUR)
    remove_task(app, second, by="Анна", at=NINE + HOUR)
    remove_task(app, first, by="Анна", at=NINE + HOUR)

    assert tasks(app, NINE + HOUR) == ()
    assert tasks(app, NINE) == (first, second)
    changes = SqlPlanReader(app).scope_changes(SERVICE, NINE + HOUR)
    assert {one.milestone for one in changes} == {""}


def test_the_log_tells_how_the_scope_came_about(app: Engine):
    q2(app)
    one = add(app, milestone="Q2", **PLANNED)
    larger = change_task(app, one, {"ideal_days": 4}, by="Анна", at=NINE + HOUR)
    change_task(app, larger, {"note": "x"}, by="Анна", at=NINE + 2 * HOUR)
    remove_task(app, tasks(app, NINE + 2 * HOUR)[0], by="Анна", at=NINE + DAY)

    found = SqlPlanReader(app).scope_changes(SERVICE, NINE + DAY)

    assert [(each.milestone, each.ideal_days, each.at) for each in found] == [
        ("Q2", Decimal("2.5"), NINE),
        ("Q2", Decimal(4), NINE + HOUR),
        ("", Decimal(4), NINE + DAY),
    ]


def test_the_store_itself_refuses_what_makes_no_sense(app: Engine):
    add(app)
    for wrong in ("ideal_days = 0", "planned_start = '2026-06-01'", "depends_on = array[task_id]"):
        with app.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(text(f"update team.task set {wrong}"))


def bring(app: Engine, content: str, service: str = SERVICE, **said: Any) -> TaskImport:
    return import_tasks(app, service, content.encode(), by="Вера", at=NINE + DAY, **said)


def planned(app: Engine) -> tuple[Task, ...]:
    q2(app)
    first = add(app, "1", title="=собрать", milestone="Q2", **PLANNED, note="две\nстроки")
    done = {"started_on": date(2026, 5, 1), "done_on": date(2026, 6, 1)}
    return first, add(app, "2", depends_on=[first.task_id], priority=1, **done)


def test_a_plan_goes_out_and_into_another_service_and_is_the_same(app: Engine):
    stored = planned(app)
    q2(app, "search")

    done = bring(app, written(stored), "search")

    assert (done.added, done.problems, done.stored) == (2, (), True)
    copies = tasks(app, NINE + DAY, "search")
    assert copies[1].depends_on == (copies[0].task_id,)
    keys = ("service", "id", "depends_on")

    def said(every: tuple[Task, ...]) -> list[dict[str, object]]:
        lines = read(written(every).encode()).lines
        return [{k: v for k, v in one.given.items() if k not in keys} for one in lines]

    assert said(copies) == said(stored)


def test_a_file_that_says_nothing_new_changes_nothing(app: Engine):
    stored = planned(app)

    done = bring(app, written(stored))

    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)
    assert tasks(app, NINE + DAY) == stored


def test_a_file_imported_twice_adds_its_tasks_once(app: Engine):
    header = "id,title,stage,direction,ideal_days,depends_on"
    where = "Launch: data,Hardware,1"
    content = f"{header}\nb,second,{where},a\na,first,{where},\n"

    first, second = bring(app, content), bring(app, content)

    assert (first.added, second.added, second.unchanged) == (2, 0, 2)
    found = {one.title: one for one in tasks(app, NINE + DAY)}
    assert found["second"].depends_on == (found["first"].task_id,)


def test_every_wrong_line_is_listed_and_nothing_is_stored_unless_a_part_is_wanted(app: Engine):
    header = "id,title,stage,direction,ideal_days,depends_on"
    where = "Launch: data,Hardware"
    lines = [
        header,
        f"good,fine,{where},1,",
        f"bad,,{where},many,",
        f"after,waits,{where},1,bad",
        f"x,round,{where},1,y",
        f"y,about,{where},1,x",
        f"99,unknown,{where},1,",
        f"z,lost,{where},1,nobody",
    ]
    content = "\n".join(lines)

    refused = bring(app, content)

    assert [(one.line, one.field) for one in refused.problems] == [
        (3, "ideal_days"),
        (3, "title"),
        (4, "depends_on"),
        (5, "depends_on"),
        (6, "depends_on"),
        (7, "id"),
        (8, "depends_on"),
    ]
    assert not refused.stored
    assert tasks(app, NINE + DAY) == ()

    partly = bring(app, content, partial=True)

    assert (partly.added, len(partly.problems), partly.stored) == (1, 7, True)
    assert [one.title for one in tasks(app, NINE + DAY)] == ["fine"]


def test_columns_that_a_file_has_not_got_stay_as_they_are(app: Engine):
    one = planned(app)[0]
    header = "id,title,stage,direction,ideal_days"
    cells = f"{one.task_id},renamed,{one.stage},{one.direction},3"

    done = bring(app, f"{header}\n{cells}\n")

    assert done.changed == 1
    found = tasks(app, NINE + DAY)[0]
    assert (found.title, found.ideal_days) == ("renamed", 3)
    assert (found.milestone, found.note, found.owner) == ("Q2", "две\nстроки", "Вера")


def test_a_line_written_from_an_older_state_is_refused(app: Engine):
    stored = planned(app)
    content = written(stored)
    change_task(app, stored[0], {"owner": "Глеб"}, by="Борис", at=NINE + HOUR)

    done = bring(app, content)

    assert [(one.line, one.field) for one in done.problems] == [(2, "revision")]
    assert "Борис has changed it" in done.problems[0].reason


def test_what_was_imported_and_taken_out_does_not_come_back_by_itself(app: Engine):
    content = "title,stage,direction,ideal_days\nold,Launch: data,Hardware,1\n"
    bring(app, content)
    remove_task(app, tasks(app, NINE + DAY)[0], by="Анна", at=NINE + DAY + HOUR)

    done = bring(app, content)

    assert [one.line for one in done.problems] == [2]
    assert tasks(app, NINE + timedelta(days=9)) == ()


def test_the_worker_may_not_touch_a_frozen_plan(oncall_engines: dict[Role, Engine]):
    with (
        oncall_engines[Role.WORKER].connect() as connection,
        pytest.raises(Exception, match="perm"),
    ):
        connection.execute(text("delete from team.baseline_task"))
