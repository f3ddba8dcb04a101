"""Drills as people plan, hold and end them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.fields import Fields, FieldsError
from core.incidents.drills import PlannedDrill, parse_drill, times
from core.ports.incidents import Drill
from db.readers.audit import Row
from db.readers.incidents import SqlIncidentReader
from db.readers.oncall_rows import value_of
from db.team import audit
from db.team.audit import ConflictError, NotNowError, acting
from db.team.drill_alerts import raise_drill, resolve_drill


def plan_drill(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Drill:
    """Plan a drill.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.incidents.drills.parse_drill`.
        by: who plans it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    wanted = parse_drill(given)
    with acting(engine, by, at, request_id) as connection:
        done = audit.of_request(connection, "drill", service, request_id)
        if done:
            return value_of(Drill, done[0])
        values = {
            "service": service,
            **_planned(wanted),
            "created_by": by.strip(),
            "created_at": at,
            "request_id": request_id.strip(),
        }
        return value_of(Drill, audit.add(connection, "drill", values, by=by, at=at))


def change_drill(
    engine: Engine, seen: Drill, given: Mapping[str, object], *, by: str, at: datetime
) -> Drill:
    """Change a drill that has not started.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it has started, or was cancelled.
    """
    wanted = parse_drill(given)
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if _planned_of(stored) == _planned(wanted):
            return stored
        _refuse_unless_planned(stored)
        _refuse_changed(stored, seen)
        return _change(connection, row, _planned(wanted), by=by, at=at)


def cancel_drill(engine: Engine, seen: Drill, *, by: str, at: datetime) -> Drill:
    """Take a planned drill back; one that is cancelled already is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it has started.
    """
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.cancelled_at is not None:
            return stored
        _refuse_unless_planned(stored)
        _refuse_changed(stored, seen)
        return _change(connection, row, {"cancelled_at": at}, by=by, at=at)


def start_drill(engine: Engine, seen: Drill, *, by: str, at: datetime, base_url: str = "") -> Drill:
    """Start a drill: its labelled test alert fires. One that has started already is left alone.

    Args:
        engine: the store, as greenlight_app.
        seen: the drill.
        by: who starts it.
        at: now.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it was cancelled.
    """
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.started_at is not None:
            return stored
        _refuse_unless_planned(stored)
        _refuse_changed(stored, seen)
        episode_id = raise_drill(connection, stored, at, base_url)
        return _change(connection, row, {"started_at": at, "episode_id": episode_id}, by=by, at=at)


def recover_drill(
    engine: Engine, seen: Drill, *, by: str, at: datetime, base_url: str = ""
) -> Drill:
    """Say that the service has recovered: its test alert is resolved. Said twice, the first counts.

    Raises:
        ConflictError: there is no such drill.
        NotNowError: it has not started, or is over.
    """
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.recovered_at is not None:
            return stored
        _refuse_unless_running(stored)
        resolve_drill(connection, stored, by=by, at=at, base_url=base_url)
        return _change(connection, row, {"recovered_at": at}, by=by, at=at)


def end_drill(
    engine: Engine, seen: Drill, result: str, *, by: str, at: datetime, base_url: str = ""
) -> Drill:
    """End a drill and keep what was measured; its test alert is resolved if it still fires.

    An alert that only ends with the drill has not recovered: nobody saw that it did.

    Args:
        engine: the store, as greenlight_app.
        seen: the drill.
        result: what was seen, in words.
        by: who ends it.
        at: now.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Raises:
        FieldsError: the result is missing or wrong.
        ConflictError: there is no such drill.
        NotNowError: it has not started.
    """
    form = Fields({"result": result})
    said = form.text("result")
    if not said:
        form.refuse("result", "Is missing: what did the drill show?")
    if form.problems:
        raise FieldsError(form.problems)
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.ended_at is not None:
            return stored
        _refuse_unless_running(stored)
        values = {**_measured(connection, stored, at), "ended_at": at, "result": said}
        resolve_drill(connection, stored, by=by, at=at, base_url=base_url)
        return _change(connection, row, values, by=by, at=at)


def _measured(connection: Connection, drill: Drill, at: datetime) -> dict[str, object]:
    """What has been seen of a running drill, before its end resolves the alert."""
    reader = SqlIncidentReader(connection)
    episodes = [] if drill.episode_id is None else [drill.episode_id]
    told = reader.told(episodes, at)
    found = times(
        drill,
        reader.transitions_of(episodes, at),
        reader.acknowledgements_of(episodes, at),
        told.get(episodes[0]) if episodes else None,
    )
    return {
        "detected_at": found.detected_at,
        "acknowledged_at": found.acknowledged_at,
        "recovered_at": found.recovered_at,
    }


def _held(connection: Connection, seen: Drill) -> tuple[Row, Drill]:
    row = audit.stored(connection, "drill", seen.drill_id)
    if row is None or row["service"] != seen.service:
        raise ConflictError("drill", None)
    return row, value_of(Drill, row)


def _change(
    connection: Connection, row: Row, values: Mapping[str, object], *, by: str, at: datetime
) -> Drill:
    return value_of(Drill, audit.change(connection, "drill", row, values, by=by, at=at))


def _refuse_changed(stored: Drill, seen: Drill) -> None:
    if stored.revision != seen.revision:
        raise ConflictError("drill", stored)


def _refuse_unless_planned(stored: Drill) -> None:
    if stored.cancelled_at is not None:
        raise NotNowError(f"{stored.changed_by} has cancelled this drill.")
    if stored.started_at is not None:
        raise NotNowError("This drill has started already.")


def _refuse_unless_running(stored: Drill) -> None:
    if stored.started_at is None:
        raise NotNowError("This drill has not started.")
    if stored.ended_at is not None:
        raise NotNowError("This drill is over.")


def _planned(wanted: PlannedDrill) -> dict[str, object]:
    return {
        "scenario": wanted.scenario,
        "title": wanted.title,
        "due_on": wanted.due_on,
        "owner": wanted.owner,
    }


def _planned_of(drill: Drill) -> dict[str, object]:
    return _planned(PlannedDrill(drill.scenario, drill.title, drill.due_on, drill.owner))
