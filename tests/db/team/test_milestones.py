"""Milestones, baselines, decisions, iterations and the matrix in the store."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.fields import FieldsError
from core.ports.plan import PlanFrame, PlannedMilestone
from db.readers.milestones import SqlPlanReader
from db.team.audit import ConflictError, NotNowError
from db.team.iterations import add_iteration, change_iteration, record_result, remove_iteration
from db.team.milestones import (
    add_milestone,
    change_milestone,
    decide,
    freeze_baseline,
    remove_milestone,
    withdraw_decision,
)
from db.team.scope import mark_empty, save_frame, unmark_empty
from db.team.tasks import add_task, change_task
from tests.core.milestones.test_iterations import FORM
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE

MILESTONE = {"name": "Q2", "due_on": "2026-07-31", "hands": 2, "note": ""}
TASK = {
    "title": "Обучить BERT",
    "stage": "Launch: research",
    "direction": "ML / Logics",
    "milestone": "Q2",
    "ideal_days": 3,
    "planned_start": "2026-06-01",
    "planned_end": "2026-06-05",
}
DECISION = {"milestone": "Q2", "kind": "simplify", "what": "ten categories", "who": "Вера"}
CELL = {"stage": "Operation: drills", "direction": "Hardware", "reason": "Ничего своего"}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def q2(app: Engine, **said: Any) -> PlannedMilestone:
    given = {**MILESTONE, **said}
    request = f"m {given['name']}"
    return add_milestone(app, SERVICE, given, by="Анна", at=NINE, request_id=request)


def task(app: Engine, **said: Any) -> Any:
    return add_task(app, SERVICE, {**TASK, **said}, by="Анна", at=NINE, request_id="t")


def test_a_milestone_takes_its_tasks_and_decisions_along_to_a_new_name(app: Engine):
    one = q2(app)
    task(app)
    decide(app, SERVICE, DECISION, by="Анна", at=NINE, request_id="d")

    changed = change_milestone(app, one, {**MILESTONE, "name": "Осень"}, by="Анна", at=NINE + HOUR)

    reader = SqlPlanReader(app)
    assert reader.milestones(SERVICE, NINE + HOUR) == (changed,)
    assert [each.milestone for each in reader.tasks(SERVICE, NINE + HOUR)] == ["Осень"]
    assert [each.milestone for each in reader.decisions(SERVICE, NINE + HOUR)] == ["Осень"]
    assert [each.milestone for each in reader.tasks(SERVICE, NINE)] == ["Q2"]


def test_a_name_is_taken_once_and_free_again_when_its_milestone_is_out(app: Engine):
    one = q2(app)
    with pytest.raises(FieldsError, match="a milestone of that name"):
        add_milestone(app, SERVICE, MILESTONE, by="Анна", at=NINE, request_id="again")
    task(app)
    with pytest.raises(NotNowError, match="1 tasks belong to it"):
        remove_milestone(app, one, by="Анна", at=NINE)
    found = SqlPlanReader(app).tasks(SERVICE, NINE)[0]
    change_task(app, found, {"milestone": ""}, by="Анна", at=NINE)
    remove_milestone(app, one, by="Анна", at=NINE)
    add_milestone(app, SERVICE, MILESTONE, by="Анна", at=NINE, request_id="again")


def test_what_a_target_promises_is_not_set_here(app: Engine):
    with app.begin() as connection:
        connection.execute(
            text("""
            insert into team.goal (goal_id, service, title, starts_on, due_on)
            values ('g-plan', :service, 't', '2026-01-01', '2026-12-31');
            insert into team.criterion (criterion_id, goal_id, position, name, area, service,
                changed_by)
            values ('c-plan', 'g-plan', 1, 'n', 'training', :service, 'Анна');
            insert into team.target (criterion_id, milestone, due_on, measure, operator, value,
                service, changed_by)
            values ('c-plan', 'Q2', '2026-08-31', 'letters_anonymised', '>=', 1, :service, 'Анна')
            """),
            {"service": SERVICE},
        )
    try:
        with pytest.raises(FieldsError, match="2026-08-31"):
            q2(app)
        one = q2(app, due_on="2026-08-31")
        with pytest.raises(FieldsError, match="its name stays"):
            change_milestone(
                app, one, {**MILESTONE, "name": "Q3", "due_on": "2026-08-31"}, by="А", at=NINE
            )
    finally:
        with app.begin() as connection:
            connection.execute(text("delete from team.goal where goal_id = 'g-plan'"))


def test_a_baseline_keeps_the_plan_as_it_stood_for_ever(app: Engine):
    q2(app)
    one = task(app)
    frozen = freeze_baseline(app, SERVICE, {"name": "b"}, by="Анна", at=NINE, request_id="b")
    change_task(app, one, {"planned_end": date(2026, 6, 30)}, by="Анна", at=NINE + HOUR)

    reader = SqlPlanReader(app)
    (kept,) = reader.baseline_tasks(frozen.baseline_id)
    assert (kept.task_id, kept.planned_end) == (one.task_id, date(2026, 6, 5))
    again = freeze_baseline(app, SERVICE, {"name": "b"}, by="Анна", at=NINE, request_id="b")
    assert again == frozen
    with pytest.raises(FieldsError, match="a baseline of that name"):
        freeze_baseline(app, SERVICE, {"name": "b"}, by="Анна", at=NINE, request_id="c")
    for statement in (
        "update team.baseline_task set planned_end = '2027-01-01'",
        "update team.baseline set name = 'x'",
        "delete from team.baseline",
    ):
        with app.connect() as connection, pytest.raises(ProgrammingError, match="permission"):
            connection.execute(text(statement))


def test_nothing_planned_is_no_baseline(app: Engine):
    with pytest.raises(NotNowError, match="no plan to freeze"):
        freeze_baseline(app, SERVICE, {"name": "b"}, by="Анна", at=NINE, request_id="b")
    assert SqlPlanReader(app).baselines(SERVICE, NINE) == ()


def test_a_decision_says_what_and_who(app: Engine):
    q2(app)
    with pytest.raises(FieldsError) as refusal:
        decide(
            app, SERVICE, {"milestone": "Q2", "kind": "pray"}, by="Анна", at=NINE, request_id="d"
        )
    assert set(refusal.value.problems) == {"kind", "what", "who"}

    one = decide(app, SERVICE, DECISION, by="Анна", at=NINE, request_id="d")
    assert (one.who, one.decided_on) == ("Вера", NINE.date())
    withdraw_decision(app, one, by="Анна", at=NINE + DAY)
    assert SqlPlanReader(app).decisions(SERVICE, NINE + DAY) == ()
    assert SqlPlanReader(app).decisions(SERVICE, NINE) == (one,)


def test_a_turn_is_planned_measured_elsewhere_and_kept(app: Engine):
    one = add_iteration(app, SERVICE, FORM, by="Анна", at=NINE, request_id="i")
    assert add_iteration(app, SERVICE, FORM, by="Анна", at=NINE, request_id="i") == one
    changed = change_iteration(app, one, {**FORM, "wanted_delta": 0.02}, by="Анна", at=NINE + HOUR)
    result = {"result_delta": 0.01, "result_on": "2026-06-01", "result_source": "run-001"}
    with pytest.raises(ConflictError):
        record_result(app, one, result, by="Вера", at=NINE + HOUR)
    measured = record_result(app, changed, result, by="Вера", at=NINE + HOUR)

    assert measured.result_delta == Decimal("0.01")
    assert SqlPlanReader(app).iterations(SERVICE, NINE) == (one,)
    remove_iteration(app, measured, by="Анна", at=NINE + DAY)
    assert SqlPlanReader(app).iterations(SERVICE, NINE + DAY) == ()


def test_rows_and_columns_of_the_matrix_are_data(app: Engine):
    reader = SqlPlanReader(app)
    seen = reader.frame(SERVICE, NINE)
    assert seen == PlanFrame(SERVICE)
    task(app, milestone="", planned_start=None, planned_end=None)

    lost = {"stages": ["Launch"], "directions": ["ML / Logics"]}
    with pytest.raises(FieldsError, match="Launch: research"):
        save_frame(app, seen, lost, by="Анна", at=NINE)
    given = {"stages": ["Launch: research", "Запуск"], "directions": ["ML / Logics"]}
    own = save_frame(app, seen, given, by="Анна", at=NINE)
    with pytest.raises(ConflictError):
        save_frame(app, seen, {**given, "directions": ["ML / Logics", "x"]}, by="Вера", at=NINE)

    assert own.stages == ("Launch: research", "Запуск")
    assert reader.frame(SERVICE, NINE) == own


def test_a_cell_is_empty_for_a_reason_until_it_is_not(app: Engine):
    with pytest.raises(FieldsError, match="why does this cell hold nothing"):
        mark_empty(app, SERVICE, {**CELL, "reason": " "}, by="Анна", at=NINE)
    cell = mark_empty(app, SERVICE, CELL, by="Анна", at=NINE)
    assert mark_empty(app, SERVICE, CELL, by="Анна", at=NINE) == cell
    unmark_empty(app, cell, by="Анна", at=NINE + HOUR)
    unmark_empty(app, cell, by="Анна", at=NINE + HOUR)

    assert SqlPlanReader(app).empty_cells(SERVICE, NINE + HOUR) == ()
    task(app, milestone="", planned_start=None, planned_end=None)
    where = {"stage": TASK["stage"], "direction": TASK["direction"], "reason": "x"}
    with pytest.raises(NotNowError, match="There are tasks in this cell"):
        mark_empty(app, SERVICE, where, by="Анна", at=NINE + HOUR)
