"""Rows of what people write, as they are now and as they were at an earlier time.

A row that was changed since the moment asked for is taken from the audit log, which holds every
row whole: as it was before the first of these changes, which a row that was written by SQL has,
too. Rows come as JSON in both cases, so that there is one way to read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, TextClause, text

from db.readers.snapshot import once

Row = Mapping[str, Any]
#: The table of schema team, and its key, of each subject whose rows are kept by `db.team.audit`.
SUBJECTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "rota": ("rota", "service"),
        "override": ("rota_override", "override_id"),
        "incident": ("incident", "incident_id"),
        "retrospective": ("retrospective", "retrospective_id"),
        "action": ("action", "action_id"),
        "drill": ("drill", "drill_id"),
        "decision": ("decision", "decision_id"),
        "review": ("review_pack", "review_id"),
        "card": ("service_card", "service"),
        "kept item": ("life_cycle_item", "item_id"),
        "gate": ("life_cycle_gate", "gate_id"),
        "risk": ("risk", "risk_id"),
        "goal": ("goal", "goal_id"),
        "criterion": ("criterion", "criterion_id"),
        "target": ("target", "target_id"),
        "goal node": ("goal_node", "node_id"),
        "business metric": ("business_metric", "metric_id"),
        "plan_frame": ("plan_frame", "service"),
        "milestone": ("milestone", "milestone_id"),
        "task": ("task", "task_id"),
        "scope_cell": ("scope_cell", "cell_id"),
        "baseline": ("baseline", "baseline_id"),
        "planning_decision": ("planning_decision", "decision_id"),
        "iteration": ("iteration", "iteration_id"),
        "member": ("member", "email"),
    }
)


def states(connection: Connection, subject: str, service: str, as_of: datetime) -> list[Row]:
    """The rows of a service as they were at a moment, in no order; those made later left out."""
    asked = {"service": service, "subject": subject, "as_of": as_of}

    def found() -> tuple[Row, ...]:
        return tuple(connection.execute(_states(subject), asked).scalars())

    return list(once(connection, ("states", subject, service, as_of), found))


def moment_of(written: str) -> datetime:
    """A moment as a row in JSON has it, in UTC."""
    return datetime.fromisoformat(written).astimezone(UTC)


@cache
def _states(subject: str) -> TextClause:
    table, key = SUBJECTS[subject]
    return text(f"""
        select to_jsonb(stored) as state from team.{table} stored
        where service = :service and changed_at <= :as_of
        union all
        select earlier.before as state
        from team.{table} stored cross join lateral (
            select before from team.audit change
            where change.service = :service and change.subject = :subject
              and change.subject_id = cast(stored.{key} as text) and change.changed_at > :as_of
            order by change_id limit 1
        ) as earlier
        where stored.service = :service and stored.changed_at > :as_of
          and earlier.before <> '{{}}'""")
