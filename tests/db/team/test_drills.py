"""Drills in the store: a labelled test alert, what is measured of it, and nothing counted twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from core import incidents
from core.fields import FieldsError
from core.ports.incidents import Drill
from core.timeframe import Window
from db.engine import Role
from db.readers.incidents import SqlIncidentReader
from db.team.audit import ConflictError, NotNowError
from db.team.drill_alerts import DRILL_RULE
from db.team.drills import (
    cancel_drill,
    change_drill,
    end_drill,
    plan_drill,
    recover_drill,
    start_drill,
)
from db.team.incidents import open_incident
from tests.db.team.oncall_rows import DAY, HOUR, MINUTE, NINE, SERVICE, fire, logged, take

FORM: dict[str, Any] = {
    "scenario": "datacenter_lost",
    "title": "",
    "due_on": "2026-06-01",
    "owner": "Борис",
}
_CHANNEL = text("""
    insert into team.channel (channel_id, name, address, changed_by, changed_at)
    values ('chat', 'Chat', 'json://localhost', 'Анна', :at)""")
_SENT = text("""
    update team.notification set status = 'sent', sent_at = :at, next_attempt_at = null
    where event = 'firing'""")


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def planned(app: Engine, request_id: str = "a", **changed: Any) -> Drill:
    given = {**FORM, **changed}
    return plan_drill(app, SERVICE, given, by=" Анна ", at=NINE, request_id=request_id)


def started(app: Engine) -> Drill:
    return start_drill(app, planned(app), by="Борис", at=NINE)


def episodes(app: Engine) -> list[Any]:
    with app.connect() as connection:
        return list(connection.execute(text("select * from team.alert_episode")))


def known(app: Engine, as_of: Any) -> tuple[Drill, ...]:
    return SqlIncidentReader(app).drills(SERVICE, as_of)


def test_a_drill_is_planned_once_and_changed(app: Engine):
    one = planned(app)
    assert planned(app) == one
    assert (one.title, one.owner, one.created_by) == ("Datacenter lost", "Борис", "Анна")
    given = {**FORM, "due_on": "2026-06-09"}
    changed = change_drill(app, one, given, by="Вера", at=NINE + HOUR)
    assert change_drill(app, one, given, by="Вера", at=NINE + HOUR) == changed
    assert known(app, NINE) == (one,)
    assert known(app, NINE + HOUR) == (changed,)
    with pytest.raises(ConflictError) as conflict:
        change_drill(app, one, {**FORM, "owner": "Глеб"}, by="Глеб", at=NINE + HOUR)
    assert conflict.value.stored == changed
    with pytest.raises(FieldsError):
        change_drill(app, changed, {**FORM, "owner": ""}, by="Глеб", at=NINE + HOUR)


def test_a_cancelled_drill_is_shown_no_more_and_cannot_start(app: Engine):
    one = planned(app)
    cancelled = cancel_drill(app, one, by="Анна", at=NINE + HOUR)
    assert cancel_drill(app, one, by="Анна", at=NINE + 2 * HOUR) == cancelled
    assert known(app, NINE + HOUR) == ()
    assert known(app, NINE) == (one,)
    with pytest.raises(NotNowError, match="Анна has cancelled this drill"):
        start_drill(app, cancelled, by="Борис", at=NINE + HOUR)
    assert episodes(app) == []


def test_its_start_raises_one_labelled_test_alert(app: Engine):
    one = started(app)
    assert start_drill(app, one, by="Вера", at=NINE + MINUTE) == one
    (episode,) = episodes(app)
    assert (episode.episode_id, episode.drill, episode.rule_id) == (
        one.episode_id,
        True,
        DRILL_RULE,
    )
    assert episode.labels == {"drill": str(one.drill_id), "scenario": "datacenter_lost"}
    assert (episode.state, episode.severity, episode.fired_at) == ("firing", "page", NINE)
    assert episode.sentence == "Drill: Datacenter lost is rehearsed on newsletters."
    (moved,) = SqlIncidentReader(app).transitions_of([episode.episode_id], NINE)
    assert (moved.before, moved.after, moved.at) == ("", "firing", NINE)


def test_the_alert_is_told_as_a_drill_in_the_same_transaction(app: Engine):
    with app.begin() as connection:
        connection.execute(_CHANNEL, {"at": NINE})
    end_drill(app, started(app), "fine", by="Борис", at=NINE + HOUR)
    with app.connect() as connection:
        told = connection.execute(text("select event, title from team.notification order by 1"))
        assert [(event, title.startswith("[DRILL]")) for event, title in told] == [
            ("firing", True),
            ("resolved", True),
        ]


def test_detection_acknowledgement_and_recovery_are_measured_and_kept(app: Engine):
    with app.begin() as connection:
        connection.execute(_CHANNEL, {"at": NINE})
    one = started(app)
    with app.begin() as connection:
        connection.execute(_SENT, {"at": NINE + MINUTE})
    assert one.episode_id is not None
    take(app, one.episode_id, NINE + 4 * MINUTE)
    over = recover_drill(app, one, by="Борис", at=NINE + 20 * MINUTE)
    assert recover_drill(app, one, by="Борис", at=NINE + 30 * MINUTE) == over
    ended = end_drill(app, over, "The others carried it.", by="Борис", at=NINE + HOUR)
    assert end_drill(app, over, "again", by="Вера", at=NINE + DAY) == ended
    assert (ended.detected_at, ended.acknowledged_at, ended.recovered_at) == (
        NINE + MINUTE,
        NINE + 4 * MINUTE,
        NINE + 20 * MINUTE,
    )
    (episode,) = episodes(app)
    assert (episode.state, episode.resolved_by) == ("resolved", "Борис")
    assert episode.resolved_at == NINE + 20 * MINUTE
    made = incidents.report(SqlIncidentReader(app), SERVICE, Window.parse("7d"), NINE + DAY)
    assert made.drills[0].to_acknowledge == 4 * MINUTE
    assert made.incidents == ()


def test_an_alert_that_ends_only_with_the_drill_has_not_recovered(app: Engine):
    ended = end_drill(app, started(app), "Nobody came.", by="Борис", at=NINE + HOUR)
    assert (ended.detected_at, ended.acknowledged_at, ended.recovered_at) == (NINE, None, None)
    (episode,) = episodes(app)
    assert episode.state == "resolved"


def test_a_drill_that_has_not_started_neither_recovers_nor_ends(app: Engine):
    one = planned(app)
    for refused in (
        lambda: recover_drill(app, one, by="Анна", at=NINE),
        lambda: end_drill(app, one, "x", by="Анна", at=NINE),
    ):
        with pytest.raises(NotNowError, match="has not started"):
            refused()


def test_an_incident_that_is_opened_from_a_drills_alert_is_the_drills(app: Engine):
    one = started(app)
    assert one.episode_id is not None
    given = {"title": "x", "severity": "minor", "began_at": NINE}
    rehearsed = open_incident(
        app, SERVICE, given, [one.episode_id], by="Анна", at=NINE, request_id="i"
    )
    mixed = open_incident(
        app, SERVICE, given, [one.episode_id, fire(app)], by="Анна", at=NINE, request_id="j"
    )
    assert (rehearsed.drill_id, mixed.drill_id) == (one.drill_id, None)


def test_an_end_needs_a_result(app: Engine):
    with pytest.raises(FieldsError) as refusal:
        end_drill(app, started(app), " ", by="Анна", at=NINE)
    assert list(refusal.value.problems) == ["result"]


def test_a_drill_that_runs_cannot_be_changed_or_cancelled(app: Engine):
    one = started(app)
    with pytest.raises(NotNowError, match="has started"):
        cancel_drill(app, one, by="Анна", at=NINE)
    with pytest.raises(NotNowError, match="has started"):
        change_drill(app, one, {**FORM, "owner": "x"}, by="Анна", at=NINE)
    ended = end_drill(app, one, "x", by="Анна", at=NINE + HOUR)
    with pytest.raises(NotNowError, match="is over"):
        recover_drill(app, ended, by="Анна", at=NINE + HOUR)


def test_a_drill_of_another_service_is_not_found(app: Engine):
    one = planned(app)
    other = type(one)(
        *("x" if name == "service" else getattr(one, name) for name in one.__dataclass_fields__)
    )
    with pytest.raises(ConflictError, match="no such drill"):
        start_drill(app, other, by="Анна", at=NINE)


def test_every_change_of_a_drill_is_logged(app: Engine):
    end_drill(app, started(app), "x", by="Вера", at=NINE + HOUR)
    entries = logged(app)
    assert [(entry.subject, entry.changed_by) for entry in entries] == [
        ("drill", "Анна"),
        ("drill", "Борис"),
        ("drill", "Вера"),
    ]
    assert [before.after for before in entries[:-1]] == [entry.before for entry in entries[1:]]


@pytest.mark.parametrize(
    "wrong", ["scenario = 'fire'", "started_at = now()", "ended_at = now()", "owner = ''"]
)
def test_the_store_itself_refuses_what_makes_no_sense(
    oncall_engines: dict[Role, Engine], wrong: str
):
    app = oncall_engines[Role.APP]
    planned(app)
    with app.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"update team.drill set {wrong}"))
