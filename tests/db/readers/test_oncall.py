"""The on-call report from the store, at any time: who was on call as it was known then."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from core import oncall
from db.readers.oncall import SqlOnCallReader
from db.readers.snapshot import snapshot
from db.team.rotas import add_override, cancel_override, save_rota
from tests.db.team.oncall_rows import DAY, HOUR, NINE

FORM: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "handover_weekday": 0,
    "handover_time": "09:00",
    "starts_on": "2026-06-01",
    "members": ["Анна", "Jürgen"],
    "escalate_after_minutes": 10,
}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    save_rota(oncall_app, "mail", None, FORM, by="Анна", at=NINE - DAY)
    return oncall_app


def now(app: Engine, as_of: Any) -> str:
    return oncall.report(SqlOnCallReader(app), ["mail"], as_of).duty("mail").sentence


def test_who_is_on_call_is_told_as_it_was_known(app: Engine):
    given = {"member": "Глеб", "starts_at": NINE, "ends_at": NINE + DAY}
    one = add_override(app, "mail", given, by="Анна", at=NINE + HOUR, request_id="a")
    cancel_override(app, one, by="Анна", at=NINE + 3 * HOUR)
    assert now(app, NINE).startswith("Анна is on call for mail until 8 Jun 2026 07:00 UTC")
    assert now(app, NINE + HOUR).startswith("Глеб is on call for mail")
    assert now(app, NINE + 3 * HOUR).startswith("Анна is on call for mail")


def test_two_services_are_told_apart(app: Engine):
    found = oncall.report(SqlOnCallReader(app), ["mail", "search"], NINE)
    assert found.duty("search").rota is None
    assert found.headline == "Nobody is on call now for search"


def test_a_report_reads_from_one_snapshot(app: Engine):
    with snapshot(app) as connection:
        before = oncall.report(SqlOnCallReader(connection), ["mail"], NINE + DAY)
        given = {"member": "Глеб", "starts_at": NINE, "ends_at": NINE + 2 * DAY}
        add_override(app, "mail", given, by="Анна", at=NINE, request_id="a")
        again = oncall.report(SqlOnCallReader(connection), ["mail"], NINE + DAY)
    assert before == again
    assert now(app, NINE + DAY).startswith("Глеб")
