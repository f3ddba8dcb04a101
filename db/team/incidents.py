"""Incidents as people open, follow and close them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Engine, TextClause, text

from core.fields import Fields, FieldsError
from core.incidents.changes import parse_incident
from core.incidents.impact import Impact, as_json
from core.ports.incidents import Incident, Note
from db.readers.values import value_of
from db.team.audit import NotNowError, acting
from db.team.rows import Rows

INCIDENTS = Rows("incident", "incident", lambda row: value_of(Incident, row))
_KNOWN = text("""
    select episode_id from team.alert_episode
    where service = :service and episode_id = any(:episode_ids)""")
# The drill that all of some alerts were raised by; nothing where one of them is real.
_DRILL_OF = text("""
    select min(drill_id) from team.alert_episode left join team.drill using (episode_id)
    where episode_id = any(:episode_ids)
    having bool_and(drill and drill_id is not null)""")
_DRILL = text("select drill_id from team.drill where service = :service and drill_id = :drill_id")
_ADD = text("""
    insert into team.incident_alert (incident_id, episode_id, added_by, added_at)
    values (:incident_id, :episode_id, :by, :at)
    on conflict (incident_id, episode_id) where removed_at is null do nothing""")
_REMOVE = text("""
    update team.incident_alert set removed_by = :by, removed_at = :at
    where incident_id = :incident_id and episode_id = :episode_id and removed_at is null""")
_NOTE = text("""
    insert into team.incident_note (incident_id, at, by, text, request_id)
    values (:incident_id, :at, :by, :text, :request_id)
    on conflict (incident_id, request_id) do nothing""")
_NOTED = text("""
    select note_id, incident_id, at, by, text from team.incident_note
    where incident_id = :incident_id and request_id = :request_id""")


def open_incident(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    episodes: Iterable[int] = (),
    *,
    by: str,
    at: datetime,
    request_id: str,
    drill_id: int | None = None,
) -> Incident:
    """Open an incident, from alerts or without any.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.incidents.changes.parse_incident`.
        episodes: ids of alerts of the service that belong to it.
        by: who opens it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.
        drill_id: the drill that it belongs to; such an incident is never counted as one. Where all
            its alerts were raised by drills, it is a drill's whether or not anybody says so.

    Raises:
        FieldsError: a field is missing or wrong, or an alert or drill is not the service's.
    """
    wanted = parse_incident(given, at)
    numbers = sorted(set(episodes))
    with acting(engine, by, at, request_id) as connection:
        done = INCIDENTS.of_request(connection, service, request_id)
        if done:
            return done[0]
        _refuse_unknown(connection, service, numbers, drill_id)
        if drill_id is None and numbers:
            drill_id = connection.execute(_DRILL_OF, {"episode_ids": numbers}).scalar()
        values = {
            **asdict(wanted),
            "drill_id": drill_id,
            "opened_by": by.strip(),
            "opened_at": at,
        }
        made = INCIDENTS.add(connection, service, values, by=by, at=at, request_id=request_id)
        for episode_id in numbers:
            _link(connection, _ADD, made.incident_id, episode_id, by=by, at=at)
        return made


def change_incident(
    engine: Engine, seen: Incident, given: Mapping[str, object], *, by: str, at: datetime
) -> Incident:
    """Correct what is known of an open incident.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it is closed.
    """
    wanted = parse_incident(given, at)
    if seen.recovered_at is not None and seen.recovered_at < wanted.began_at:
        raise FieldsError({"began_at": "Must not be after the recovery."})
    with acting(engine, by, at) as connection:
        held = INCIDENTS.held(connection, seen)
        said = asdict(wanted)
        if not held.says(said):
            _refuse_closed(held.value)
        return held.become(said, by=by, at=at)


def mark_recovered(
    engine: Engine, seen: Incident, recovered_at: datetime | None, *, by: str, at: datetime
) -> Incident:
    """Say when the service recovered; None takes that back.

    Raises:
        FieldsError: the time lies ahead or before the beginning, or has no zone.
        ConflictError: somebody else has changed the incident since it was seen.
        NotNowError: it is closed.
    """
    if recovered_at is not None:
        if recovered_at.tzinfo is None:
            raise FieldsError({"recovered_at": "Must be a time with a zone."})
        if recovered_at > at:
            raise FieldsError({"recovered_at": "Must not lie ahead."})
        if recovered_at < seen.began_at:
            raise FieldsError({"recovered_at": "Must not be before the incident began."})
    with acting(engine, by, at) as connection:
        held = INCIDENTS.held(connection, seen)
        if held.value.recovered_at != recovered_at:
            _refuse_closed(held.value)
        return held.become({"recovered_at": recovered_at}, by=by, at=at)


def close_incident(
    engine: Engine, seen: Incident, impact: Impact | None, *, by: str, at: datetime
) -> Incident:
    """Close an incident and freeze what it cost. One that is closed already is left alone.

    Args:
        engine: the store, as greenlight_app.
        seen: the incident.
        impact: `core.incidents.impact_of` of it; None where that is not known.
        by: who closes it.
        at: now.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it has not recovered.
    """
    frozen = {} if impact is None else as_json(impact)
    with acting(engine, by, at) as connection:
        held = INCIDENTS.held(connection, seen)
        if held.value.closed_at is not None:
            return held.value
        if held.value.recovered_at is None:
            raise NotNowError("This incident has not recovered: say when it did, then close it.")
        return held.change({"closed_at": at, "impact": json.dumps(frozen)}, by=by, at=at)


def add_alert(
    engine: Engine, incident: Incident, episode_id: int, *, by: str, at: datetime
) -> None:
    """Add an alert to an open incident; one that is in it already is left alone.

    Raises:
        FieldsError: there is no such alert of the service.
        ConflictError: there is no such incident.
        NotNowError: it is closed.
    """
    with acting(engine, by, at) as connection:
        stored = INCIDENTS.held(connection, incident).value
        _refuse_closed(stored)
        _refuse_unknown(connection, stored.service, [episode_id], None)
        _link(connection, _ADD, stored.incident_id, episode_id, by=by, at=at)


def remove_alert(
    engine: Engine, incident: Incident, episode_id: int, *, by: str, at: datetime
) -> None:
    """Take an alert out of an open incident; one that is not in it is left alone.

    Raises:
        ConflictError: there is no such incident.
        NotNowError: it is closed.
    """
    with acting(engine, by, at) as connection:
        stored = INCIDENTS.held(connection, incident).value
        _refuse_closed(stored)
        _link(connection, _REMOVE, stored.incident_id, episode_id, by=by, at=at)


def add_note(
    engine: Engine, incident: Incident, said: str, *, by: str, at: datetime, request_id: str
) -> Note:
    """Add a status note; it can neither be changed nor deleted. A closed incident takes notes too.

    Args:
        engine: the store, as greenlight_app.
        incident: the incident.
        said: the note.
        by: who says it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: the note is empty or cannot be stored.
        ConflictError: there is no such incident.
    """
    form = Fields({"text": said})
    note = form.text("text")
    if not note:
        form.refuse("text", "Is missing.")
    if form.problems:
        raise FieldsError(form.problems)
    with acting(engine, by, at, request_id) as connection:
        stored = INCIDENTS.held(connection, incident).value
        row = {
            "incident_id": stored.incident_id,
            "at": at,
            "by": by.strip(),
            "text": note,
            "request_id": request_id.strip(),
        }
        connection.execute(_NOTE, row)
        return Note(*connection.execute(_NOTED, row).one())


def _link(
    connection: Connection,
    statement: TextClause,
    incident_id: int,
    episode_id: int,
    *,
    by: str,
    at: datetime,
) -> None:
    row = {"incident_id": incident_id, "episode_id": episode_id, "by": by.strip(), "at": at}
    connection.execute(statement, row)


def _refuse_unknown(
    connection: Connection, service: str, episodes: list[int], drill_id: int | None
) -> None:
    asked: dict[str, object] = {"service": service, "episode_ids": episodes, "drill_id": drill_id}
    known = set(connection.execute(_KNOWN, asked).scalars())
    problems = {}
    strangers = [str(one) for one in episodes if one not in known]
    if strangers:
        problems["episodes"] = f"{service} has no alert {', '.join(strangers)}."
    if drill_id is not None and connection.execute(_DRILL, asked).one_or_none() is None:
        problems["drill_id"] = f"{service} has no drill {drill_id}."
    if problems:
        raise FieldsError(problems)


def _refuse_closed(stored: Incident) -> None:
    if stored.closed_at is not None:
        raise NotNowError("This incident is closed.")
