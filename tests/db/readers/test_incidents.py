"""The incidents' report from the store: letters that were really lost, alerts, notes, releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core import incidents, reliability
from core.incidents import impact_of
from core.reliability import ReliabilityReport
from core.timeframe import Window
from db.engine import Role, Store
from db.readers.incidents import SqlIncidentReader
from db.readers.reliability import SqlReliabilityReader
from db.team.incidents import add_note, close_incident, mark_recovered, open_incident
from tests.db.readers import serving
from tests.db.team.oncall_rows import DAY, HOUR, MINUTE, NINE, SERVICE, fire, take

WEEK = Window.parse("7d")
_RELEASE = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, datacenter,
        stage, note)
    values (:service, :id, :at, :version, '', 'production', '')""")
_ACT = text("""
    insert into team.alert_act (service, episode_id, kind, by, at, text, request_id)
    values (:service, :episode_id, 'note', 'Вера', :at, 'dc2 only', 'n')""")
_TOLD = text("""
    insert into team.notification (idempotency_key, service, episode_id, channel_id, event, title,
        body, status, created_at, sent_at)
    values (:key, :service, :episode_id, 'chat', 'firing', 't', 'b', 'sent', :at, :at)""")


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def opened(app: Engine, *episodes: int, **changed: Any) -> Any:
    given = {"title": "Почта стоит", "severity": "major", "began_at": NINE, **changed}
    return open_incident(app, SERVICE, given, episodes, by="Анна", at=NINE + MINUTE, request_id="a")


def test_a_timeline_is_merged_from_what_the_store_knows(app: Engine, oncall_engines: Any):
    episode = fire(app)
    take(app, episode, NINE + 3 * MINUTE)
    one = opened(app, episode, detected_at=NINE)
    add_note(app, one, "rolled back", by="Борис", at=NINE + 5 * MINUTE, request_id="n")
    with oncall_engines[Role.OWNER].begin() as connection:
        connection.execute(text("delete from metrics.deployment"))
        for number, at in ((1, NINE - MINUTE), (2, NINE - DAY)):
            row = {"service": SERVICE, "id": f"d{number}", "at": at, "version": f"v{number}"}
            connection.execute(_RELEASE, row)
    with app.begin() as connection:
        row = {"service": SERVICE, "episode_id": episode, "at": NINE + 4 * MINUTE}
        connection.execute(_ACT, row)
    reader = SqlIncidentReader(app)
    (view,) = incidents.report(reader, SERVICE, WEEK, NINE + HOUR).incidents
    assert [(entry.kind, entry.text) for entry in view.timeline] == [
        ("release", ""),
        ("began", ""),
        ("alert", "It burns."),
        ("detected", ""),
        ("opened", "Почта стоит"),
        ("acknowledgement", ""),
        ("note", "dc2 only"),
        ("note", "rolled back"),
    ]
    (early,) = incidents.report(reader, SERVICE, WEEK, NINE + 2 * MINUTE).incidents
    assert [entry.kind for entry in early.timeline][-1] == "opened"
    assert incidents.report(reader, "other", WEEK, NINE + HOUR).incidents == ()


def test_when_an_alert_was_first_told(app: Engine):
    episode, silent = fire(app), fire(app, NINE + MINUTE)
    with app.begin() as connection:
        for minutes in (9, 2, 5):
            row = {"service": SERVICE, "episode_id": episode, "at": NINE + minutes * MINUTE}
            connection.execute(_TOLD, row | {"key": f"{minutes}"})
    reader = SqlIncidentReader(app)
    assert reader.told([episode, silent], NINE + HOUR) == {episode: NINE + 2 * MINUTE}
    assert reader.told([episode], NINE + MINUTE) == {}
    assert reader.told([], NINE + HOUR) == {}


def test_what_an_incident_cost_is_what_the_rows_say_and_stays_when_it_is_closed(store: Store):
    rows = [
        serving.row(serving.BEGIN + minute * MINUTE, letters=1_000, errors=100 * (5 <= minute < 9))
        for minute in range(30)
    ]
    serving.write(store, rows)
    serving.tick(store)
    app, service = store.engine(Role.APP), rows[0].service

    def reading(window: Window, as_of: datetime) -> ReliabilityReport:
        return reliability.report(SqlReliabilityReader(app), service, window, as_of)

    began, over, end = (serving.BEGIN + minute * MINUTE for minute in (5, 10, 30))
    given = {"title": "Errors", "severity": "minor", "began_at": began}
    one = open_incident(app, service, given, by="Анна", at=end, request_id="a")
    recovered = mark_recovered(app, one, over, by="Анна", at=end)
    reader = SqlIncidentReader(app)
    (live,) = incidents.report(reader, service, WEEK, end, reading).incidents
    assert live.impact is not None
    assert (live.impact.letters, live.impact.bad["availability"]) == (5_000, 400)
    assert (live.impact.minutes["any"], live.impact.missing) == (4, 0)
    close_incident(app, recovered, impact_of(recovered, end, reading), by="Анна", at=end)
    (kept,) = incidents.report(reader, service, WEEK, end).incidents
    assert kept.impact is not None
    assert kept.impact.frozen
    assert (kept.impact.bad, kept.impact.allowed) == (live.impact.bad, live.impact.allowed)
