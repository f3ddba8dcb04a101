"""The documentation report from the store."""

from __future__ import annotations

from sqlalchemy import Engine

from core import documentation
from db.readers.documentation import SqlDocumentationReader
from db.team.alert_rules import ensure_rules
from db.team.cards import save_card
from db.team.runbooks import save_runbook, seed_runbooks
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE

CARD = {"repository": "git", "logs": "/var/log", "problems": "Медленно: …", "knobs": "threads"}


def test_a_card_and_the_runbooks_that_alerts_lead_to(oncall_app: Engine):
    reader = SqlDocumentationReader(oncall_app)
    empty = documentation.report(reader, SERVICE, NINE)
    assert set(empty.empty) == {"card", "runbooks"}
    save_card(oncall_app, SERVICE, None, CARD, by="Анна", at=NINE)
    ensure_rules(oncall_app, [SERVICE], NINE)
    seed_runbooks(oncall_app, SERVICE, NINE)
    made = documentation.report(reader, SERVICE, NINE)
    assert made.headline == "The card of newsletters is complete, four of four"
    assert made.warnings == ()
    assert all(view.rules for view in made.runbooks)


def test_the_report_of_an_earlier_time_shows_the_versions_of_then(oncall_app: Engine):
    form = {"runbook_id": "slow", "title": "Slow", "body": "Look."}
    first = save_runbook(oncall_app, SERVICE, None, form, by="Анна", at=NINE)
    second = save_runbook(
        oncall_app, SERVICE, first, {**form, "body": "Act."}, by="Борис", at=NINE + DAY
    )
    reader = SqlDocumentationReader(oncall_app)
    assert documentation.report(reader, SERVICE, NINE - HOUR).runbooks == ()
    assert documentation.report(reader, SERVICE, NINE + HOUR).runbook("slow") == first
    assert documentation.report(reader, SERVICE, NINE + DAY).runbook("slow") == second
