"""What `core.milestones` asks of the store: the plan as people wrote it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text

from core.ports.plan import (
    Baseline,
    BaselineTask,
    Iteration,
    PlannedMilestone,
    PlanningDecision,
    ScopeChange,
)
from db.readers.audit import states
from db.readers.scope import SqlScopeReader
from db.readers.snapshot import snapshot
from db.readers.values import value_of

_BASELINE_TASKS = text("""
    select task_id, title, milestone, ideal_days, planned_start, planned_end
    from team.baseline_task
    where baseline_id = :baseline_id
    order by task_id""")
# A task that was taken out is worth nothing to any milestone.
_SCOPE_CHANGES = text("""
    select task_id, at, milestone, ideal_days
    from (
        select change_id, cast(subject_id as bigint) as task_id, changed_at as at,
               case when after ->> 'removed_at' is null then after ->> 'milestone' else '' end
                   as milestone,
               cast(after ->> 'ideal_days' as numeric) as ideal_days,
               case when before ->> 'removed_at' is null then before ->> 'milestone' else '' end
                   as milestone_before,
               cast(before ->> 'ideal_days' as numeric) as ideal_days_before
        from team.audit
        where service = :service and subject = 'task' and changed_at <= :as_of
    ) as logged
    where (milestone, ideal_days) is distinct from (milestone_before, ideal_days_before)
    order by at, change_id""")


class SqlPlanReader(SqlScopeReader):
    """Fulfils `core.ports.plan.PlanReader` from PostgreSQL."""

    def milestones(self, service: str, as_of: datetime) -> tuple[PlannedMilestone, ...]:
        """The rows about milestones, by day and name."""
        found = [value_of(PlannedMilestone, row) for row in self._rows("milestone", service, as_of)]
        return tuple(sorted(found, key=lambda one: (one.due_on, one.name)))

    def baselines(self, service: str, as_of: datetime) -> tuple[Baseline, ...]:
        """The frozen plans, the newest first."""
        with snapshot(self._source) as connection:
            found = [
                value_of(Baseline, row) for row in states(connection, "baseline", service, as_of)
            ]
        return tuple(sorted(found, key=lambda one: (one.frozen_at, one.baseline_id), reverse=True))

    def baseline_tasks(self, baseline_id: int) -> tuple[BaselineTask, ...]:
        """The tasks of a frozen plan, by id."""
        with snapshot(self._source) as connection:
            rows = connection.execute(_BASELINE_TASKS, {"baseline_id": baseline_id})
            return tuple(BaselineTask(*row) for row in rows)

    def decisions(self, service: str, as_of: datetime) -> tuple[PlanningDecision, ...]:
        """What was decided where plans did not fit, the newest first."""
        rows = self._rows("planning_decision", service, as_of)
        found = [value_of(PlanningDecision, row) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.decided_on, one.decision_id), reverse=True))

    def iterations(self, service: str, as_of: datetime) -> tuple[Iteration, ...]:
        """The turns of the MVP, the first one first."""
        found = [value_of(Iteration, row) for row in self._rows("iteration", service, as_of)]
        return tuple(sorted(found, key=lambda one: (one.starts_on, one.iteration_id)))

    def scope_changes(self, service: str, as_of: datetime) -> tuple[ScopeChange, ...]:
        """How the scope of milestones came about, oldest first."""
        asked = {"service": service, "as_of": as_of}
        with snapshot(self._source) as connection:
            return tuple(
                ScopeChange(task_id, at, milestone, Decimal(ideal_days))
                for task_id, at, milestone, ideal_days in connection.execute(_SCOPE_CHANGES, asked)
            )
