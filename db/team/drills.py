"""Drills as people plan, hold and end them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.fields import Fields, FieldsError
from core.incidents.drills import parse_drill, times
from core.ports.incidents import Drill
from db.readers.incidents import SqlIncidentReader
from db.readers.values import value_of
from db.team.audit import NotNowError, acting
from db.team.drill_alerts import raise_drill, resolve_drill
from db.team.rows import Rows

_DRILLS = Rows("drill", "drill", lambda row: value_of(Drill, row))


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
        done = _DRILLS.of_request(connection, service, request_id)
        if done:
            return done[0]
        values = {**asdict(wanted), "created_by": by.strip(), "created_at": at}
        return _DRILLS.add(connection, service, values, by=by, at=at, request_id=request_id)


def change_drill(
    engine: Engine, seen: Drill, given: Mapping[str, object], *, by: str, at: datetime
) -> Drill:
    """Change a drill that has not started.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it has started, or was cancelled.
    """
    wanted = asdict(parse_drill(given))
    with acting(engine, by, at) as connection:
        held = _DRILLS.held(connection, seen)
        if not held.says(wanted):
            _refuse_unless_planned(held.value)
        return held.become(wanted, by=by, at=at)


def cancel_drill(engine: Engine, seen: Drill, *, by: str, at: datetime) -> Drill:
    """Take a planned drill back; one that is cancelled already is left alone.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it has started.
    """
    with acting(engine, by, at) as connection:
        held = _DRILLS.held(connection, seen)
        if held.value.cancelled_at is not None:
            return held.value
        _refuse_unless_planned(held.value)
        return held.change({"cancelled_at": at}, by=by, at=at)


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
        held = _DRILLS.held(connection, seen)
        if held.value.started_at is not None:
            return held.value
        _refuse_unless_planned(held.value)
        held.refuse_changed()
        episode_id = raise_drill(connection, held.value, at, base_url)
        return held.write({"started_at": at, "episode_id": episode_id}, by=by, at=at)


def recover_drill(
    engine: Engine, seen: Drill, *, by: str, at: datetime, base_url: str = ""
) -> Drill:
    """Say that the service has recovered: its test alert is resolved. Said twice, the first counts.

    Raises:
        ConflictError: there is no such drill.
        NotNowError: it has not started, or is over.
    """
    with acting(engine, by, at) as connection:
        held = _DRILLS.held(connection, seen)
        if held.value.recovered_at is not None:
            return held.value
        _refuse_unless_running(held.value)
        resolve_drill(connection, held.value, by=by, at=at, base_url=base_url)
        return held.write({"recovered_at": at}, by=by, at=at)


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
        held = _DRILLS.held(connection, seen)
        if held.value.ended_at is not None:
            return held.value
        _refuse_unless_running(held.value)
        values = {**_measured(connection, held.value, at), "ended_at": at, "result": said}
        resolve_drill(connection, held.value, by=by, at=at, base_url=base_url)
        return held.write(values, by=by, at=at)


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
