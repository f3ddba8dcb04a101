"""Rules as people write them: what is refused, who is told, and what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.alerts.default_rules import defaults
from core.fields import FieldsError
from core.ports.alerts import AlertRule
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.team.alert_rules import (
    RuleConflictError,
    as_fields,
    change,
    create,
    delete,
    ensure_rules,
    set_enabled,
)

SERVICE = "newsletters"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FORM: dict[str, Any] = {
    "rule_id": "ошибки",
    "name": "Ошибки; 100 % 'всех' --",
    "check": "errors",
    "parameters": {"minutes": 5, "share": 0.01, "least": 10},
    "severity": "ticket",
    "wait_minutes": 2,
    "owner": "Анна",
    "runbook_id": "runbook-counters",
}


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def rules(app: Engine) -> tuple[AlertRule, ...]:
    return SqlAlertReader(app).rules(SERVICE)


def log(app: Engine) -> list[tuple[Any, ...]]:
    with app.connect() as connection:
        rows = connection.execute(
            text(
                "select subject_id, changed_by, changed_at, before, after from team.audit "
                "where subject = 'rule' order by change_id"
            )
        )
        return [tuple(row) for row in rows]


def test_a_rule_comes_back_as_it_was_made(app: Engine):
    made = create(app, SERVICE, FORM, by=" Вера ", at=NOW)
    assert rules(app) == (made,)
    assert as_fields(made) == FORM | {"enabled": True}
    assert (made.kind, made.wait, made.revision) == ("counter", timedelta(minutes=2), 1)
    assert log(app) == [("ошибки", "Вера", NOW, {}, as_fields(made))]


def test_a_button_pressed_twice_makes_one_rule(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    assert create(app, SERVICE, FORM, by="Вера", at=LATER) == made
    assert len(log(app)) == 1


def test_another_rule_of_that_id_is_not_overwritten(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    with pytest.raises(RuleConflictError, match="Вера has changed this rule") as conflict:
        create(app, SERVICE, FORM | {"severity": "page"}, by="Борис", at=LATER)
    found = conflict.value
    assert (found.theirs, found.changed_by, found.changed_at) == (made, "Вера", NOW)
    assert found.ours is not None
    assert found.ours.severity == "page"
    assert rules(app) == (made,)


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"check": "magic", "severity": "loud"}, {"check", "severity"}),
        ({"parameters": {"minutes": 0, "share": 2}}, None),
        ({"parameters": {}}, None),
        ({"colour": "red"}, {"colour"}),
        ({"wait_minutes": -1}, {"wait_minutes"}),
        ({"rule_id": "drill"}, {"rule_id"}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    app: Engine, wrong: dict[str, Any], fields: set[str] | None
):
    with pytest.raises(FieldsError) as refusal:
        create(app, SERVICE, FORM | wrong, by="Вера", at=NOW)
    assert refusal.value.problems
    if fields is not None:
        assert set(refusal.value.problems) == fields
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    with pytest.raises(FieldsError):
        change(app, made, {"parameters": {"minutes": 0}}, by="Вера", at=NOW)
    assert rules(app) == (made,)


def test_nobody_is_not_somebody(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    with pytest.raises(FieldsError, match="by: Is missing"):
        change(app, made, {"severity": "page"}, by=" ", at=NOW)
    with pytest.raises(FieldsError, match="by: Is missing"):
        delete(app, made, by="", at=NOW)
    assert rules(app) == (made,)


def test_a_rule_without_an_owner_may_be_written_down(app: Engine):
    made = create(app, SERVICE, FORM | {"owner": "", "runbook_id": ""}, by="Вера", at=NOW)
    assert (made.owner, made.runbook_id) == ("", "")


def test_a_change_is_logged_with_before_and_after(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    changed = change(app, made, {"owner": "Борис", "wait_minutes": 5}, by=" Борис ", at=LATER)
    assert changed == replace(made, owner="Борис", wait=timedelta(minutes=5), revision=2)
    assert rules(app) == (changed,)
    assert log(app)[-1] == ("ошибки", "Борис", LATER, as_fields(made), as_fields(changed))
    assert change(app, changed, {"owner": "Борис"}, by="Вера", at=LATER) == changed
    assert len(log(app)) == 2, "nothing was changed"


def test_the_id_stays_whatever_the_form_says(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    changed = change(app, made, FORM | {"rule_id": "other", "owner": "Борис"}, by="Вера", at=NOW)
    assert changed.rule_id == "ошибки"


def test_the_second_of_two_sees_both_versions(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    first = change(app, made, {"severity": "page"}, by="Борис", at=LATER)
    with pytest.raises(RuleConflictError, match="Борис has changed this rule") as conflict:
        change(app, made, {"owner": "Вера"}, by="Вера", at=LATER)
    assert conflict.value.theirs == first
    assert conflict.value.ours is not None
    assert (conflict.value.ours.owner, conflict.value.ours.severity) == ("Вера", "ticket")
    assert rules(app) == (first,)
    with pytest.raises(RuleConflictError):
        delete(app, made, by="Вера", at=LATER)
    assert rules(app) == (first,)


def test_of_many_at_once_one_changes_the_rule(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    together, outcomes = Barrier(4), []

    def edit(number: int) -> None:
        together.wait()
        try:
            change(app, made, {"owner": f"o{number}"}, by=f"o{number}", at=LATER)
            outcomes.append(f"o{number}")
        except RuleConflictError as conflict:
            outcomes.append(f"lost to {conflict.changed_by}")

    threads = [Thread(target=edit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (stored,) = rules(app)
    assert sorted(outcomes) == sorted([stored.owner, *[f"lost to {stored.owner}"] * 3])
    assert (stored.revision, len(log(app))) == (2, 2)


def test_a_rule_that_was_deleted_meanwhile_cannot_be_changed(app: Engine):
    made = create(app, SERVICE, FORM, by="Вера", at=NOW)
    delete(app, made, by="Борис", at=LATER)
    assert rules(app) == ()
    assert log(app)[-1] == ("ошибки", "Борис", LATER, as_fields(made), {})
    with pytest.raises(RuleConflictError, match="no such rule") as conflict:
        change(app, made, {"owner": "Вера"}, by="Вера", at=LATER)
    assert (conflict.value.theirs, conflict.value.ours is None) == (None, False)
    delete(app, made, by="Борис", at=LATER)
    assert len(log(app)) == 2


def test_a_red_line_may_be_a_day(app: Engine):
    form = FORM | {"check": "red_line", "parameters": {"due_on": date(2026, 9, 1)}}
    made = create(app, SERVICE, form, by="Вера", at=NOW)
    assert made.parameters == {"due_on": "2026-09-01"}
    assert rules(app) == (made,)
    assert create(app, SERVICE, form, by="Вера", at=LATER) == made


def test_the_log_cannot_be_rewritten(app: Engine):
    create(app, SERVICE, FORM, by="Вера", at=NOW)
    for statement in ("delete from team.audit", "update team.audit set after = '{}'"):
        with pytest.raises(ProgrammingError, match="permission denied"), app.begin() as connection:
            connection.execute(text(statement))


# What a service starts with


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


def test_a_service_is_given_the_default_rules(app: Engine, worker: Engine):
    assert ensure_rules(worker, [SERVICE, "search"], NOW) == 2 * len(defaults(SERVICE))
    assert {rule.rule_id: rule for rule in rules(app)} == {
        rule.rule_id: rule for rule in defaults(SERVICE)
    }
    assert ensure_rules(worker, [SERVICE, "search"], LATER) == 0
    assert len(log(app)) == 2 * len(defaults(SERVICE))


def test_what_people_deleted_or_switched_off_does_not_come_back(app: Engine, worker: Engine):
    ensure_rules(worker, [SERVICE], NOW)
    gone, off, *_ = rules(app)
    delete(app, gone, by="Вера", at=LATER)
    set_enabled(app, off, False, by="Вера", at=LATER)
    before = rules(app)
    assert ensure_rules(worker, [SERVICE], LATER) == 0
    assert rules(app) == before


def test_a_default_rule_that_is_new_comes_to_a_service_that_has_the_others(
    app: Engine, worker: Engine, monkeypatch: pytest.MonkeyPatch
):
    older = defaults(SERVICE)[:-1]
    monkeypatch.setattr("db.team.alert_rules.defaults", lambda _: older)
    ensure_rules(worker, [SERVICE], NOW)
    monkeypatch.undo()
    assert ensure_rules(worker, [SERVICE], LATER) == 1


def test_a_rule_of_ones_own_under_a_default_name_is_left_alone(app: Engine, worker: Engine):
    mine = create(app, SERVICE, FORM | {"rule_id": "errors"}, by="Вера", at=NOW)
    assert ensure_rules(worker, [SERVICE], LATER) == len(defaults(SERVICE)) - 1
    assert mine in rules(app)
