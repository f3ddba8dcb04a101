"""Retrospectives and the actions decided in them: an action without an owner is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.fields import FieldsError
from core.incidents.retrospective import PlannedAction, parse_action, parse_lessons
from core.ports.incidents import Action, Incident, Retrospective
from db.readers.values import value_of
from db.team.audit import ConflictError, NotNowError, acting
from db.team.incidents import INCIDENTS
from db.team.rows import Rows

_RETROSPECTIVES = Rows("retrospective", "retrospective", lambda row: value_of(Retrospective, row))
_ACTIONS = Rows("action", "action", lambda row: value_of(Action, row))
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
        done = _RETROSPECTIVES.of_request(connection, service, request_id)
        if done:
            return done[0]
        if incident is not None:
            _refuse_unless_over(connection, service, incident)
        said = asdict(wanted)
        said.pop("actions")
        said["incident_id"] = None if incident is None else incident.incident_id
        made = _RETROSPECTIVES.add(connection, service, said, by=by, at=at, request_id=request_id)
        for position, action in enumerate(wanted.actions):
            values = {**_new(action, made.retrospective_id, by, at), "position": position}
            _ACTIONS.add(connection, service, values, by=by, at=at, request_id=request_id)
        return made


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
        return _RETROSPECTIVES.held(connection, seen).become(said, by=by, at=at)


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
        done = _ACTIONS.of_request(connection, service, request_id)
        if done:
            return done[0]
        decided = None if retrospective is None else retrospective.retrospective_id
        values = _new(wanted, decided, by, at)
        return _ACTIONS.add(connection, service, values, by=by, at=at, request_id=request_id)


def change_action(
    engine: Engine, seen: Action, given: Mapping[str, object], *, by: str, at: datetime
) -> Action:
    """Change what is to be done, by whom or until when.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it is done.
    """
    wanted = asdict(parse_action(given))
    with acting(engine, by, at) as connection:
        held = _ACTIONS.held(connection, seen)
        if not held.says(wanted) and held.value.done_at is not None:
            raise NotNowError(f"{held.value.done_by} has done this already.")
        return held.become(wanted, by=by, at=at)


def complete_action(engine: Engine, seen: Action, *, by: str, at: datetime) -> Action:
    """Say that an action is done. Said twice, the first counts.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        held = _ACTIONS.held(connection, seen)
        if held.value.done_at is not None:
            return held.value
        return held.change({"done_at": at, "done_by": by.strip()}, by=by, at=at)


def reopen_action(engine: Engine, seen: Action, *, by: str, at: datetime) -> Action:
    """Take back that an action is done.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        held = _ACTIONS.held(connection, seen)
        if held.value.done_at is None:
            return held.value
        return held.change({"done_at": None, "done_by": ""}, by=by, at=at)


def _refuse_unless_over(connection: Connection, service: str, incident: Incident) -> None:
    held = INCIDENTS.find(connection, incident.incident_id)
    if held is None or held.value.service != service:
        raise ConflictError("incident", None)
    written = connection.execute(_OF_INCIDENT, {"incident_id": incident.incident_id}).scalar()
    if written is not None:
        found = _RETROSPECTIVES.find(connection, written)
        assert found is not None
        raise ConflictError("retrospective", found.value)
    if held.value.recovered_at is None:
        raise NotNowError("The incident has not recovered: look back when it is over.")


def _new(
    wanted: PlannedAction, retrospective_id: int | None, by: str, at: datetime
) -> dict[str, object]:
    return {
        **asdict(wanted),
        "retrospective_id": retrospective_id,
        "created_by": by.strip(),
        "created_at": at,
    }
