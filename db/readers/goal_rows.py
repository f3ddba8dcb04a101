"""Values of goals and what belongs to them from the rows of their tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.ports.criteria import BusinessMetric, Criterion, Goal, GoalNode, KeptTarget
from core.status import Operator, Target
from core.timeframe import Window
from db.readers.audit import Row, moment_of


def goal_of(row: Row, criteria: tuple[Criterion, ...] = ()) -> Goal:
    """A goal from its row."""
    return Goal(
        goal_id=row["goal_id"],
        service=row["service"],
        title=row["title"],
        problem=row["problem"],
        for_whom=row["for_whom"],
        gain_us=row["gain_us"],
        gain_user=row["gain_user"],
        starts_on=date.fromisoformat(row["starts_on"]),
        due_on=date.fromisoformat(row["due_on"]),
        parent_goal_id=row["parent_goal_id"],
        criteria=criteria,
        key_results=tuple(row["key_results"]),
        revision=row["revision"],
        changed_by=row["changed_by"],
        changed_at=moment_of(row["changed_at"]),
    )


def criterion_of(row: Row, targets: tuple[Target, ...] = ()) -> Criterion:
    """A criterion from its row."""
    written = row["window_said"]
    return Criterion(
        criterion_id=row["criterion_id"],
        name=row["name"],
        area=row["area"],
        targets=targets,
        window=Window.parse(written) if written else None,
        goal_id=row["goal_id"],
        service=row["service"],
        position=row["position"],
        revision=row["revision"],
        changed_by=row["changed_by"],
        changed_at=moment_of(row["changed_at"]),
    )


def target_of(row: Row) -> KeptTarget:
    """A target from its row, its value exact."""
    target = Target(
        row["measure"],
        Operator(row["operator"]),
        Decimal(row["exact_value"]),
        row["unit"],
        row["milestone"],
        date.fromisoformat(row["due_on"]),
    )
    return KeptTarget(
        row["target_id"],
        row["criterion_id"],
        row["service"],
        target,
        row["revision"],
        row["changed_by"],
        moment_of(row["changed_at"]),
    )


def node_of(row: Row) -> GoalNode:
    """A node from its row, its value exact."""
    return GoalNode(
        node_id=row["node_id"],
        service=row["service"],
        goal_id=row["goal_id"],
        parent_id=row["parent_id"],
        position=row["position"],
        name=row["name"],
        operator=Operator(row["operator"]) if row["operator"] else None,
        value=None if row["exact_value"] is None else Decimal(row["exact_value"]),
        unit=row["unit"],
        note=row["note"],
        criterion_id=row["criterion_id"],
        revision=row["revision"],
        changed_by=row["changed_by"],
        changed_at=moment_of(row["changed_at"]),
    )


def business_metric_of(row: Row) -> BusinessMetric:
    """A business metric from its row."""
    return BusinessMetric(
        metric_id=row["metric_id"],
        service=row["service"],
        kind=row["kind"],
        name=row["name"],
        source=row["source"],
        direction=row["direction"],
        why=row["why"],
        revision=row["revision"],
        changed_by=row["changed_by"],
        changed_at=moment_of(row["changed_at"]),
    )
