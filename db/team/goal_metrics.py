"""Metrics below a goal, and business metrics, as people make, change and take them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from core.goals.metric_forms import BusinessDraft, NodeDraft, parse_business, parse_node
from core.ports.criteria import BusinessMetric, Goal, GoalNode
from db.readers.criteria import SqlGoalReader
from db.readers.goal_rows import business_metric_of, node_of
from db.team import audit
from db.team.audit import ConflictError, acting

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
        held = audit.stored(connection, "goal", goal.goal_id)
        if held is None or held["removed_at"] is not None:
            raise ConflictError("goal", None)
        nodes = SqlGoalReader(connection).nodes(goal.service)
        if seen is None:
            done = audit.of_request(connection, "goal node", goal.service, request_id)
            if done:
                return node_of(done[0])
            asked = {"goal_id": goal.goal_id}
            values = _node_columns(parse_node(given, goal, nodes)) | {
                "service": goal.service,
                "goal_id": goal.goal_id,
                "position": connection.execute(_POSITION, asked).scalar_one(),
                "request_id": request_id.strip(),
            }
            return node_of(audit.add(connection, "goal node", values, by=by, at=at))
        row = audit.stored(connection, "goal node", seen.node_id)
        if row is None or row["removed_at"] is not None:
            raise ConflictError("metric", None)
        stored = node_of(row)
        wanted = _node_columns(parse_node(given, goal, nodes, stored))
        if wanted == _node_columns(stored):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("metric", stored)
        return node_of(audit.change(connection, "goal node", row, wanted, by=by, at=at))


def remove_node(engine: Engine, seen: GoalNode, *, by: str, at: datetime) -> None:
    """Take a metric below a goal back, and what lies below it. One that is gone is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        row = audit.stored(connection, "goal node", seen.node_id)
        if row is None or row["removed_at"] is not None:
            return
        if row["revision"] != seen.revision:
            raise ConflictError("metric", node_of(row))
        values = {"removed_at": at, "removed_by": by.strip()}
        for below in SqlGoalReader(connection).nodes(seen.service):
            if below.parent_id == seen.node_id:
                lower = audit.stored(connection, "goal node", below.node_id)
                assert lower is not None
                audit.change(connection, "goal node", lower, values, by=by, at=at)
        audit.change(connection, "goal node", row, values, by=by, at=at)


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
            done = audit.of_request(connection, "business metric", service, request_id)
            if done:
                return business_metric_of(done[0])
            values = _business_columns(parse_business(given, metrics)) | {
                "service": service,
                "request_id": request_id.strip(),
            }
            return business_metric_of(
                audit.add(connection, "business metric", values, by=by, at=at)
            )
        row = audit.stored(connection, "business metric", seen.metric_id)
        if row is None or row["removed_at"] is not None:
            raise ConflictError("business metric", None)
        stored = business_metric_of(row)
        wanted = _business_columns(parse_business(given, metrics, stored))
        if wanted == _business_columns(stored):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("business metric", stored)
        return business_metric_of(
            audit.change(connection, "business metric", row, wanted, by=by, at=at)
        )


def remove_business(engine: Engine, seen: BusinessMetric, *, by: str, at: datetime) -> None:
    """Take a business metric back. One that is gone already is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        row = audit.stored(connection, "business metric", seen.metric_id)
        if row is None or row["removed_at"] is not None:
            return
        if row["revision"] != seen.revision:
            raise ConflictError("business metric", business_metric_of(row))
        values = {"removed_at": at, "removed_by": by.strip()}
        audit.change(connection, "business metric", row, values, by=by, at=at)


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


def _business_columns(metric: BusinessMetric | BusinessDraft) -> dict[str, Any]:
    return {
        "kind": metric.kind,
        "name": metric.name,
        "source": metric.source,
        "direction": metric.direction,
        "why": metric.why,
    }
