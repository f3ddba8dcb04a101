"""Incidents in the store: opened once, followed, closed, and read as they were known."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.fields import FieldsError
from core.incidents.impact import Impact, from_json
from core.ports.incidents import Incident
from db.engine import Role
from db.readers.incidents import SqlIncidentReader
from db.team.audit import ConflictError, NotNowError
from db.team.drills import plan_drill
from db.team.incidents import (
    add_alert,
    add_note,
    change_incident,
    close_incident,
    mark_recovered,
    open_incident,
    remove_alert,
)
from tests.db.team.oncall_rows import DAY, HOUR, MINUTE, NINE, SERVICE, fire, logged

FORM: dict[str, Any] = {"title": "Почта стоит", "severity": "major", "began_at": NINE}
LATER = NINE + HOUR
IMPACT = Impact(
    NINE,
    LATER,
    60_000,
    {"availability": 700, "latency": 3},
    {"availability": Fraction(1, 3), "latency": Fraction(6)},
    {"availability": 60, "latency": 0, "any": 60},
    0,
    60,
)


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def opened(app: Engine, *episodes: int, **changed: Any) -> Incident:
    given = {**FORM, **changed}
    return open_incident(app, SERVICE, given, episodes, by=" Анна ", at=NINE, request_id="a")


def known(app: Engine, as_of: datetime, start: datetime = NINE) -> tuple[Incident, ...]:
    return SqlIncidentReader(app).incidents(SERVICE, start, as_of)


def linked(app: Engine, incident: Incident, as_of: datetime) -> list[int]:
    found = SqlIncidentReader(app).alerts_of([incident.incident_id], as_of)
    return [one.episode_id for one in found]


def test_an_incident_is_opened_from_alerts_or_without_any(app: Engine):
    first, second = fire(app), fire(app, NINE + MINUTE)
    one = opened(app, second, first, first)
    assert known(app, NINE) == (one,)
    assert (one.opened_by, one.revision, one.recovered_at) == ("Анна", 1, None)
    assert linked(app, one, NINE) == [first, second]
    bare = open_incident(app, SERVICE, FORM, by="Анна", at=NINE, request_id="b")
    assert linked(app, bare, NINE) == []


def test_a_double_click_opens_one_incident(oncall_engines: dict[Role, Engine]):
    engine = oncall_engines[Role.APP]
    together = Barrier(4)
    found: list[Incident] = []

    def click() -> None:
        together.wait()
        found.append(opened(engine))

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.incident_id for one in found}) == 1
    assert len(known(engine, NINE)) == len(logged(engine)) == 1


def test_an_alert_of_another_service_does_not_belong_to_it(app: Engine):
    stranger = fire(app, service="other")
    with pytest.raises(FieldsError) as refusal:
        open_incident(
            app, SERVICE, FORM, [stranger, 999], by="Анна", at=NINE, request_id="a", drill_id=5
        )
    assert set(refusal.value.problems) == {"episodes", "drill_id"}
    assert known(app, NINE) == ()


def test_a_form_with_wrong_fields_stores_nothing(app: Engine):
    with pytest.raises(FieldsError) as refusal:
        opened(app, title="", severity="huge")
    assert set(refusal.value.problems) == {"title", "severity"}
    assert known(app, NINE) == ()


def test_alerts_come_in_and_go_and_an_earlier_time_reads_what_was_then(app: Engine):
    first, second = fire(app), fire(app, NINE + MINUTE)
    one = opened(app, first)
    for _ in range(2):  # a double click
        add_alert(app, one, second, by="Борис", at=NINE + 5 * MINUTE)
    for _ in range(2):
        remove_alert(app, one, first, by="Борис", at=NINE + 9 * MINUTE)
    assert linked(app, one, NINE) == [first]
    assert linked(app, one, NINE + 5 * MINUTE) == [first, second]
    assert linked(app, one, NINE + 9 * MINUTE) == [second]
    add_alert(app, one, first, by="Борис", at=LATER)
    assert linked(app, one, LATER) == [second, first]
    with pytest.raises(FieldsError):
        add_alert(app, one, 999, by="Борис", at=LATER)


def test_notes_can_only_be_added_and_a_double_click_adds_one(app: Engine):
    one = opened(app)
    note = add_note(app, one, " *смотрим* ", by="Анна", at=NINE, request_id="n")
    assert add_note(app, one, "again", by="Анна", at=LATER, request_id="n") == note
    add_note(app, one, "found", by="Борис", at=LATER, request_id="m")
    found = SqlIncidentReader(app).notes([one.incident_id], LATER)
    assert [(said.text, said.by) for said in found] == [("*смотрим*", "Анна"), ("found", "Борис")]
    assert SqlIncidentReader(app).notes([one.incident_id], NINE) == (note,)
    with pytest.raises(FieldsError):
        add_note(app, one, " ", by="Анна", at=NINE, request_id="o")


def test_recovered_closed_and_frozen(app: Engine):
    one = opened(app)
    with pytest.raises(NotNowError, match="has not recovered"):
        close_incident(app, one, IMPACT, by="Анна", at=LATER)
    over = mark_recovered(app, one, NINE + 30 * MINUTE, by="Борис", at=LATER)
    closed = close_incident(app, over, IMPACT, by="Вера", at=LATER + MINUTE)
    assert from_json(closed.impact).bad == IMPACT.bad
    assert from_json(closed.impact).share("availability") == 2_100
    assert close_incident(app, over, None, by="Анна", at=LATER + HOUR) == closed
    assert known(app, LATER) == (over,)
    assert known(app, NINE) == (one,)
    assert known(app, LATER + HOUR, start=LATER) == (closed,)
    assert known(app, LATER + DAY, start=LATER + HOUR) == ()


def test_a_closed_incident_is_not_changed_but_takes_notes(app: Engine):
    one = mark_recovered(app, opened(app), NINE, by="Анна", at=NINE)
    closed = close_incident(app, one, None, by="Анна", at=LATER)
    assert closed.impact == {}
    for refused in (
        lambda: change_incident(app, closed, {**FORM, "title": "x"}, by="Анна", at=LATER),
        lambda: mark_recovered(app, closed, None, by="Анна", at=LATER),
        lambda: add_alert(app, closed, fire(app), by="Анна", at=LATER),
        lambda: remove_alert(app, closed, 1, by="Анна", at=LATER),
    ):
        with pytest.raises(NotNowError, match="is closed"):
            refused()
    add_note(app, closed, "afterthought", by="Анна", at=LATER, request_id="n")


@pytest.mark.parametrize("moment", [NINE - MINUTE, LATER + MINUTE, NINE.replace(tzinfo=None)])
def test_a_recovery_that_cannot_be_is_refused(app: Engine, moment: datetime):
    one = opened(app)
    with pytest.raises(FieldsError) as refusal:
        mark_recovered(app, one, moment, by="Анна", at=LATER)
    assert list(refusal.value.problems) == ["recovered_at"]


def test_a_recovery_can_be_taken_back(app: Engine):
    over = mark_recovered(app, opened(app), NINE, by="Анна", at=NINE)
    assert mark_recovered(app, over, None, by="Анна", at=LATER).recovered_at is None


def test_the_second_of_two_is_told_what_the_first_has_changed(app: Engine):
    seen = opened(app)
    first = change_incident(app, seen, {**FORM, "severity": "critical"}, by="Борис", at=LATER)
    with pytest.raises(ConflictError) as conflict:
        change_incident(app, seen, {**FORM, "title": "mine"}, by="Вера", at=LATER)
    assert conflict.value.stored == first
    assert str(conflict.value) == "Борис has changed this incident meanwhile."
    again = change_incident(app, seen, {**FORM, "severity": "critical"}, by="Борис", at=LATER)
    assert again == first
    with pytest.raises(ConflictError):
        mark_recovered(app, seen, LATER, by="Вера", at=LATER)


def test_the_beginning_cannot_be_moved_behind_the_recovery(app: Engine):
    over = mark_recovered(app, opened(app), NINE, by="Анна", at=NINE)
    with pytest.raises(FieldsError) as refusal:
        change_incident(app, over, {**FORM, "began_at": LATER}, by="Анна", at=LATER)
    assert list(refusal.value.problems) == ["began_at"]


def test_what_is_not_there_cannot_be_changed(app: Engine):
    one = opened(app)
    other = type(one)(99, SERVICE, "x", "minor", NINE, None, None, None, None, "Анна", NINE)
    with pytest.raises(ConflictError, match="no such incident"):
        mark_recovered(app, other, NINE, by="Анна", at=NINE)


def test_an_incident_of_a_drill_says_so(app: Engine):
    given = {"scenario": "bad_model", "due_on": "2026-06-01", "owner": "Анна"}
    drill = plan_drill(app, SERVICE, given, by="Анна", at=NINE, request_id="d")
    one = open_incident(
        app, SERVICE, FORM, by="Анна", at=NINE, request_id="a", drill_id=drill.drill_id
    )
    assert one.drill_id == drill.drill_id


def test_every_change_is_logged_with_before_and_after(app: Engine):
    mark_recovered(app, opened(app), LATER, by="Борис", at=LATER)
    first, second = logged(app)
    assert (first.before, first.after["title"]) == ({}, "Почта стоит")
    assert (second.subject, second.changed_by) == ("incident", "Борис")
    assert second.before["recovered_at"] is None
    assert datetime.fromisoformat(second.after["recovered_at"]) == LATER


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
@pytest.mark.parametrize(
    "change",
    [
        "update team.incident_note set text = 'x'",
        "delete from team.incident_note",
        "delete from team.incident_alert",
        "update team.incident_alert set added_by = 'x'",
        "update team.audit set changed_by = 'x'",
        "delete from team.audit",
    ],
)
def test_nobody_rewrites_what_was_said(oncall_engines: dict[Role, Engine], role: Role, change: str):
    with (
        oncall_engines[role].connect() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(change))


@pytest.mark.parametrize(
    "wrong",
    [
        "closed_at = began_at",  # without a recovery
        "recovered_at = began_at - interval '1 minute'",
        "impact = '{\"letters\": 1}'",  # while it is open
        "severity = 'huge'",
        "title = ''",
    ],
)
def test_the_store_itself_refuses_what_makes_no_sense(app: Engine, wrong: str):
    opened(app)
    with app.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"update team.incident set {wrong}"))
