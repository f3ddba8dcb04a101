"""How rows of the plan are added, changed and taken out: all kinds of them in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, text

from core.milestones.dates import Milestone, united
from core.ports.plan import EmptyCell, Iteration, PlannedMilestone, PlanningDecision, Task
from db.readers.audit import SUBJECTS
from db.readers.criteria import SqlGoalReader
from db.readers.milestones import SqlPlanReader
from db.readers.plan_rows import value_of
from db.team import audit
from db.team.audit import ConflictError

#: Later than anything that is written: what stands now.
NOW = datetime.max.replace(tzinfo=UTC)
_IN_TURN = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
_Value = TypeVar("_Value", Task, PlannedMilestone, EmptyCell, PlanningDecision, Iteration)


@dataclass(frozen=True, slots=True)
class Rows(Generic[_Value]):
    """One kind of row.

    Attributes:
        subject: of `db.readers.audit.SUBJECTS`.
        word: what people call one, in a conflict.
        kind: its value.
    """

    subject: str
    word: str
    kind: type[_Value]

    def of_request(self, connection: Connection, service: str, request_id: str) -> list[_Value]:
        """What an earlier click of the same request has stored."""
        rows = audit.of_request(connection, self.subject, service, request_id)
        return [value_of(self.kind, row) for row in rows]

    def add(
        self, connection: Connection, values: Mapping[str, object], *, by: str, at: datetime
    ) -> _Value:
        """Store a new one."""
        row = audit.add(connection, self.subject, _storable(values), by=by, at=at)
        return value_of(self.kind, row)

    def change(
        self,
        connection: Connection,
        seen: _Value,
        values: Mapping[str, object],
        *,
        by: str,
        at: datetime,
    ) -> _Value:
        """Change one; where it says so already, nothing happens.

        Raises:
            ConflictError: it is gone, or somebody else has changed it since it was seen.
        """
        key = SUBJECTS[self.subject][1]
        row = audit.stored(connection, self.subject, getattr(seen, key))
        if row is None or row["service"] != seen.service or row["removed_at"] is not None:
            raise ConflictError(self.word, None)
        stored = value_of(self.kind, row)
        if all(getattr(stored, field) == value for field, value in values.items()):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError(self.word, stored)
        changed = audit.change(connection, self.subject, row, _storable(values), by=by, at=at)
        return value_of(self.kind, changed)

    def remove(self, connection: Connection, seen: _Value, *, by: str, at: datetime) -> None:
        """Take one out. Said twice, the first counts.

        Raises:
            ConflictError: there is no such row, or somebody else has changed it since it was seen.
        """
        key = SUBJECTS[self.subject][1]
        row = audit.stored(connection, self.subject, getattr(seen, key))
        if row is None or row["service"] != seen.service:
            raise ConflictError(self.word, None)
        if row["removed_at"] is not None:
            return
        if row["revision"] != seen.revision:
            raise ConflictError(self.word, value_of(self.kind, row))
        gone = {"removed_at": at, "removed_by": by.strip()}
        audit.change(connection, self.subject, row, gone, by=by, at=at)


TASKS = Rows("task", "task", Task)
MILESTONES = Rows("milestone", "milestone", PlannedMilestone)
EMPTY_CELLS = Rows("scope_cell", "cell", EmptyCell)
DECISIONS = Rows("planning_decision", "decision", PlanningDecision)
ITERATIONS = Rows("iteration", "iteration", Iteration)


def one_at_a_time(connection: Connection, service: str) -> None:
    """Wait until nobody else changes the plan of a service: names and circles are looked for."""
    connection.execute(_IN_TURN, {"name": f"plan {service}"})


def known_milestones(connection: Connection, service: str) -> tuple[Milestone, ...]:
    """The milestones of a service as they stand now."""
    reader = SqlPlanReader(connection)
    goals = SqlGoalReader(connection).goals(service)
    return united(goals, reader.milestones(service, NOW), reader.tasks(service, NOW))


def _storable(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as the driver takes them: a list is an array, a tuple would be a row."""
    return {name: list(one) if isinstance(one, tuple) else one for name, one in values.items()}
