"""Metrics below a goal, and business metrics, as people make, change and take them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from core.goals.metric_forms import NodeDraft, parse_business, parse_node
from core.ports.criteria import BusinessMetric, Goal, GoalNode
from db.readers.criteria import SqlGoalReader
from db.readers.goal_rows import node_of
from db.readers.values import value_of
from db.team.audit import acting
from db.team.goals import GOALS
from db.team.rows import Rows

_POSITION = text("""
    select coalesce(max(position), 0) + 1 from team.goal_node where goal_id = :goal_id""")


def save_node(
    engine: Engine,
    goal: Goal,
    seen: GoalNode | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> GoalNode:
    """Write a metric below a goal or change it.

    Args:
        engine: the store, as greenlight_app.
        goal: whose, with its criteria.
        seen: the node that whoever changes it was looking at; None for a new one.
        given: the fields of a form, see `core.goals.metric_forms.parse_node`.
        by: who saves it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed or removed it, or the goal, since it was seen.
    """
    with acting(engine, by, at, request_id) as connection:
        GOALS.standing(connection, goal)
        nodes = SqlGoalReader(connection).nodes(goal.service)
        if seen is None:
            done = _NODES.of_request(connection, goal.service, request_id)
            if done:
                return done[0]
            asked = {"goal_id": goal.goal_id}
            values = {
                **_node_columns(parse_node(given, goal, nodes)),
                "goal_id": goal.goal_id,
                "position": connection.execute(_POSITION, asked).scalar_one(),
            }
            return _NODES.add(connection, goal.service, values, by=by, at=at, request_id=request_id)
        held = _NODES.standing(connection, seen)
        wanted = parse_node(given, goal, nodes, held.value)
        return held.become(_node_columns(wanted), by=by, at=at)


def remove_node(engine: Engine, seen: GoalNode, *, by: str, at: datetime) -> None:
    """Take a metric below a goal back, and what lies below it. One that is gone is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        held = _NODES.held(connection, seen)
        if held.is_removed:
            return
        held.refuse_changed()
        gone = {"removed_at": at, "removed_by": by.strip()}
        for below in SqlGoalReader(connection).nodes(seen.service):
            if below.parent_id == seen.node_id:
                _NODES.held(connection, below).write(gone, by=by, at=at)
        held.write(gone, by=by, at=at)


def save_business(
    engine: Engine,
    service: str,
    seen: BusinessMetric | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> BusinessMetric:
    """Write a business metric or change it.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        seen: the metric that whoever changes it was looking at; None for a new one.
        given: the fields of a form, see `core.goals.metric_forms.parse_business`.
        by: who saves it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed or removed it since it was seen.
    """
    with acting(engine, by, at, f"business metrics of {service}"[:200]) as connection:
        metrics = SqlGoalReader(connection).business_metrics(service)
        if seen is None:
            done = _BUSINESS.of_request(connection, service, request_id)
            if done:
                return done[0]
            made = asdict(parse_business(given, metrics))
            return _BUSINESS.add(connection, service, made, by=by, at=at, request_id=request_id)
        held = _BUSINESS.standing(connection, seen)
        wanted = parse_business(given, metrics, held.value)
        return held.become(asdict(wanted), by=by, at=at)


def remove_business(engine: Engine, seen: BusinessMetric, *, by: str, at: datetime) -> None:
    """Take a business metric back. One that is gone already is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        _BUSINESS.remove(connection, seen, by=by, at=at)


def _node_columns(node: GoalNode | NodeDraft) -> dict[str, Any]:
    return {
        "name": node.name,
        "parent_id": node.parent_id,
        "operator": "" if node.operator is None else node.operator.value,
        "value": node.value,
        "unit": node.unit,
        "note": node.note,
        "criterion_id": node.criterion_id,
    }


_NODES = Rows("goal node", "metric", node_of, _node_columns)
_BUSINESS = Rows("business metric", "business metric", lambda row: value_of(BusinessMetric, row))
