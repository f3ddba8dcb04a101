"""What `core.criteria` and `core.goals` ask of the store: goals with all that belongs to them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from core.ports.criteria import (
    BusinessMetric,
    Criterion,
    Goal,
    GoalNode,
    KeptTarget,
    WrittenChange,
)
from core.status import Target
from core.timeframe import MINUTE, floor_to
from db.readers.audit import Row, states
from db.readers.goal_rows import criterion_of, goal_of, node_of, target_of
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of

#: What the audit log calls goals and what belongs to them.
SUBJECTS = ("goal", "criterion", "target", "goal node", "business metric")
_NOW = datetime.max.replace(tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_CHANGES = text("""
    select changed_at, changed_by, subject, subject_id, before, after
    from team.audit
    where service = :service and subject = any(:subjects) and changed_at <= :as_of
    order by changed_at desc, change_id desc
    limit :most""")


class SqlGoalReader:
    """Fulfils `core.ports.criteria.GoalPageReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def goals(self, service: str, as_of: datetime | None = None) -> tuple[Goal, ...]:
        """A service's goals, those with criteria first, then by due date."""
        until = _end(as_of)
        targets: dict[str, list[Target]] = defaultdict(list)
        criteria: dict[str, list[Criterion]] = defaultdict(list)
        with snapshot(self._source) as connection:
            for kept in _targets(connection, service, until):
                targets[kept.criterion_id].append(kept.target)
            rows = _kept(connection, "criterion", service, until)
            for row in sorted(rows, key=lambda row: (row["position"], row["criterion_id"])):
                found = tuple(targets[row["criterion_id"]])
                criteria[row["goal_id"]].append(criterion_of(row, found))
            goals = [
                goal_of(row, tuple(criteria[row["goal_id"]]))
                for row in _kept(connection, "goal", service, until)
            ]
        return tuple(sorted(goals, key=lambda goal: (not goal.criteria, goal.due_on, goal.goal_id)))

    def targets(self, service: str, as_of: datetime | None = None) -> tuple[KeptTarget, ...]:
        """Targets of all criteria, by due date, milestone and measure."""
        with snapshot(self._source) as connection:
            return _targets(connection, service, _end(as_of))

    def nodes(self, service: str, as_of: datetime | None = None) -> tuple[GoalNode, ...]:
        """The nodes below all goals, by position."""
        with snapshot(self._source) as connection:
            rows = _kept(connection, "goal node", service, _end(as_of))
        found = [node_of(row) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.position, one.node_id)))

    def business_metrics(
        self, service: str, as_of: datetime | None = None
    ) -> tuple[BusinessMetric, ...]:
        """Business metrics, in the order in which they were written."""
        with snapshot(self._source) as connection:
            rows = _kept(connection, "business metric", service, _end(as_of))
        found = [value_of(BusinessMetric, row) for row in rows]
        return tuple(sorted(found, key=lambda one: one.metric_id))

    def changes(self, service: str, as_of: datetime, most: int) -> tuple[WrittenChange, ...]:
        """The newest changes of goals and what belongs to them, the newest first."""
        asked = {
            "service": service,
            "subjects": list(SUBJECTS),
            "as_of": _end(as_of),
            "most": most,
        }
        with snapshot(self._source) as connection:
            return tuple(
                WrittenChange(at.astimezone(UTC), *rest)
                for at, *rest in connection.execute(_CHANGES, asked)
            )


def _end(as_of: datetime | None) -> datetime:
    """The last instant of the minute of an as-of; later than anything without one.

    A live page has the as-of of the minute that runs, and shows what was stored in it; a link to
    it shows the same.
    """
    if as_of is None:
        return _NOW
    return floor_to(as_of, MINUTE) + MINUTE - _TICK


def _kept(connection: Connection, subject: str, service: str, until: datetime) -> list[Row]:
    """The rows of a service as they were at a moment, without those that had been taken back."""
    found = states(connection, subject, service, until)
    return [row for row in found if row["removed_at"] is None]


def _targets(connection: Connection, service: str, until: datetime) -> tuple[KeptTarget, ...]:
    found = [target_of(row) for row in _kept(connection, "target", service, until)]
    return tuple(
        sorted(
            found,
            key=lambda one: (one.target.due_on, one.target.milestone, one.target.measure),
        )
    )
