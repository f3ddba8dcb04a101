"""The token that caches are keyed by changes with everything that a report of alerts reads."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.ports.alerts import Episode
from core.timeframe import HOUR
from db.engine import Role, Store
from db.readers.watermark import watermark
from db.team.alert_acknowledgements import acknowledge
from db.team.alert_episodes import add_note, escalate, resolve_by_hand
from db.team.alert_silences import end_silence, silence
from tests.db.notifications.alert_rows import NOW, add_episode

SERVICE = "newsletters"
EVALUATION = """
    insert into team.alert_evaluation (service, at, seconds, rules, active, unknown)
    values (:service, :at, 0.1, 17, 0, 0)"""
NOTIFICATION = """
    insert into team.notification (idempotency_key, service, episode_id, channel_id, event, title,
        body, created_at, next_attempt_at)
    values ('key', :service, :episode_id, 'ops', 'firing', 't', 'b', :at, :at)"""
SENT = """
    update team.notification set status = 'sent', sent_at = :at, next_attempt_at = null,
        attempts = 1 where service = :service"""


@pytest.fixture
def burns(store: Store) -> Episode:
    return add_episode(store.engine(Role.WORKER), event=None)


def happen(store: Store, statement: str, service: str = SERVICE, **values: object) -> None:
    with store.engine(Role.WORKER).begin() as connection:
        connection.execute(text(statement), {"service": service, "at": NOW} | values)


def test_each_act_on_an_alert_changes_it(store: Store, burns: Episode):
    app, number = store.engine(Role.APP), burns.episode_id
    tokens = [watermark(app, SERVICE)]
    said = {"by": "Анна", "at": NOW}
    acknowledge(app, number, **said, until=NOW + HOUR, request_id="1")
    tokens.append(watermark(app, SERVICE))
    add_note(app, number, **said, note="looking", request_id="2")
    tokens.append(watermark(app, SERVICE))
    escalate(app, number, **said, to="Борис", request_id="3")
    tokens.append(watermark(app, SERVICE))
    given = {"matchers": {"service": SERVICE}, "reason": "a move", "ends_at": NOW + HOUR}
    made = silence(app, given, **said, request_id="4")
    tokens.append(watermark(app, SERVICE))
    end_silence(app, made.silence_id, **said)
    tokens.append(watermark(app, SERVICE))
    resolve_by_hand(app, number, **said, reason="rolled back", request_id="5")
    tokens.append(watermark(app, SERVICE))
    assert len(set(tokens)) == len(tokens)


def test_an_evaluation_and_a_notification_on_its_way_change_it_for_their_service_alone(
    store: Store, burns: Episode
):
    app = store.engine(Role.APP)
    ours, theirs = [watermark(app, SERVICE)], [watermark(app, "other")]
    happen(store, EVALUATION)
    ours.append(watermark(app, SERVICE))
    happen(store, NOTIFICATION, episode_id=burns.episode_id)
    ours.append(watermark(app, SERVICE))
    happen(store, SENT)
    ours.append(watermark(app, SERVICE))
    theirs.append(watermark(app, "other"))
    assert len(set(ours)) == len(ours)
    assert len(set(theirs)) == 1
