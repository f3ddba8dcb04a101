"""Goals, criteria and targets as people make, change and take them back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.goals.forms import (
    CriterionDraft,
    parse_criterion,
    parse_goal,
    parse_target,
)
from core.ports.criteria import Criterion, Goal, KeptTarget
from core.status import Target
from db.readers.criteria import SqlGoalReader
from db.readers.goal_rows import criterion_of, goal_of, target_of
from db.team.audit import acting
from db.team.rows import Rows

_POSITION = text("""
    select coalesce(max(position), 0) + 1 from team.criterion
    where goal_id = :goal_id and removed_at is null""")


def save_goal(
    engine: Engine,
    service: str,
    seen: Goal | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Goal:
    """Make a goal or change it.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        seen: the goal that whoever changes it was looking at; None for a new one.
        given: the fields of a form, see `core.goals.forms.parse_goal`.
        by: who saves it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Returns:
        The goal as it is stored, without its criteria.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed or removed it since it was seen.
    """
    with acting(engine, by, at, request_id) as connection:
        known = SqlGoalReader(connection).goals(service)
        if seen is None:
            done = GOALS.of_request(connection, service, request_id)
            if done:
                return done[0]
            values = {**asdict(parse_goal(given, known)), "goal_id": _new_id(service)}
            return GOALS.add(connection, service, values, by=by, at=at, request_id=request_id)
        held = GOALS.standing(connection, seen)
        wanted = parse_goal(given, known, seen.goal_id)
        return held.become(asdict(wanted), by=by, at=at)


def remove_goal(engine: Engine, seen: Goal, *, by: str, at: datetime) -> None:
    """Take a goal back, with what belongs to it. One that is gone already is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        GOALS.remove(connection, seen, by=by, at=at)


def save_criterion(
    engine: Engine,
    goal: Goal,
    seen: Criterion | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Criterion:
    """Make a criterion of a goal or change it.

    Args:
        engine: the store, as greenlight_app.
        goal: whose.
        seen: the criterion that whoever changes it was looking at; None for a new one.
        given: the fields of a form, see `core.goals.forms.parse_criterion`.
        by: who saves it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Returns:
        The criterion as it is stored, without its targets.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed or removed it, or the goal, since it was seen.
    """
    with acting(engine, by, at, request_id) as connection:
        GOALS.standing(connection, goal)
        if seen is None:
            done = _CRITERIA.of_request(connection, goal.service, request_id)
            if done:
                return done[0]
            asked = {"goal_id": goal.goal_id}
            values = {
                **_criterion_columns(parse_criterion(given)),
                "criterion_id": _new_id(goal.service),
                "goal_id": goal.goal_id,
                "position": connection.execute(_POSITION, asked).scalar_one(),
            }
            return _CRITERIA.add(
                connection, goal.service, values, by=by, at=at, request_id=request_id
            )
        held = _CRITERIA.standing(connection, seen)
        known = [one.target for one in _targets(connection, goal.service, seen.criterion_id)]
        held = replace(held, value=replace(held.value, targets=tuple(known)))
        wanted = parse_criterion(given, held.value)
        return held.become(_criterion_columns(wanted), by=by, at=at)


def remove_criterion(engine: Engine, seen: Criterion, *, by: str, at: datetime) -> None:
    """Take a criterion back, with its targets. Its verdicts stay in the history.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        _CRITERIA.remove(connection, seen, by=by, at=at)


def save_target(
    engine: Engine,
    criterion: Criterion,
    seen: KeptTarget | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> KeptTarget:
    """Set a target of a criterion or change it. Verdicts that were stored stay as they are.

    Args:
        engine: the store, as greenlight_app.
        criterion: whose.
        seen: the target that whoever changes it was looking at; None for a new one.
        given: the fields of a form, see `core.goals.forms.parse_target`.
        by: who saves it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed or removed it, or the criterion.
    """
    with acting(engine, by, at, request_id) as connection:
        of = _CRITERIA.standing(connection, criterion).value
        known = _targets(connection, of.service)
        if seen is None:
            done = _TARGETS.of_request(connection, of.service, request_id)
            if done:
                return done[0]
            columns = _target_columns(parse_target(given, of, known))
            values = {**columns, "criterion_id": of.criterion_id}
            return _TARGETS.add(connection, of.service, values, by=by, at=at, request_id=request_id)
        held = _TARGETS.standing(connection, seen)
        wanted = parse_target(given, of, known, held.value)
        return held.become(_target_columns(wanted), by=by, at=at)


def remove_target(engine: Engine, seen: KeptTarget, *, by: str, at: datetime) -> None:
    """Take a target back.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        _TARGETS.remove(connection, seen, by=by, at=at)


def _targets(
    connection: Connection, service: str, criterion_id: str | None = None
) -> tuple[KeptTarget, ...]:
    """The targets of a service, of one criterion or of those that are still there."""
    reader = SqlGoalReader(connection)
    kept = {one.criterion_id for goal in reader.goals(service) for one in goal.criteria}
    wanted = kept if criterion_id is None else {criterion_id}
    return tuple(one for one in reader.targets(service) if one.criterion_id in wanted)


def _new_id(service: str) -> str:
    return f"{service[:80]}-{uuid.uuid4().hex[:8]}"


def _criterion_columns(criterion: Criterion | CriterionDraft) -> dict[str, Any]:
    window = "" if criterion.window is None else str(criterion.window)
    return {"name": criterion.name, "area": criterion.area, "window_said": window}


def _target_columns(target: Target) -> dict[str, Any]:
    return {
        "measure": target.measure,
        "operator": target.operator.value,
        "value": target.value,
        "unit": target.unit,
        "milestone": target.milestone,
        "due_on": target.due_on,
    }


GOALS = Rows("goal", "goal", goal_of)
_CRITERIA = Rows("criterion", "criterion", criterion_of, _criterion_columns)
_TARGETS = Rows("target", "target", target_of, lambda kept: _target_columns(kept.target))
