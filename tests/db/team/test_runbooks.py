"""Runbooks in the store: every version is kept, and of two editors neither loses a word."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.alerts.runbooks import DEFAULT_RUNBOOKS
from core.ports.documentation import Runbook
from db.engine import Role
from db.readers.documentation import SqlDocumentationReader
from db.team.runbooks import RunbookConflictError, save_runbook, seed_runbooks
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE

FORM: dict[str, Any] = {"runbook_id": "slow", "title": "Медленно", "body": "Look."}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def made(app: Engine) -> Runbook:
    return save_runbook(app, SERVICE, None, FORM, by=" Анна ", at=NINE)


def history(app: Engine) -> list[tuple[int, str, str]]:
    found = SqlDocumentationReader(app).history(SERVICE, "slow", NINE + DAY)
    return [(one.revision, one.body, one.changed_by) for one in found]


def test_a_runbook_is_kept_with_its_history(app: Engine):
    first = made(app)
    second = save_runbook(
        app, SERVICE, first, {**FORM, "body": "Roll back."}, by="Борис", at=NINE + HOUR
    )
    reader = SqlDocumentationReader(app)
    assert reader.runbooks(SERVICE, NINE) == (first,)
    assert reader.runbooks(SERVICE, NINE + HOUR) == (second,)
    assert reader.runbooks("other", NINE) == ()
    assert history(app) == [(2, "Roll back.", "Борис"), (1, "Look.", "Анна")]


def test_the_second_of_two_editors_sees_both_versions(app: Engine):
    seen = made(app)
    theirs = save_runbook(
        app, SERVICE, seen, {**FORM, "body": "Restart."}, by="Борис", at=NINE + HOUR
    )
    with pytest.raises(RunbookConflictError) as conflict:
        save_runbook(app, SERVICE, seen, {**FORM, "body": "Wait."}, by="Вера", at=NINE + HOUR)
    assert conflict.value.theirs == theirs
    assert conflict.value.ours.body == "Wait."
    assert str(conflict.value) == "Борис has changed this runbook meanwhile."
    assert "-Restart.\n+Wait." in conflict.value.difference
    merged = {**FORM, "body": "Restart. Wait."}
    assert save_runbook(app, SERVICE, theirs, merged, by="Вера", at=NINE + HOUR).revision == 3


def test_a_new_runbook_of_a_name_that_is_taken_shows_what_is_there(app: Engine):
    stored = made(app)
    with pytest.raises(RunbookConflictError) as conflict:
        save_runbook(app, SERVICE, None, {**FORM, "body": "Other."}, by="Вера", at=NINE)
    assert conflict.value.theirs == stored


def test_a_button_pressed_twice_changes_once(app: Engine):
    first = made(app)
    assert made(app) == first
    changed = {**FORM, "body": "Wait."}
    once = save_runbook(app, SERVICE, first, changed, by="Анна", at=NINE + HOUR)
    assert save_runbook(app, SERVICE, first, changed, by="Анна", at=NINE + HOUR) == once
    assert len(history(app)) == 2


def test_what_is_gone_cannot_be_changed(app: Engine):
    with pytest.raises(RunbookConflictError, match="no such runbook") as conflict:
        save_runbook(app, SERVICE, Runbook(SERVICE, "gone", "t", "b", 2), FORM, by="Анна", at=NINE)
    assert (conflict.value.theirs, conflict.value.difference) == (None, "")


def test_of_many_editors_at_once_one_succeeds(oncall_engines: dict[Role, Engine]):
    engine = oncall_engines[Role.APP]
    seen = made(engine)
    outcomes: list[str] = []
    together = Barrier(4)

    def write(number: int) -> None:
        together.wait()
        try:
            given = {**FORM, "body": f"{number}"}
            save_runbook(engine, SERVICE, seen, given, by=f"{number}", at=NINE)
            outcomes.append("written")
        except RunbookConflictError:
            outcomes.append("told")

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "told", "told", "written"]
    assert len(history(engine)) == 2


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
def test_seeding_writes_what_is_missing_and_nothing_else(
    oncall_engines: dict[Role, Engine], role: Role
):
    app = oncall_engines[Role.APP]
    own = {**FORM, "runbook_id": DEFAULT_RUNBOOKS[0].runbook_id, "body": "Ours."}
    save_runbook(app, SERVICE, None, own, by="Анна", at=NINE)
    assert seed_runbooks(oncall_engines[role], SERVICE, NINE) == len(DEFAULT_RUNBOOKS) - 1
    assert seed_runbooks(oncall_engines[role], SERVICE, NINE + DAY) == 0
    found = {one.runbook_id: one for one in SqlDocumentationReader(app).runbooks(SERVICE, NINE)}
    assert set(found) == {one.runbook_id for one in DEFAULT_RUNBOOKS}
    assert found[DEFAULT_RUNBOOKS[0].runbook_id].body == "Ours."
    assert found[DEFAULT_RUNBOOKS[1].runbook_id].body == DEFAULT_RUNBOOKS[1].body


def test_rules_say_which_runbooks_they_lead_to(app: Engine):
    with app.begin() as connection:
        for rule, runbook, enabled in (("b", "slow", True), ("a", "slow", True), ("c", "", True),
                                       ("d", "gone", False)):  # fmt: skip
            connection.execute(
                text("""
                    insert into team.alert_rule (service, rule_id, name, kind, "check", severity,
                        runbook_id, enabled, changed_by, changed_at)
                    values (:service, :rule, 'n', 'counter', 'errors', 'page', :runbook, :enabled,
                        'Анна', :at)"""),
                {
                    "service": SERVICE,
                    "rule": rule,
                    "runbook": runbook,
                    "enabled": enabled,
                    "at": NINE,
                },
            )
    named = SqlDocumentationReader(app).named_by_rules(SERVICE)
    assert named == {"": ("c",), "slow": ("a", "b")}
