"""Risks as people write, change, accept, review and close them, and as the worker opens plan B."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from core.ports.risks import RedLine, Risk
from core.risks.changes import (
    PlannedRisk,
    fields_of,
    parse_review,
    parse_risk,
    parse_risks,
    parse_said,
)
from core.risks.watch import Watched
from db.readers.audit import Row
from db.readers.risks import risk_of
from db.team import audit
from db.team.audit import ConflictError, NotNowError, acting

#: In whose name the worker opens plan B.
WORKER = "Greenlight"
#: What a red line leaves behind when another one is drawn.
_REARMED = {
    "plan_b_opened_at": None,
    "plan_b_value": None,
    "plan_b_why": "",
    "plan_b_ended_at": None,
    "plan_b_result": "",
}


def add_risk(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Risk:
    """Write a risk down.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.risks.changes.parse_risk`.
        by: who writes it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    wanted = parse_risk(given, at.date())
    (made,) = _add(engine, service, [wanted], by=by, at=at, request_id=request_id)
    return made


def add_risks(
    engine: Engine,
    service: str,
    given: Sequence[Mapping[str, object]],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> tuple[Risk, ...]:
    """Write several risks down, such as those drafted for a task: all of them, or none.

    Raises:
        FieldsError: a field is missing or wrong; each is named, as 'risks[1].owner'.
    """
    wanted = parse_risks(given, at.date())
    return _add(engine, service, wanted, by=by, at=at, request_id=request_id)


def change_risk(
    engine: Engine, seen: Risk, given: Mapping[str, object], *, by: str, at: datetime
) -> Risk:
    """Change a risk. Where the red line is another one from now on, it is armed anew.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it is closed.
    """
    wanted = _columns(parse_risk(given, at.date()))
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if _columns(parse_risk(fields_of(stored), date.max)) == wanted:
            return stored
        _refuse_closed(stored)
        _refuse_changed(stored, seen)
        before = _line_columns(stored.line)
        redrawn = any(wanted[name] != before[name] for name in before)
        return _change(connection, row, wanted | (_REARMED if redrawn else {}), by=by, at=at)


def review_risk(engine: Engine, seen: Risk, review_on: object, *, by: str, at: datetime) -> Risk:
    """Say that a risk was looked at, and when it is looked at again.

    Raises:
        FieldsError: the next day is missing or over.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it is closed.
    """
    coming = parse_review(review_on, at.date())
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        _refuse_closed(stored)
        _refuse_changed(stored, seen)
        values = {"review_on": coming, "reviewed_at": at, "reviewed_by": by.strip()}
        return _change(connection, row, values, by=by, at=at)


def end_plan_b(engine: Engine, seen: Risk, result: object, *, by: str, at: datetime) -> Risk:
    """End plan B, and say what came of it. Ended twice, the first counts.

    Raises:
        FieldsError: the result is missing.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: plan B was never opened.
    """
    said = parse_said(result, "plan_b_result", "what came of plan B?")
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.plan_b_ended_at is not None:
            return stored
        if stored.plan_b_opened_at is None:
            raise NotNowError("Plan B is not open.")
        _refuse_changed(stored, seen)
        values = {"plan_b_ended_at": at, "plan_b_result": said}
        return _change(connection, row, values, by=by, at=at)


def close_risk(engine: Engine, seen: Risk, why: object, *, by: str, at: datetime) -> Risk:
    """Close a risk that is none any more; it leaves the matrix and stays in history.

    Raises:
        FieldsError: why is missing.
        ConflictError: somebody else has changed it since it was seen.
    """
    said = parse_said(why, "closed_why", "why is it no risk any more?")
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.closed_at is not None:
            return stored
        _refuse_changed(stored, seen)
        return _change(connection, row, {"closed_at": at, "closed_why": said}, by=by, at=at)


def reopen_risk(engine: Engine, seen: Risk, *, by: str, at: datetime) -> Risk:
    """Take back that a risk is closed.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        row, stored = _held(connection, seen)
        if stored.closed_at is None:
            return stored
        _refuse_changed(stored, seen)
        return _change(connection, row, {"closed_at": None, "closed_why": ""}, by=by, at=at)


def open_plans_b(connection: Connection, looked: Iterable[Watched], at: datetime) -> int:
    """Open plan B of the risks whose red line was found crossed: once, with value and time.

    A risk that was closed, or whose line was drawn anew since it was looked at, is left alone.

    Args:
        connection: with the transaction of the evaluation, as greenlight_worker.
        looked: what the red lines said.
        at: the minute that was evaluated.

    Returns:
        How many were opened.
    """
    opened = 0
    for one in looked:
        if not one.opens:
            continue
        row = audit.stored(connection, "risk", one.risk.risk_id)
        stored = None if row is None else risk_of(row)
        if row is None or stored is None or stored.line != one.risk.line:
            continue
        if stored.closed_at is not None or stored.plan_b_opened_at is not None:
            continue
        moment = max(at, stored.changed_at or at)
        values = {"plan_b_opened_at": moment, "plan_b_value": one.value, "plan_b_why": one.sentence}
        _change(connection, row, values, by=WORKER, at=moment)
        opened += 1
    return opened


def _add(
    engine: Engine,
    service: str,
    wanted: Sequence[PlannedRisk],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> tuple[Risk, ...]:
    with acting(engine, by, at, request_id) as connection:
        done = audit.of_request(connection, "risk", service, request_id)
        if done:
            return tuple(risk_of(row) for row in done)
        made = []
        for position, one in enumerate(wanted):
            values = {
                "service": service,
                **_columns(one),
                "created_by": by.strip(),
                "created_at": at,
                "request_id": request_id.strip(),
                "position": position,
            }
            made.append(risk_of(audit.add(connection, "risk", values, by=by, at=at)))
        return tuple(made)


def _columns(wanted: PlannedRisk) -> dict[str, object]:
    found: dict[str, object] = asdict(wanted)
    found.pop("line")
    return found | _line_columns(wanted.line)


def _line_columns(line: RedLine | None) -> dict[str, object]:
    return {f"line_{name}": value for name, value in asdict(line or RedLine()).items()}


def _held(connection: Connection, seen: Risk) -> tuple[Row, Risk]:
    row = audit.stored(connection, "risk", seen.risk_id)
    if row is None or row["service"] != seen.service:
        raise ConflictError("risk", None)
    return row, risk_of(row)


def _change(
    connection: Connection, row: Row, values: Mapping[str, object], *, by: str, at: datetime
) -> Risk:
    return risk_of(audit.change(connection, "risk", row, values, by=by, at=at))


def _refuse_changed(stored: Risk, seen: Risk) -> None:
    if stored.revision != seen.revision:
        raise ConflictError("risk", stored)


def _refuse_closed(stored: Risk) -> None:
    if stored.closed_at is not None:
        raise NotNowError("This risk is closed.")
