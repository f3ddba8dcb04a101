"""Milestones, baselines and planning decisions as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection, Engine, text

from core.fields import FieldsError
from core.milestones.changes import parse_baseline, parse_decision, parse_milestone
from core.milestones.dates import united
from core.ports.plan import Baseline, PlannedMilestone, PlanningDecision
from db.readers.criteria import SqlGoalReader
from db.readers.milestones import SqlPlanReader
from db.readers.values import value_of
from db.team import audit
from db.team.audit import NotNowError, acting
from db.team.plan_rows import (
    DECISIONS,
    MILESTONES,
    NOW,
    TASKS,
    known_milestones,
    one_at_a_time,
)
from db.team.tasks import stored_tasks

_FREEZE = text("""
    insert into team.baseline_task
        (baseline_id, task_id, title, milestone, ideal_days, planned_start, planned_end)
    select :baseline_id, task_id, title, milestone, ideal_days, planned_start, planned_end
    from team.task
    where service = :service and removed_at is null and planned_start is not null""")


def add_milestone(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> PlannedMilestone:
    """Plan a milestone: a new one, or one of the goal's targets, to say who works on it.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.milestones.changes.parse_milestone`.
        by: who plans it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong, or there is a row of that name.
    """
    with acting(engine, by, at, request_id) as connection:
        done = MILESTONES.of_request(connection, service, request_id)
        if done:
            return done[0]
        one_at_a_time(connection, service)
        wanted = parse_milestone(given, _promised(connection, service))
        _refuse_taken(connection, service, wanted.name)
        return MILESTONES.add(
            connection, service, asdict(wanted), by=by, at=at, request_id=request_id
        )


def change_milestone(
    engine: Engine, seen: PlannedMilestone, given: Mapping[str, object], *, by: str, at: datetime
) -> PlannedMilestone:
    """Change a milestone. Under a new name it takes its tasks and decisions along.

    Raises:
        FieldsError: a field is missing or wrong; the name of one that targets name stays.
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        one_at_a_time(connection, seen.service)
        promised = _promised(connection, seen.service)
        wanted = parse_milestone(given, promised)
        if wanted.name != seen.name:
            if seen.name in promised:
                raise FieldsError({"name": "Targets name this milestone: its name stays."})
            _refuse_taken(connection, seen.service, wanted.name)
        changed = MILESTONES.change(connection, seen, asdict(wanted), by=by, at=at)
        if wanted.name != seen.name:
            _rename(connection, seen, wanted.name, by=by, at=at)
        return changed


def remove_milestone(engine: Engine, seen: PlannedMilestone, *, by: str, at: datetime) -> None:
    """Take a milestone out. One that targets name stays, without what was said of it here.

    Raises:
        NotNowError: tasks belong to it, and no target names it.
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        one_at_a_time(connection, seen.service)
        held = [
            task
            for task in stored_tasks(connection, seen.service).values()
            if task.milestone == seen.name
        ]
        if held and seen.name not in _promised(connection, seen.service):
            raise NotNowError(f"{len(held)} tasks belong to it: move them first.")
        MILESTONES.remove(connection, seen, by=by, at=at)


def freeze_baseline(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Baseline:
    """Keep a copy of the plan as it stands: every task that has planned days.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.milestones.changes.parse_baseline`.
        by: who freezes it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong, or there is a baseline of that name.
        NotNowError: no task has planned days.
    """
    wanted = parse_baseline(given)
    with acting(engine, by, at, request_id) as connection:
        done = audit.of_request(connection, "baseline", service, request_id)
        if done:
            return value_of(Baseline, done[0])
        one_at_a_time(connection, service)
        if any(
            one.name == wanted.name for one in SqlPlanReader(connection).baselines(service, NOW)
        ):
            raise FieldsError({"name": "There is a baseline of that name: it stays as it is."})
        values = {
            "service": service,
            **asdict(wanted),
            "frozen_by": by.strip(),
            "frozen_at": at,
            "request_id": request_id.strip(),
        }
        row = audit.add(connection, "baseline", values, by=by, at=at)
        asked = {"baseline_id": row["baseline_id"], "service": service}
        if not connection.execute(_FREEZE, asked).rowcount:
            raise NotNowError("No task has planned days: there is no plan to freeze.")
        return value_of(Baseline, row)


def decide(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> PlanningDecision:
    """Record what was decided where a plan did not fit: what, and who does it.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.milestones.changes.parse_decision`.
        by: who writes it down.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong, or the task is not the service's.
    """
    with acting(engine, by, at, request_id) as connection:
        done = DECISIONS.of_request(connection, service, request_id)
        if done:
            return done[0]
        names = [one.name for one in known_milestones(connection, service)]
        wanted = parse_decision(given, names, at.date())
        if wanted.task_id is not None and wanted.task_id not in stored_tasks(connection, service):
            raise FieldsError({"task_id": f"There is no task {wanted.task_id}."})
        return DECISIONS.add(
            connection, service, asdict(wanted), by=by, at=at, request_id=request_id
        )


def withdraw_decision(engine: Engine, seen: PlanningDecision, *, by: str, at: datetime) -> None:
    """Take back a decision; the log keeps it.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        DECISIONS.remove(connection, seen, by=by, at=at)


def _promised(connection: Connection, service: str) -> dict[str, date]:
    """When the milestones of the goal's targets are due, by name."""
    named = united(SqlGoalReader(connection).goals(service), (), ())
    return {one.name: one.due_on for one in named if one.due_on is not None}


def _refuse_taken(connection: Connection, service: str, name: str) -> None:
    rows = SqlPlanReader(connection).milestones(service, NOW)
    if any(one.name == name for one in rows):
        raise FieldsError({"name": "There is a milestone of that name."})


def _rename(
    connection: Connection, seen: PlannedMilestone, name: str, *, by: str, at: datetime
) -> None:
    for task in stored_tasks(connection, seen.service).values():
        if task.milestone == seen.name:
            TASKS.change(connection, task, {"milestone": name}, by=by, at=at)
    for decision in SqlPlanReader(connection).decisions(seen.service, NOW):
        if decision.milestone == seen.name:
            DECISIONS.change(connection, decision, {"milestone": name}, by=by, at=at)
