"""Risks as people write, change, accept, review and close them, and as the worker opens plan B."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from core.ports.risks import Risk
from core.risks.changes import (
    PlannedRisk,
    fields_of,
    parse_review,
    parse_risk,
    parse_risks,
    parse_said,
)
from core.risks.watch import Watched
from db.readers.risks import risk_of
from db.team.audit import NotNowError, acting
from db.team.rows import Rows

#: In whose name the worker opens plan B.
WORKER = "Greenlight"
_RISKS = Rows("risk", "risk", risk_of)
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
    wanted = parse_risk(given, at.date())
    with acting(engine, by, at) as connection:
        held = _RISKS.held(connection, seen)
        if parse_risk(fields_of(held.value), date.max) == wanted:
            return held.value
        _refuse_closed(held.value)
        redrawn = wanted.line != held.value.line
        values = fields_of(wanted) | (_REARMED if redrawn else {})
        return held.change(values, by=by, at=at)


def review_risk(engine: Engine, seen: Risk, review_on: object, *, by: str, at: datetime) -> Risk:
    """Say that a risk was looked at, and when it is looked at again.

    Raises:
        FieldsError: the next day is missing or over.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it is closed.
    """
    coming = parse_review(review_on, at.date())
    with acting(engine, by, at) as connection:
        held = _RISKS.held(connection, seen)
        _refuse_closed(held.value)
        values = {"review_on": coming, "reviewed_at": at, "reviewed_by": by.strip()}
        return held.change(values, by=by, at=at)


def end_plan_b(engine: Engine, seen: Risk, result: object, *, by: str, at: datetime) -> Risk:
    """End plan B, and say what came of it. Ended twice, the first counts.

    Raises:
        FieldsError: the result is missing.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: plan B was never opened.
    """
    said = parse_said(result, "plan_b_result", "what came of plan B?")
    with acting(engine, by, at) as connection:
        held = _RISKS.held(connection, seen)
        if held.value.plan_b_ended_at is not None:
            return held.value
        if held.value.plan_b_opened_at is None:
            raise NotNowError("Plan B is not open.")
        return held.change({"plan_b_ended_at": at, "plan_b_result": said}, by=by, at=at)


def close_risk(engine: Engine, seen: Risk, why: object, *, by: str, at: datetime) -> Risk:
    """Close a risk that is none any more; it leaves the matrix and stays in history.

    Raises:
        FieldsError: why is missing.
        ConflictError: somebody else has changed it since it was seen.
    """
    said = parse_said(why, "closed_why", "why is it no risk any more?")
    with acting(engine, by, at) as connection:
        held = _RISKS.held(connection, seen)
        if held.value.closed_at is not None:
            return held.value
        return held.change({"closed_at": at, "closed_why": said}, by=by, at=at)


def reopen_risk(engine: Engine, seen: Risk, *, by: str, at: datetime) -> Risk:
    """Take back that a risk is closed.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        held = _RISKS.held(connection, seen)
        if held.value.closed_at is None:
            return held.value
        return held.change({"closed_at": None, "closed_why": ""}, by=by, at=at)


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
        held = _RISKS.find(connection, one.risk.risk_id)
        if held is None or held.value.line != one.risk.line:
            continue
        if held.value.closed_at is not None or held.value.plan_b_opened_at is not None:
            continue
        moment = max(at, held.value.changed_at or at)
        values = {"plan_b_opened_at": moment, "plan_b_value": one.value, "plan_b_why": one.sentence}
        held.write(values, by=WORKER, at=moment)
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
        done = _RISKS.of_request(connection, service, request_id)
        if done:
            return tuple(done)
        made = []
        for position, one in enumerate(wanted):
            values = {
                **fields_of(one),
                "created_by": by.strip(),
                "created_at": at,
                "position": position,
            }
            made.append(
                _RISKS.add(connection, service, values, by=by, at=at, request_id=request_id)
            )
        return tuple(made)


def _refuse_closed(stored: Risk) -> None:
    if stored.closed_at is not None:
        raise NotNowError("This risk is closed.")
