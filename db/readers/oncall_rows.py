"""Values of on-call, incidents and cards from the rows of their tables."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, time, timedelta
from typing import Any, TypeVar

from core.ports.documentation import ServiceCard
from core.ports.incidents import Action, Drill, Incident, Retrospective
from core.ports.oncall import Override, Rota
from db.readers.audit import Row, moment_of

_DAYS = {"starts_on", "due_on", "held_on"}
_Value = TypeVar("_Value", Override, Incident, Retrospective, Action, Drill, ServiceCard)


def rota_of(row: Row) -> Rota:
    """A rota from its row."""
    return Rota(
        service=row["service"],
        zone=row["zone"],
        handover_weekday=row["handover_weekday"],
        handover_time=time.fromisoformat(row["handover_time"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        members=tuple(row["members"]),
        departed=tuple(row["departed"]),
        escalate_after=timedelta(minutes=row["escalate_after_minutes"]),
        escalate_to=row["escalate_to"],
        revision=row["revision"],
        changed_by=row["changed_by"],
        changed_at=moment_of(row["changed_at"]),
    )


def value_of(kind: type[_Value], row: Row) -> _Value:
    """A value from the row of its table, whose columns are called as its fields."""
    return kind(**{field.name: _read(field.name, row[field.name]) for field in fields(kind)})


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return moment_of(value)
    return date.fromisoformat(value) if name in _DAYS else value
