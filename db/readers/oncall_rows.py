"""Rows of on-call, incidents and cards, as they are now and as they were at an earlier time.

A row that was changed since the moment asked for is taken from the log of changes, which holds
every row whole. Rows come as JSON in both cases, so that there is one way to read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from core.ports.documentation import ServiceCard
from core.ports.incidents import Action, Drill, Incident, Retrospective
from core.ports.oncall import Override, Rota

Row = Mapping[str, Any]
#: The table and the key of each subject of team.oncall_change.
SUBJECTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "rota": ("rota", "service"),
        "override": ("rota_override", "override_id"),
        "incident": ("incident", "incident_id"),
        "retrospective": ("retrospective", "retrospective_id"),
        "action": ("action", "action_id"),
        "drill": ("drill", "drill_id"),
        "card": ("service_card", "service"),
    }
)
_STATES = {
    subject: text(f"""
        select to_jsonb(stored) as state from team.{table} stored
        where service = :service and changed_at <= :as_of
        union all
        select earlier.after as state
        from team.{table} stored cross join lateral (
            select after from team.oncall_change change
            where change.service = :service and change.subject = :subject
              and change.subject_id = cast(stored.{key} as text) and change.changed_at <= :as_of
            order by change_id desc limit 1
        ) as earlier
        where stored.service = :service and stored.changed_at > :as_of""")
    for subject, (table, key) in SUBJECTS.items()
}
_DAYS = {"starts_on", "due_on", "held_on"}
_Value = TypeVar("_Value", Override, Incident, Retrospective, Action, Drill, ServiceCard)


def states(connection: Connection, subject: str, service: str, as_of: datetime) -> list[Row]:
    """The rows of a service as they were at a moment, in no order; those made later left out."""
    asked = {"service": service, "subject": subject, "as_of": as_of}
    return list(connection.execute(_STATES[subject], asked).scalars())


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
        changed_at=_moment(row["changed_at"]),
    )


def value_of(kind: type[_Value], row: Row) -> _Value:
    """A value from the row of its table, whose columns are called as its fields."""
    return kind(**{field.name: _read(field.name, row[field.name]) for field in fields(kind)})


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return _moment(value)
    return date.fromisoformat(value) if name in _DAYS else value


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
