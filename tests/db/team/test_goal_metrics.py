"""Metrics below a goal and business metrics in the store."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core.fields import FieldsError
from core.ports.criteria import BusinessMetric, Goal, GoalNode
from db.readers.criteria import SqlGoalReader
from db.team.audit import ConflictError
from db.team.goal_metrics import remove_business, remove_node, save_business, save_node
from db.team.goals import remove_goal
from tests.db.team.oncall_rows import DAY, NINE, SERVICE, logged
from tests.db.team.test_goals import BY, goal

NODE: dict[str, Any] = {
    "name": "«Это спам»",
    "parent_id": None,
    "operator": "<=",
    "value": "-5 %",
    "unit": "share",
    "note": "",
    "criterion_id": None,
}
BUSINESS = {
    "kind": "time span",
    "name": "Time in sessions",
    "source": "session_seconds",
    "direction": "down",
    "why": "less of it goes to useless letters",
}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def node(app: Engine, of: Goal, request: str = "n", **changed: Any) -> GoalNode:
    return save_node(app, of, None, NODE | changed, **BY, request_id=request)


def business(app: Engine, request: str = "b", **changed: Any) -> BusinessMetric:
    return save_business(app, SERVICE, None, BUSINESS | changed, **BY, request_id=request)


def test_the_way_down_comes_back_as_it_was_written(app: Engine):
    made = goal(app)
    top = node(app, made)
    below = node(app, made, "n2", name="Latency", value="20 ms", unit="ms", parent_id=top.node_id)
    gap = node(app, made, "n3", name="Load", value="", parent_id=top.node_id)
    assert SqlGoalReader(app).nodes(SERVICE, NINE) == (top, below, gap)
    assert (top.value, below.value, gap.value) == (Decimal("-0.05"), Decimal(20), None)
    assert node(app, made) == top  # a double click
    assert len(logged(app)) == 4


def test_a_removed_product_metric_takes_what_is_below_it_along(app: Engine):
    made = goal(app)
    top = node(app, made)
    node(app, made, "n2", name="Latency", parent_id=top.node_id)
    remove_node(app, top, by="Анна", at=NINE + DAY)
    remove_node(app, top, by="Анна", at=NINE + DAY)
    assert SqlGoalReader(app).nodes(SERVICE, NINE + DAY) == ()
    assert len(SqlGoalReader(app).nodes(SERVICE, NINE)) == 2


def test_the_second_of_two_who_change_a_metric_is_told(app: Engine):
    made = goal(app)
    seen = node(app, made)
    theirs = save_node(app, made, seen, NODE | {"value": "-6 %"}, **BY, request_id="x")
    with pytest.raises(ConflictError) as error:
        save_node(app, made, seen, NODE | {"value": "-7 %"}, **BY, request_id="y")
    assert error.value.stored == theirs
    with pytest.raises(ConflictError):
        remove_node(app, seen, by="Анна", at=NINE)
    remove_goal(app, made, by="Анна", at=NINE)
    with pytest.raises(ConflictError, match="no such goal"):
        node(app, made, "z")


def test_a_business_metric_is_changed_and_taken_back(app: Engine):
    made = business(app)
    assert business(app) == made
    with pytest.raises(FieldsError) as error:
        business(app, "b2")
    assert set(error.value.problems) == {"source"}
    given = BUSINESS | {"direction": "neither"}
    changed = save_business(app, SERVICE, made, given, by="Борис", at=NINE + DAY, request_id="c")
    reader = SqlGoalReader(app)
    assert reader.business_metrics(SERVICE, NINE) == (made,)
    assert reader.business_metrics(SERVICE, NINE + DAY) == (changed,)
    with pytest.raises(ConflictError):
        save_business(app, SERVICE, made, BUSINESS, **BY, request_id="d")
    with pytest.raises(ConflictError):
        remove_business(app, made, by="Анна", at=NINE)
    remove_business(app, changed, by="Анна", at=NINE + 2 * DAY)
    assert reader.business_metrics(SERVICE, NINE + 2 * DAY) == ()
    assert business(app, "b3").metric_id != made.metric_id
