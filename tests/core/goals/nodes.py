"""Metrics below the lecture's goal, for tests."""

from __future__ import annotations

from decimal import Decimal

from core.ports.criteria import GoalNode
from core.status import Operator
from tests.fakes import SERVICE

GOAL = "complaints"


def node(
    number: int, name: str, value: str | None, unit: str = "", parent: int | None = None
) -> GoalNode:
    """A metric; the one called Latency is judged by the criterion 'fast'."""
    operator = None if value is None else Operator.AT_MOST
    return GoalNode(
        number,
        SERVICE,
        GOAL,
        parent,
        number,
        name,
        operator,
        None if value is None else Decimal(value),
        unit,
        "",
        "fast" if name == "Latency" else None,
    )


SPAM = node(1, "“This is spam” complaints", "-0.05", "share")
LATENCY = node(2, "Latency", "20", "ms", 1)
LOAD = node(3, "Load", None, "", 1)
