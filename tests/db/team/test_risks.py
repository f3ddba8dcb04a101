"""Risks in the store: written, changed, reviewed, accepted, closed; plan B opened once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.fields import FieldsError
from core.ports.risks import RedLine, Risk
from core.risks import watched
from core.risks.watch import Watched
from db.engine import Role
from db.readers.risks import SqlRiskReader
from db.team.audit import ConflictError, NotNowError
from db.team.risks import (
    WORKER,
    add_risk,
    add_risks,
    change_risk,
    close_risk,
    end_plan_b,
    open_plans_b,
    reopen_risk,
    review_risk,
)
from tests.db.team.oncall_rows import DAY, HOUR, MINUTE, NINE, SERVICE, logged
from tests.fakes_risks import P999, evidence_of, form

MEASURE = {"line_due_on": None, "line_path": P999, "line_operator": ">", "line_value": 20}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def added(app: Engine, request_id: str = "a", **changed: Any) -> Risk:
    given = form(**changed)
    return add_risk(app, SERVICE, given, by=" Анна ", at=NINE, request_id=request_id)


def known(app: Engine, at: Any = NINE + 30 * DAY) -> tuple[Risk, ...]:
    return SqlRiskReader(app).risks(SERVICE, at)


def look(app: Engine, value: float = 42.0) -> tuple[Watched, ...]:
    values = {"percentiles": {"p99.9": value}}
    return watched(SqlRiskReader(app).watched(SERVICE), NINE.date(), evidence_of(values))


def opened(engines: dict[Role, Engine], at: Any = NINE + HOUR) -> int:
    found = look(engines[Role.APP])
    with engines[Role.WORKER].begin() as connection:
        return open_plans_b(connection, found, at)


def test_a_risk_is_written_once_however_often_it_is_sent(app: Engine):
    one = added(app)
    assert added(app) == one
    assert known(app) == (one,)
    assert (one.rank, one.created_by, one.line) == (9, "Анна", RedLine(date(2026, 7, 1)))


def test_two_clicks_at_the_same_moment_write_one(app: Engine):
    with ThreadPoolExecutor(2) as threads:
        made = list(threads.map(lambda _: added(app), range(2)))
    assert made[0] == made[1]
    assert len(known(app)) == 1


def test_drafted_risks_are_written_together_or_not_at_all(app: Engine):
    given = [form(title="Late"), form(title="Без питания"), form(title="Dropped", owner="")]
    with pytest.raises(FieldsError) as refusal:
        add_risks(app, SERVICE, given, by="Анна", at=NINE, request_id="d")
    assert list(refusal.value.problems) == ["risks[2].owner"]
    assert known(app) == ()
    kept = add_risks(app, SERVICE, given[:2], by="Анна", at=NINE, request_id="d")
    assert add_risks(app, SERVICE, given[:2], by="Анна", at=NINE, request_id="d") == kept
    assert [one.title for one in known(app)] == ["Late", "Без питания"]


def test_who_changes_it_second_is_told_and_sees_both(app: Engine):
    one = added(app)
    changed = change_risk(app, one, form(probability=2), by="Вера", at=NINE + HOUR)
    assert change_risk(app, one, form(probability=2), by="Вера", at=NINE + HOUR) == changed
    assert (changed.rank, changed.revision) == (6, 2)
    with pytest.raises(ConflictError) as conflict:
        change_risk(app, one, form(owner="Глеб"), by="Глеб", at=NINE + HOUR)
    assert (conflict.value.stored, conflict.value.changed_by) == (changed, "Вера")
    with pytest.raises(FieldsError):
        change_risk(app, changed, form(rank=9), by="Глеб", at=NINE + HOUR)


def test_a_risk_is_read_as_it_was_and_its_rank_as_it_went(app: Engine):
    one = added(app)
    two = change_risk(app, one, form(probability=2), by="Вера", at=NINE + DAY)
    three = close_risk(app, two, "Delivered", by="Вера", at=NINE + 2 * DAY)
    assert known(app, NINE - MINUTE) == ()
    assert known(app, NINE) == (one,)
    assert known(app, NINE + DAY) == (two,)
    assert known(app) == (three,)
    ranks = SqlRiskReader(app).ranks(SERVICE, NINE + 30 * DAY)
    assert [(found.rank, found.closed, found.by) for found in ranks] == [
        (9, False, "Анна"),
        (6, False, "Вера"),
        (6, True, "Вера"),
    ]
    assert len(SqlRiskReader(app).ranks(SERVICE, NINE + DAY)) == 2


def test_a_closed_risk_stays_and_may_be_opened_again(app: Engine):
    one = added(app)
    with pytest.raises(FieldsError, match="why is it no risk any more"):
        close_risk(app, one, " ", by="Анна", at=NINE)
    closed = close_risk(app, one, "Поставлено", by="Анна", at=NINE + HOUR)
    assert close_risk(app, one, "again", by="Вера", at=NINE + DAY) == closed
    for refused in (
        lambda: change_risk(app, closed, form(owner="x"), by="Анна", at=NINE + DAY),
        lambda: review_risk(app, closed, date(2026, 7, 1), by="Анна", at=NINE + DAY),
    ):
        with pytest.raises(NotNowError, match="closed"):
            refused()
    again = reopen_risk(app, closed, by="Анна", at=NINE + DAY)
    assert (again.closed_at, again.closed_why) == (None, "")
    assert reopen_risk(app, again, by="Анна", at=NINE + DAY) == again


def test_a_review_says_when_the_next_one_is(app: Engine):
    one = added(app)
    with pytest.raises(FieldsError, match="Must not be over"):
        review_risk(app, one, date(2026, 5, 1), by="Вера", at=NINE)
    seen = review_risk(app, one, date(2026, 7, 1), by=" Вера ", at=NINE + HOUR)
    assert (seen.review_on, seen.reviewed_by, seen.reviewed_at) == (
        date(2026, 7, 1),
        "Вера",
        NINE + HOUR,
    )


def test_a_crossed_red_line_opens_plan_b_once_with_value_and_time(
    oncall_engines: dict[Role, Engine],
):
    app = oncall_engines[Role.APP]
    added(app, **MEASURE)
    assert opened(oncall_engines) == 1
    assert opened(oncall_engines, NINE + 2 * HOUR) == 0
    (one,) = known(app)
    assert one.plan_b_is_open
    assert (one.plan_b_opened_at, one.plan_b_value) == (NINE + HOUR, 42.0)
    assert "it is 42.0 ms" in one.plan_b_why
    assert [entry.changed_by for entry in logged(app)] == ["Анна", WORKER]


def test_two_workers_open_it_once(oncall_engines: dict[Role, Engine]):
    app, worker = oncall_engines[Role.APP], oncall_engines[Role.WORKER]
    added(app, **MEASURE)
    found = look(app)

    def open_it(_: int) -> int:
        with worker.begin() as connection:
            return open_plans_b(connection, found, NINE + HOUR)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(open_it, range(2))) == [0, 1]


def test_a_line_that_was_redrawn_or_closed_since_it_was_looked_at_is_left_alone(
    oncall_engines: dict[Role, Engine],
):
    app = oncall_engines[Role.APP]
    moved, gone = added(app, "a", **MEASURE), added(app, "b", **MEASURE)
    found = look(app)
    change_risk(app, moved, form(**{**MEASURE, "line_value": 50}), by="Вера", at=NINE)
    close_risk(app, gone, "x", by="Вера", at=NINE)
    with oncall_engines[Role.WORKER].begin() as connection:
        assert open_plans_b(connection, found, NINE + HOUR) == 0


def test_plan_b_ends_with_a_result_and_another_line_is_armed_anew(
    oncall_engines: dict[Role, Engine],
):
    app = oncall_engines[Role.APP]
    one = added(app, **MEASURE)
    with pytest.raises(NotNowError, match="not open"):
        end_plan_b(app, one, "x", by="Анна", at=NINE)
    opened(oncall_engines)
    (one,) = known(app)
    with pytest.raises(FieldsError, match="what came of plan B"):
        end_plan_b(app, one, "", by="Анна", at=NINE + DAY)
    over = end_plan_b(app, one, "Арендовали", by="Анна", at=NINE + DAY)
    assert end_plan_b(app, one, "again", by="Вера", at=NINE + DAY) == over
    assert SqlRiskReader(app).watched(SERVICE) == ()
    kept = change_risk(app, over, form(**MEASURE, owner="Вера"), by="Вера", at=NINE + DAY)
    assert kept.plan_b_ended_at == over.plan_b_ended_at
    armed = change_risk(
        app, kept, form(**{**MEASURE, "line_value": 30}), by="Вера", at=NINE + 2 * DAY
    )
    assert (armed.plan_b_opened_at, armed.plan_b_ended_at, armed.plan_b_result) == (None, None, "")
    assert opened(oncall_engines, NINE + 3 * DAY) == 1


def test_a_risk_of_another_service_is_not_found(app: Engine):
    other = replace(added(app), service="other")
    for refused in (
        lambda: change_risk(app, other, form(), by="Анна", at=NINE),
        lambda: close_risk(app, other, "x", by="Анна", at=NINE),
        lambda: reopen_risk(app, other, by="Анна", at=NINE),
        lambda: end_plan_b(app, other, "x", by="Анна", at=NINE),
    ):
        with pytest.raises(ConflictError, match="no such risk"):
            refused()


@pytest.mark.parametrize(
    "wrong",
    [
        *("probability = 0", "probability = 4", "probability = 2.5", "probability = null"),
        *("consequence = 0", "consequence = 4", "consequence = 2.5", "rank = 9"),
        *("owner = ''", "accepted = true", "approver = 'x'", "line_operator = '='"),
        *("line_path = 'reliability.letters'", "closed_at = now()", "plan_b_ended_at = now()"),
    ],
)
def test_the_store_itself_refuses_what_makes_no_sense(app: Engine, wrong: str):
    added(app)
    with app.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"update team.risk set {wrong}"))


def test_every_change_is_logged_with_the_row_before_and_after(app: Engine):
    one = review_risk(app, added(app), date(2026, 7, 1), by="Вера", at=NINE + HOUR)
    close_risk(app, one, "x", by="Глеб", at=NINE + timedelta(hours=2))
    entries = logged(app)
    assert [(entry.subject, entry.changed_by) for entry in entries] == [
        ("risk", "Анна"),
        ("risk", "Вера"),
        ("risk", "Глеб"),
    ]
    assert [before.after for before in entries[:-1]] == [entry.before for entry in entries[1:]]
