"""Retrospectives and their actions in the store."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from core.fields import FieldsError
from core.ports.incidents import Action, Incident, Retrospective
from db.readers.incidents import SqlIncidentReader
from db.team.actions import (
    add_action,
    change_action,
    change_retrospective,
    complete_action,
    hold_retrospective,
    reopen_action,
)
from db.team.audit import ConflictError, NotNowError
from db.team.incidents import mark_recovered, open_incident
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE, logged

ACTION = {"text": "Ограничить очередь", "owner": "Вера", "due_on": "2026-06-15"}
FORM: dict[str, Any] = {
    "title": "Queue",
    "good": "Noticed at once.",
    "improve": "Nobody knew the limit.",
    "how": "Write it down.",
    "held_on": "2026-06-01",
    "actions": [ACTION, {**ACTION, "text": "Alert on it", "due_on": "2026-06-08"}],
}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def held(app: Engine, incident: Incident | None = None, **changed: Any) -> Retrospective:
    given = {**FORM, **changed}
    return hold_retrospective(
        app, SERVICE, given, by=" Анна ", at=NINE, request_id="r", incident=incident
    )


def incident(app: Engine, *, recovered: bool = True) -> Incident:
    given = {"title": "Почта", "severity": "minor", "began_at": NINE - HOUR}
    one = open_incident(app, SERVICE, given, by="Анна", at=NINE - HOUR, request_id="i")
    return mark_recovered(app, one, NINE, by="Анна", at=NINE) if recovered else one


def actions(app: Engine, as_of: Any = NINE) -> tuple[Action, ...]:
    return SqlIncidentReader(app).actions(SERVICE, as_of)


def test_a_retrospective_is_kept_with_its_actions(app: Engine):
    one = held(app, incident(app))
    assert SqlIncidentReader(app).retrospectives(SERVICE, NINE) == (one,)
    first, second = actions(app)
    assert (first.text, first.owner, first.due_on) == ("Alert on it", "Вера", date(2026, 6, 8))
    assert second.retrospective_id == one.retrospective_id
    assert held(app, incident=None) == one  # the same click again
    assert len(actions(app)) == 2


def test_an_action_without_an_owner_stores_nothing_at_all(app: Engine):
    with pytest.raises(FieldsError) as refusal:
        held(app, actions=[ACTION, {**ACTION, "owner": ""}])
    assert list(refusal.value.problems) == ["actions[1].owner"]
    with pytest.raises(FieldsError):
        add_action(app, SERVICE, {**ACTION, "owner": " "}, by="Анна", at=NINE, request_id="x")
    assert SqlIncidentReader(app).retrospectives(SERVICE, NINE) == ()
    assert actions(app) == ()
    assert logged(app) == []


def test_the_store_itself_refuses_an_action_without_an_owner(app: Engine):
    held(app)
    with app.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("update team.action set owner = ''"))


def test_an_incident_has_one_retrospective_and_whoever_is_second_sees_it(app: Engine):
    over = incident(app)
    first = held(app, over)
    with pytest.raises(ConflictError) as conflict:
        hold_retrospective(app, SERVICE, FORM, by="Б", at=NINE, request_id="s", incident=over)
    assert conflict.value.stored == first


def test_an_incident_that_goes_on_has_no_retrospective_yet(app: Engine):
    with pytest.raises(NotNowError, match="has not recovered"):
        held(app, incident(app, recovered=False))


def test_a_retrospective_is_corrected_and_the_second_is_told(app: Engine):
    seen = held(app)
    given = {**FORM, "actions": [], "good": "Much."}
    first = change_retrospective(app, seen, given, by="Борис", at=NINE + HOUR)
    assert change_retrospective(app, seen, given, by="Борис", at=NINE + HOUR) == first
    with pytest.raises(ConflictError) as conflict:
        change_retrospective(app, seen, {**given, "good": "x"}, by="Вера", at=NINE + HOUR)
    assert conflict.value.stored == first
    assert SqlIncidentReader(app).retrospectives(SERVICE, NINE) == (seen,)
    with pytest.raises(FieldsError):
        change_retrospective(app, first, FORM, by="Вера", at=NINE + HOUR)


def test_nothing_is_held_tomorrow(app: Engine):
    with pytest.raises(FieldsError) as refusal:
        held(app, held_on="2026-06-02")
    assert list(refusal.value.problems) == ["held_on"]


def test_an_action_is_added_once_changed_done_and_taken_back(app: Engine):
    one = add_action(app, SERVICE, ACTION, by="Анна", at=NINE, request_id="a")
    assert add_action(app, SERVICE, ACTION, by="Анна", at=NINE, request_id="a") == one
    given = {**ACTION, "owner": "Глеб"}
    changed = change_action(app, one, given, by="Борис", at=NINE + HOUR)
    assert change_action(app, one, given, by="Борис", at=NINE + HOUR) == changed
    with pytest.raises(ConflictError):
        complete_action(app, one, by="Вера", at=NINE + HOUR)
    done = complete_action(app, changed, by="Глеб", at=NINE + DAY)
    assert complete_action(app, changed, by="Вера", at=NINE + 2 * DAY) == done
    assert (done.done_by, done.done_at) == ("Глеб", NINE + DAY)
    assert actions(app, NINE + HOUR) == (changed,)
    assert actions(app, NINE + DAY) == (done,)
    with pytest.raises(NotNowError, match="Глеб has done this already"):
        change_action(app, done, ACTION, by="Анна", at=NINE + DAY)
    open_again = reopen_action(app, done, by="Анна", at=NINE + 2 * DAY)
    assert (open_again.done_at, open_again.done_by) == (None, "")
    assert reopen_action(app, open_again, by="Анна", at=NINE + 2 * DAY) == open_again
    assert [entry.after["revision"] for entry in logged(app)] == [1, 2, 3, 4]


def test_what_is_not_there_cannot_be_done(app: Engine):
    stranger = Action(9, SERVICE, None, "x", "y", date(2026, 6, 1), None, "", "Анна", NINE)
    with pytest.raises(ConflictError, match="no such action"):
        complete_action(app, stranger, by="Анна", at=NINE)
