"""Latency and SLA of an earlier moment: held to what was promised then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import URL

from core.timeframe import write_time
from db.engine import Store
from db.team.goals import save_criterion, save_goal, save_target
from tests.db.readers import serving
from tests.pages.operate import DAY, SERVICE, Desk, app_of

BEGIN = serving.BEGIN
PROMISED = BEGIN - DAY
HARDER = BEGIN + timedelta(hours=2)
GOAL: dict[str, Any] = {
    "title": "Carries the load",
    "problem": "Letters wait",
    "for_whom": "users",
    "gain_us": "",
    "gain_user": "",
    "starts_on": "2025-01-01",
    "due_on": "2026-12-31",
    "key_results": [],
    "parent_goal_id": None,
}
PEAK: dict[str, Any] = {
    "measure": "peak_rpm_within_slo",
    "operator": ">=",
    "value": "90",
    "milestone": "Q1",
    "due_on": "2025-03-31",
}


@pytest.fixture(autouse=True)
def promises(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    """100 letters a minute; 90 were promised, then 2,000; and 5,000 for the quarter after."""
    st.cache_resource.clear()
    st.cache_data.clear()
    address: URL = store.url()
    monkeypatch.setenv("DATABASE_URL", address.render_as_string(hide_password=False))
    serving.write(store, [serving.row(BEGIN + at * serving.MINUTE) for at in range(180)])
    serving.tick(store)
    app, then = app_of(store), {"by": "Анна", "at": PROMISED}
    goal = save_goal(app, SERVICE, None, GOAL, **then, request_id="g")
    load = {"name": "Load", "area": "reliability", "window": ""}
    criterion = save_criterion(app, goal, None, load, **then, request_id="c")
    first = save_target(app, criterion, None, PEAK, **then, request_id="t")
    later = PEAK | {"value": "5000", "milestone": "Q2", "due_on": "2025-06-30"}
    save_target(app, criterion, None, later, **then, request_id="t2")
    harder = PEAK | {"value": "2000"}
    save_target(app, criterion, first, harder, by="Анна", at=HARDER, request_id="t3")
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def promised(as_of: datetime) -> str:
    """What the card of the load says was promised."""
    page = Desk("reliability", as_of=write_time(as_of), window="1h")
    (said,) = [line for line in page.said().splitlines() if "promised" in line]
    return said


def test_the_load_is_held_to_what_was_promised_at_that_moment():
    assert "promised peak 90" in promised(BEGIN + timedelta(hours=1))
    assert "promised peak 2k" in promised(BEGIN + timedelta(hours=3))
