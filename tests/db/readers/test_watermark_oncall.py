"""What people write about on-call, incidents and runbooks changes the token of caches."""

from __future__ import annotations

from datetime import time

from sqlalchemy import Engine

from core.ports.incidents import Incident
from db.engine import Role, Store
from db.readers.watermark import watermark
from db.team.cards import save_card
from db.team.incidents import add_alert, add_note, open_incident, remove_alert
from db.team.rotas import save_rota
from db.team.runbooks import save_runbook
from tests.db.team.oncall_rows import NINE, SERVICE, fire

ROTA = {
    "zone": "UTC",
    "handover_weekday": 0,
    "handover_time": time(10),
    "starts_on": NINE.date(),
    "members": ["Анна"],
    "escalate_after_minutes": 15,
}
INCIDENT = {"title": "Почта стоит", "severity": "major", "began_at": NINE}
CARD = {"repository": "git"}
RUNBOOK = {"runbook_id": "slow", "title": "Slow", "body": "Wait."}


def opened(app: Engine) -> Incident:
    return open_incident(app, SERVICE, INCIDENT, by="Анна", at=NINE, request_id="i")


def test_everything_that_is_written_changes_it_and_of_no_other_service(store: Store):
    app = store.engine(Role.APP)
    episode = fire(app)
    tokens = [watermark(app, SERVICE)]
    other = watermark(app, "search")

    def then() -> None:
        tokens.append(watermark(app, SERVICE))

    save_rota(app, SERVICE, None, ROTA, by="Анна", at=NINE)
    then()
    incident = opened(app)
    then()
    add_note(app, incident, "Wait", by="Анна", at=NINE, request_id="n")
    then()
    add_alert(app, incident, episode, by="Анна", at=NINE)
    then()
    remove_alert(app, incident, episode, by="Анна", at=NINE)
    then()
    save_card(app, SERVICE, None, CARD, by="Анна", at=NINE)
    then()
    save_runbook(app, SERVICE, None, RUNBOOK, by="Анна", at=NINE)
    then()
    assert len(set(tokens)) == len(tokens)
    assert watermark(app, "search") == other


def test_a_second_click_changes_nothing(store: Store):
    app = store.engine(Role.APP)
    opened(app)
    before = watermark(app, SERVICE)
    opened(app)
    assert watermark(app, SERVICE) == before
