"""The turns of an MVP as people plan them, and what they measured elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine

from core.milestones.changes import parse_iteration, parse_result
from core.ports.plan import Iteration
from db.team.audit import acting
from db.team.plan_rows import ITERATIONS


def add_iteration(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Iteration:
    """Plan a turn.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.milestones.changes.parse_iteration`.
        by: who plans it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    wanted = parse_iteration(given)
    with acting(engine, by, at, request_id) as connection:
        done = ITERATIONS.of_request(connection, service, request_id)
        if done:
            return done[0]
        return ITERATIONS.add(
            connection, service, asdict(wanted), by=by, at=at, request_id=request_id
        )


def change_iteration(
    engine: Engine, seen: Iteration, given: Mapping[str, object], *, by: str, at: datetime
) -> Iteration:
    """Change what is planned for a turn.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
    """
    wanted = parse_iteration(given)
    with acting(engine, by, at) as connection:
        return ITERATIONS.change(connection, seen, asdict(wanted), by=by, at=at)


def record_result(
    engine: Engine, seen: Iteration, given: Mapping[str, object], *, by: str, at: datetime
) -> Iteration:
    """Record a difference that was measured outside of this store's labels, with its source.

    Args:
        engine: the store, as greenlight_app.
        seen: the turn as it was seen.
        given: the fields of a form, see `core.milestones.changes.parse_result`.
        by: who records it.
        at: now.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
    """
    wanted = parse_result(given, at.date())
    with acting(engine, by, at) as connection:
        return ITERATIONS.change(connection, seen, asdict(wanted), by=by, at=at)


def remove_iteration(engine: Engine, seen: Iteration, *, by: str, at: datetime) -> None:
    """Take a turn out; the log keeps it.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        ITERATIONS.remove(connection, seen, by=by, at=at)
