"""Values of goals and what belongs to them from the rows of their tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.ports.criteria import Criterion, Goal, GoalNode, KeptTarget
from core.status import Operator, Target
from core.timeframe import Window
from db.readers.audit import Row
from db.readers.values import value_of


def goal_of(row: Row, criteria: tuple[Criterion, ...] = ()) -> Goal:
    """A goal from its row."""
    return value_of(Goal, row, criteria=criteria)


def criterion_of(row: Row, targets: tuple[Target, ...] = ()) -> Criterion:
    """A criterion from its row."""
    written = row["window_said"]
    window = Window.parse(written) if written else None
    return value_of(Criterion, row, targets=targets, window=window)


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
    return value_of(KeptTarget, row, target=target)


def node_of(row: Row) -> GoalNode:
    """A node from its row, its value exact."""
    operator = Operator(row["operator"]) if row["operator"] else None
    value = None if row["exact_value"] is None else Decimal(row["exact_value"])
    return value_of(GoalNode, row, operator=operator, value=value)
