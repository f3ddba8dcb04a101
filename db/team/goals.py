"""Goals, criteria and targets as people make, change and take them back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.goals.forms import (
    CriterionDraft,
    GoalDraft,
    parse_criterion,
    parse_goal,
    parse_target,
)
from core.ports.criteria import Criterion, Goal, KeptTarget
from core.status import Target
from db.readers.audit import Row
from db.readers.criteria import SqlGoalReader
from db.readers.goal_rows import criterion_of, goal_of, target_of
from db.team import audit
from db.team.audit import ConflictError, acting

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
            done = audit.of_request(connection, "goal", service, request_id)
            if done:
                return goal_of(done[0])
            values = _goal_columns(parse_goal(given, known)) | {
                "goal_id": _new_id(service),
                "service": service,
                "request_id": request_id.strip(),
            }
            return goal_of(audit.add(connection, "goal", values, by=by, at=at))
        row = _held(connection, "goal", seen.goal_id)
        wanted = _goal_columns(parse_goal(given, known, seen.goal_id))
        stored = goal_of(row)
        if wanted == _goal_columns(stored):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("goal", stored)
        return goal_of(audit.change(connection, "goal", row, wanted, by=by, at=at))


def remove_goal(engine: Engine, seen: Goal, *, by: str, at: datetime) -> None:
    """Take a goal back, with what belongs to it. One that is gone already is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    _remove(engine, "goal", seen.goal_id, seen.revision, by=by, at=at)


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
        _held(connection, "goal", goal.goal_id)
        if seen is None:
            done = audit.of_request(connection, "criterion", goal.service, request_id)
            if done:
                return criterion_of(done[0])
            asked = {"goal_id": goal.goal_id}
            values = _criterion_columns(parse_criterion(given)) | {
                "criterion_id": _new_id(goal.service),
                "goal_id": goal.goal_id,
                "service": goal.service,
                "position": connection.execute(_POSITION, asked).scalar_one(),
                "request_id": request_id.strip(),
            }
            return criterion_of(audit.add(connection, "criterion", values, by=by, at=at))
        row = _held(connection, "criterion", seen.criterion_id)
        known = [one.target for one in _targets(connection, goal.service, seen.criterion_id)]
        stored = criterion_of(row, tuple(known))
        wanted = _criterion_columns(parse_criterion(given, stored))
        if wanted == _criterion_columns(stored):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("criterion", stored)
        return criterion_of(audit.change(connection, "criterion", row, wanted, by=by, at=at))


def remove_criterion(engine: Engine, seen: Criterion, *, by: str, at: datetime) -> None:
    """Take a criterion back, with its targets. Its verdicts stay in the history.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    _remove(engine, "criterion", seen.criterion_id, seen.revision, by=by, at=at)


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
        held = criterion_of(_held(connection, "criterion", criterion.criterion_id))
        known = _targets(connection, held.service)
        if seen is None:
            done = audit.of_request(connection, "target", held.service, request_id)
            if done:
                return target_of(done[0])
            values = _target_columns(parse_target(given, held, known)) | {
                "criterion_id": held.criterion_id,
                "service": held.service,
                "request_id": request_id.strip(),
            }
            return target_of(audit.add(connection, "target", values, by=by, at=at))
        row = _held(connection, "target", seen.target_id)
        stored = target_of(row)
        wanted = parse_target(given, held, known, stored)
        if wanted == stored.target:
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("target", stored)
        columns = _target_columns(wanted)
        return target_of(audit.change(connection, "target", row, columns, by=by, at=at))


def remove_target(engine: Engine, seen: KeptTarget, *, by: str, at: datetime) -> None:
    """Take a target back.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    _remove(engine, "target", seen.target_id, seen.revision, by=by, at=at)


def _remove(
    engine: Engine, subject: str, key: object, revision: int, *, by: str, at: datetime
) -> None:
    with acting(engine, by, at) as connection:
        row = audit.stored(connection, subject, key)
        if row is None or row["removed_at"] is not None:
            return
        if row["revision"] != revision:
            raise ConflictError(subject, _VALUE_OF[subject](row))
        values = {"removed_at": at, "removed_by": by.strip()}
        audit.change(connection, subject, row, values, by=by, at=at)


_VALUE_OF: Mapping[str, Callable[[Row], Goal | Criterion | KeptTarget]] = MappingProxyType(
    {"goal": goal_of, "criterion": criterion_of, "target": target_of}
)


def _held(connection: Connection, subject: str, key: object) -> Row:
    """A row that is still there, held until the transaction ends."""
    row = audit.stored(connection, subject, key)
    if row is None or row["removed_at"] is not None:
        raise ConflictError(subject, None)
    return row


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


def _goal_columns(goal: Goal | GoalDraft) -> dict[str, Any]:
    return {
        "title": goal.title,
        "problem": goal.problem,
        "for_whom": goal.for_whom,
        "gain_us": goal.gain_us,
        "gain_user": goal.gain_user,
        "starts_on": goal.starts_on,
        "due_on": goal.due_on,
        "key_results": list(goal.key_results),
        "parent_goal_id": goal.parent_goal_id,
    }


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
