"""Retrospectives and the actions decided in them: an action without an owner is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.fields import FieldsError
from core.incidents.retrospective import PlannedAction, parse_action, parse_lessons
from core.ports.incidents import Action, Incident, Retrospective
from db.readers.audit import Row
from db.readers.oncall_rows import value_of
from db.team import audit
from db.team.audit import ConflictError, NotNowError, acting

_OF_INCIDENT = text("""
    select retrospective_id from team.retrospective where incident_id = :incident_id""")


def hold_retrospective(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
    incident: Incident | None = None,
) -> Retrospective:
    """Write a retrospective with its actions: all of it, or nothing.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.incidents.retrospective.parse_lessons`.
        by: who writes it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.
        incident: of which incident; None for that of a milestone or a period.

    Raises:
        FieldsError: a field is missing or wrong; each is named, as 'actions[0].owner'.
        ConflictError: somebody has written the incident's retrospective already; it is `stored`.
        NotNowError: the incident has not recovered.
    """
    wanted = parse_lessons(given)
    if wanted.held_on > at.date():
        raise FieldsError({"held_on": "Must not lie ahead."})
    with acting(engine, by, at, request_id) as connection:
        done = audit.of_request(connection, "retrospective", service, request_id)
        if done:
            return value_of(Retrospective, done[0])
        if incident is not None:
            _refuse_unless_over(connection, service, incident)
        said = asdict(wanted)
        said.pop("actions")
        values = {
            "service": service,
            "incident_id": None if incident is None else incident.incident_id,
            **said,
            "request_id": request_id.strip(),
        }
        row = audit.add(connection, "retrospective", values, by=by, at=at)
        for position, action in enumerate(wanted.actions):
            _add(
                connection,
                {
                    "service": service,
                    "retrospective_id": row["retrospective_id"],
                    "request_id": request_id.strip(),
                    "position": position,
                },
                action,
                by=by,
                at=at,
            )
        return value_of(Retrospective, row)


def change_retrospective(
    engine: Engine, seen: Retrospective, given: Mapping[str, object], *, by: str, at: datetime
) -> Retrospective:
    """Correct what a retrospective says; its actions are changed one by one.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
    """
    if given.get("actions"):
        raise FieldsError({"actions": "Are changed one by one."})
    said = asdict(parse_lessons(given))
    said.pop("actions")
    with acting(engine, by, at) as connection:
        row = audit.stored(connection, "retrospective", seen.retrospective_id)
        if row is None or row["service"] != seen.service:
            raise ConflictError("retrospective", None)
        stored = value_of(Retrospective, row)
        if all(getattr(stored, field) == value for field, value in said.items()):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("retrospective", stored)
        changed = audit.change(connection, "retrospective", row, said, by=by, at=at)
        return value_of(Retrospective, changed)


def add_action(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
    retrospective: Retrospective | None = None,
) -> Action:
    """Add an action, to a retrospective or without one.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.incidents.retrospective.parse_action`.
        by: who adds it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.
        retrospective: where it was decided.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    wanted = parse_action(given)
    with acting(engine, by, at, request_id) as connection:
        done = audit.of_request(connection, "action", service, request_id)
        if done:
            return value_of(Action, done[0])
        decided = None if retrospective is None else retrospective.retrospective_id
        values = {
            "service": service,
            "retrospective_id": decided,
            "request_id": request_id.strip(),
        }
        return _add(connection, values, wanted, by=by, at=at)


def change_action(
    engine: Engine, seen: Action, given: Mapping[str, object], *, by: str, at: datetime
) -> Action:
    """Change what is to be done, by whom or until when.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it is done.
    """
    wanted = parse_action(given)
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if PlannedAction(stored.text, stored.owner, stored.due_on) == wanted:
            return stored
        if stored.done_at is not None:
            raise NotNowError(f"{stored.done_by} has done this already.")
        if stored.revision != seen.revision:
            raise ConflictError("action", stored)
        return _change(connection, row, asdict(wanted), by=by, at=at)


def complete_action(engine: Engine, seen: Action, *, by: str, at: datetime) -> Action:
    """Say that an action is done. Said twice, the first counts.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.done_at is not None:
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("action", stored)
        return _change(connection, row, {"done_at": at, "done_by": by.strip()}, by=by, at=at)


def reopen_action(engine: Engine, seen: Action, *, by: str, at: datetime) -> Action:
    """Take back that an action is done.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.done_at is None:
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("action", stored)
        return _change(connection, row, {"done_at": None, "done_by": ""}, by=by, at=at)


def _refuse_unless_over(connection: Connection, service: str, incident: Incident) -> None:
    row = audit.stored(connection, "incident", incident.incident_id)
    if row is None or row["service"] != service:
        raise ConflictError("incident", None)
    written = connection.execute(_OF_INCIDENT, {"incident_id": incident.incident_id}).scalar()
    if written is not None:
        found = audit.stored(connection, "retrospective", written)
        assert found is not None
        raise ConflictError("retrospective", value_of(Retrospective, found))
    if row["recovered_at"] is None:
        raise NotNowError("The incident has not recovered: look back when it is over.")


def _held(connection: Connection, seen: Action) -> tuple[Row, Action]:
    row = audit.stored(connection, "action", seen.action_id)
    if row is None or row["service"] != seen.service:
        raise ConflictError("action", None)
    return row, value_of(Action, row)


def _add(
    connection: Connection,
    values: Mapping[str, object],
    wanted: PlannedAction,
    *,
    by: str,
    at: datetime,
) -> Action:
    whole = {**values, **asdict(wanted), "created_by": by.strip(), "created_at": at}
    return value_of(Action, audit.add(connection, "action", whole, by=by, at=at))


def _change(
    connection: Connection, row: Row, values: Mapping[str, object], *, by: str, at: datetime
) -> Action:
    return value_of(Action, audit.change(connection, "action", row, values, by=by, at=at))
