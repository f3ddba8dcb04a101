"""Values of the plan from the rows of its tables, as JSON has them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from core.ports.plan import (
    Baseline,
    EmptyCell,
    Iteration,
    PlanFrame,
    PlannedMilestone,
    PlanningDecision,
    Task,
)
from db.readers.audit import Row, moment_of

_DAYS = frozenset(
    {"planned_start", "planned_end", "due_on", "starts_on", "ends_on", "decided_on"}
    | {"started_on", "done_on", "result_on"}
)
# The shortest decimal that stands for the number of the JSON is the one that was stored.
_EXACT = frozenset({"ideal_days", "wanted_delta", "result_delta"})
_LISTS = frozenset({"depends_on", "stages", "directions"})
_Value = TypeVar(
    "_Value", PlanFrame, PlannedMilestone, Task, EmptyCell, Baseline, PlanningDecision, Iteration
)


_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (
        PlanFrame,
        PlannedMilestone,
        Task,
        EmptyCell,
        Baseline,
        PlanningDecision,
        Iteration,
    )
}


def value_of(kind: type[_Value], row: Row) -> _Value:
    """A value from the row of its table, whose columns are called as its fields."""
    return kind(**{name: _read(name, row[name]) for name in _NAMES[kind]})


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(value)
    if name.endswith("_at"):
        return moment_of(value)
    if name in _EXACT:
        return Decimal(repr(value))
    return tuple(value) if name in _LISTS else value
