"""The page of goals and criteria: from an empty store to a verdict, and every form against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import streamlit as st

from core.ports.criteria import Criterion, Goal, KeptTarget
from core.timeframe import write_time
from db.engine import Store
from db.readers.criteria import SqlGoalReader
from db.team.goals import save_criterion, save_goal, save_target
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

DUE = date(2099, 12, 31)
GIVEN: dict[str, Any] = {
    "title": f"Меньше жалоб {HOSTILE}",
    "problem": "Unimportant letters litter the Inbox",
    "for_whom": "users",
    "gain_us": "an embedding",
    "gain_user": "a folder",
    "starts_on": "2026-01-01",
    "due_on": DUE,
    "key_results": [],
    "parent_goal_id": None,
}
TARGET: dict[str, Any] = {
    "measure": "precision",
    "operator": ">=",
    "value": "99 %",
    "milestone": "Q2",
    "due_on": DUE,
}


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def goal(store: Store) -> Goal:
    return save_goal(app_of(store), SERVICE, None, GIVEN, by="Анна", at=now() - DAY, request_id="g")


def criterion(store: Store, of: Goal) -> Criterion:
    given = {"name": f"99 / 70 {HOSTILE}", "area": "quality", "window": ""}
    return save_criterion(app_of(store), of, None, given, by="Анна", at=now() - DAY, request_id="c")


def target(store: Store, of: Criterion) -> KeptTarget:
    return save_target(app_of(store), of, None, TARGET, by="Анна", at=now() - DAY, request_id="t")


def stored(store: Store) -> tuple[Goal, ...]:
    return SqlGoalReader(app_of(store)).goals(SERVICE)


def choose(desk: Desk, what: str) -> None:
    """Choose what to change."""
    (control,) = [
        one for one in desk.app.get("button_group") if one.key == f"criteria editing·{SERVICE}"
    ]
    control.set_value(what)
    desk.run()


def test_a_goal_is_made_where_there_is_none_and_says_what_it_lacks(store: Store):
    desk, form = Desk("criteria"), f"goal·{SERVICE}·"
    assert desk.title == "Mail has no goal yet"
    desk.type(form, title="Меньше жалоб", for_whom="users", due_on=DUE, by="Анна")
    desk.press("Make the goal")
    assert "Is missing: a goal without a why is no goal." in desk.texts()
    assert stored(store) == ()
    desk.type(form, problem="Unimportant letters litter the Inbox")
    desk.press("Make the goal")
    (made,) = stored(store)
    assert (made.title, made.due_on, made.changed_by) == ("Меньше жалоб", DUE, "Анна")
    assert desk.title.startswith("Mail: the goal is incomplete, it has no gain for users")


def test_a_criterion_and_a_target_follow_and_the_effect_is_shown_before_it_is_stored(store: Store):
    made = goal(store)
    desk = Desk("criteria")
    choose(desk, "A criterion")
    desk.type(f"criterion·{SERVICE}·{made.goal_id}·", name="99 / 70", area="quality", by="Анна")
    desk.press("Add the criterion")
    ((kept,),) = [one.criteria for one in stored(store)]
    choose(desk, "A target")
    form = f"target·{SERVICE}·{kept.criterion_id}·"
    desk.type(form, value="99", milestone="Q2", due_on=DUE, operator="<=", by="Анна")
    desk.press("Show what it would change")
    said = desk.texts()
    assert "A share needs a sign: is 99 meant as 99 %? Write 99 %, or 0.99." in said
    assert "Precision is good where it is high: its target is at least (>=)." in said
    assert not desk.has("Store the target")
    desk.type(form, value="99 %", operator=">=")
    desk.press("Show what it would change")
    assert "Precision at least 99 % at Q2, due 31 December 2099." in desk.texts()
    assert "The verdict of “99 / 70” stays no data." in desk.texts()
    assert stored(store)[0].criteria[0].targets == ()  # nothing is stored yet
    desk.press("Store the target")
    ((found,),) = [one.criteria[0].targets for one in stored(store)]
    assert found.value == Decimal("0.99")
    assert "≥ 99 %" in desk.cells()


def test_a_changed_target_that_somebody_else_has_changed_shows_both(store: Store):
    kept = criterion(store, goal(store))
    held = target(store, kept)
    desk = Desk("criteria")
    choose(desk, "A target")
    desk.field(f"target·{SERVICE}·{kept.criterion_id}").set_value(held.target_id)
    desk.run()
    form = f"target·{SERVICE}·{kept.criterion_id}·{held.target_id}"
    desk.type(form, value="98 %", by="Анна")
    desk.press("Show what it would change")
    save_target(
        app_of(store),
        kept,
        held,
        TARGET | {"value": "97 %"},
        by="Boris",
        at=now() - HOUR,
        request_id="x",
    )
    desk.press("Store the target")
    assert "Value: theirs is “97 %”, yours is “98 %”" in "\n".join(desk.texts())
    assert desk.value(form, "value") == "98 %"
    desk.press("Show what it would change")
    desk.press("Store the target")
    assert stored(store)[0].criteria[0].targets[0].value == Decimal("0.98")


def test_an_earlier_moment_shows_the_targets_of_that_time_and_has_no_forms(store: Store):
    kept = criterion(store, goal(store))
    held = target(store, kept)
    save_target(
        app_of(store),
        kept,
        held,
        TARGET | {"value": "97 %"},
        by="Boris",
        at=now() - HOUR,
        request_id="x",
    )
    assert "≥ 97 %" in Desk("criteria").cells()
    earlier = Desk("criteria", as_of=write_time(now() - 2 * HOUR))
    assert "≥ 99 %" in earlier.cells()
    assert not earlier.has("Store the goal")


def test_what_people_write_is_never_markup(store: Store):
    target(store, criterion(store, goal(store)))
    for part in ("Goal and criteria", "Drill-down", "Business metrics", "History"):
        desk = Desk("criteria", part=part)
        assert desk.live_markup() == []


def test_a_gap_on_the_way_down_is_written_and_filled(store: Store):
    made = goal(store)
    desk = Desk("criteria", part="Drill-down")
    assert "The goal has no product metric below it." in desk.said()
    form = f"node·{SERVICE}·{made.goal_id}·0"
    desk.type(form, name="Complaints", by="Анна")
    desk.press("Store the metric")
    assert "“Complaints” has no number" in desk.said()
    (node,) = SqlGoalReader(app_of(store)).nodes(SERVICE)
    assert node.value is None


def test_a_business_metric_needs_its_reason(store: Store):
    desk, form = Desk("criteria", part="Business metrics"), f"business·{SERVICE}·0"
    desk.type(
        form,
        kind="time span",
        name="Time in sessions",
        source="session_seconds",
        direction="down",
        by="Анна",
    )
    desk.press("Store the business metric")
    assert "Is missing: why is that way good? Less time may be." in desk.texts()
    desk.type(form, why="less of it is useless")
    desk.press("Store the business metric")
    (metric,) = SqlGoalReader(app_of(store)).business_metrics(SERVICE)
    assert metric.direction == "down"
    assert "less is good" in desk.cells()
