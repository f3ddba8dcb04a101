"""What `core.scope` asks of the store: the matrix, its tasks, and cells meant to hold nothing."""

from __future__ import annotations

from datetime import datetime

from core.ports.plan import EmptyCell, PlanFrame, Task
from db.readers.audit import Row, states
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of


class SqlScopeReader:
    """The part of `core.ports.plan.PlanReader` that the matrix needs, from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def frame(self, service: str, as_of: datetime) -> PlanFrame:
        """The rows and columns of the service's matrix; the defaults where it has none."""
        with snapshot(self._source) as connection:
            rows = states(connection, "plan_frame", service, as_of)
        return value_of(PlanFrame, rows[0]) if rows else PlanFrame(service)

    def tasks(self, service: str, as_of: datetime) -> tuple[Task, ...]:
        """Every task, done or not, by id."""
        found = [value_of(Task, row) for row in self._rows("task", service, as_of)]
        return tuple(sorted(found, key=lambda one: one.task_id))

    def empty_cells(self, service: str, as_of: datetime) -> tuple[EmptyCell, ...]:
        """Cells that are meant to hold nothing."""
        found = [value_of(EmptyCell, row) for row in self._rows("scope_cell", service, as_of)]
        return tuple(sorted(found, key=lambda one: (one.stage, one.direction)))

    def _rows(self, subject: str, service: str, as_of: datetime) -> list[Row]:
        with snapshot(self._source) as connection:
            rows = states(connection, subject, service, as_of)
        return [row for row in rows if row["removed_at"] is None]
