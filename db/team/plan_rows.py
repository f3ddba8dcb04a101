"""The kinds of rows of a plan, and what is asked of all of them at once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from core.milestones.dates import Milestone, united
from core.ports.plan import (
    EmptyCell,
    Iteration,
    PlanFrame,
    PlannedMilestone,
    PlanningDecision,
    Task,
)
from db.readers.criteria import SqlGoalReader
from db.readers.milestones import SqlPlanReader
from db.readers.values import value_of
from db.team.rows import Rows

#: Later than anything that is written: what stands now.
NOW = datetime.max.replace(tzinfo=UTC)
_IN_TURN = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")

FRAMES = Rows("plan_frame", "matrix", lambda row: value_of(PlanFrame, row))
TASKS = Rows("task", "task", lambda row: value_of(Task, row))
MILESTONES = Rows("milestone", "milestone", lambda row: value_of(PlannedMilestone, row))
EMPTY_CELLS = Rows("scope_cell", "cell", lambda row: value_of(EmptyCell, row))
DECISIONS = Rows("planning_decision", "decision", lambda row: value_of(PlanningDecision, row))
ITERATIONS = Rows("iteration", "iteration", lambda row: value_of(Iteration, row))


def one_at_a_time(connection: Connection, service: str) -> None:
    """Wait until nobody else changes the plan of a service: names and circles are looked for."""
    connection.execute(_IN_TURN, {"name": f"plan {service}"})


def known_milestones(connection: Connection, service: str) -> tuple[Milestone, ...]:
    """The milestones of a service as they stand now."""
    reader = SqlPlanReader(connection)
    goals = SqlGoalReader(connection).goals(service)
    return united(goals, reader.milestones(service, NOW), reader.tasks(service, NOW))
