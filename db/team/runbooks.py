"""Runbooks as people write them: each version is kept, and two who write at once both are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.alerts.runbooks import DEFAULT_RUNBOOKS
from core.documentation.runbooks import difference, parse_runbook
from core.ports.documentation import Runbook
from db.team import audit
from db.team.audit import acting

#: Who has written the runbooks that a service starts with.
SEEDED_BY = "Greenlight"
_STORED = text("""
    select service, runbook_id, title, body, revision, changed_by, changed_at from team.runbook
    where service = :service and runbook_id = :runbook_id
    for update""")
_INSERT = text("""
    insert into team.runbook (service, runbook_id, title, body, changed_by, changed_at)
    values (:service, :runbook_id, :title, :body, :by, :at)
    on conflict (service, runbook_id) do nothing""")
_UPDATE = text("""
    update team.runbook set title = :title, body = :body, revision = revision + 1,
        changed_by = :by, changed_at = :at
    where service = :service and runbook_id = :runbook_id""")


class RunbookConflictError(RuntimeError):
    """Somebody else has written the runbook since it was looked at; nothing was stored.

    Attributes:
        theirs: the version that is stored now; None where there is none any more.
        ours: what was to be stored: nobody has to type it again.
        difference: from theirs to ours, line by line; what people wrote, so show it as code.
    """

    def __init__(self, theirs: Runbook | None, ours: Runbook) -> None:
        super().__init__(
            "There is no such runbook any more."
            if theirs is None
            else f"{theirs.changed_by} has changed this runbook meanwhile."
        )
        self.theirs = theirs
        self.ours = ours
        self.difference = "" if theirs is None else difference(theirs, ours)


def save_runbook(
    engine: Engine,
    service: str,
    seen: Runbook | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
) -> Runbook:
    """Write a runbook or a new version of it.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        seen: the version that whoever writes was looking at; None for a new runbook.
        given: the fields of a form, see `core.documentation.parse_runbook`. The id of one that is
            there stays.
        by: who writes it.
        at: now.

    Returns:
        The runbook as it is stored; a wanted version that is stored already is left as it is.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        RunbookConflictError: somebody else has written it since it was seen.
    """
    fields = dict(given) if seen is None else {**given, "runbook_id": seen.runbook_id}
    wanted = parse_runbook(service, fields)
    with acting(engine, by, at) as connection:
        if seen is None and _insert(connection, wanted, by=by, at=at):
            return replace(wanted, revision=1, changed_by=by.strip(), changed_at=at)
        stored = _stored(connection, wanted)
        if stored is not None and (stored.title, stored.body) == (wanted.title, wanted.body):
            return stored
        if stored is None or seen is None or stored.revision != seen.revision:
            raise RunbookConflictError(stored, wanted)
        connection.execute(_UPDATE, _columns(wanted) | {"by": by.strip(), "at": at})
        changed = replace(
            wanted, revision=stored.revision + 1, changed_by=by.strip(), changed_at=at
        )
        _log(connection, stored, changed, at)
        return changed


def seed_runbooks(engine: Engine, service: str, at: datetime) -> int:
    """Write the runbooks that a service starts with, where they are missing.

    What people have written is left alone, so it may be called as often as one likes.

    Returns:
        How many were written.
    """
    with acting(engine, SEEDED_BY, at) as connection:
        return seed_in(connection, service, at)


def seed_in(connection: Connection, service: str, at: datetime) -> int:
    """As `seed_runbooks`, inside the caller's transaction."""
    return sum(
        _insert(
            connection,
            Runbook(service, one.runbook_id, one.title, one.body),
            by=SEEDED_BY,
            at=at,
        )
        for one in DEFAULT_RUNBOOKS
    )


def _insert(connection: Connection, wanted: Runbook, *, by: str, at: datetime) -> bool:
    row = _columns(wanted) | {"by": by.strip(), "at": at}
    if connection.execute(_INSERT, row).rowcount == 0:
        return False
    made = replace(wanted, revision=1, changed_by=by.strip(), changed_at=at)
    _log(connection, None, made, at)
    return True


def _stored(connection: Connection, wanted: Runbook) -> Runbook | None:
    """The stored version, held until the transaction ends."""
    asked = {"service": wanted.service, "runbook_id": wanted.runbook_id}
    row = connection.execute(_STORED, asked).one_or_none()
    return None if row is None else Runbook(*row)


def _columns(runbook: Runbook) -> dict[str, object]:
    return {
        "service": runbook.service,
        "runbook_id": runbook.runbook_id,
        "title": runbook.title,
        "body": runbook.body,
    }


def _log(connection: Connection, before: Runbook | None, after: Runbook, at: datetime) -> None:
    audit.log(
        connection,
        "runbook",
        after.runbook_id,
        after.service,
        before={} if before is None else _version(before),
        after=_version(after),
        by=after.changed_by,
        at=at,
    )


def _version(runbook: Runbook) -> dict[str, object]:
    return {"title": runbook.title, "body": runbook.body, "revision": runbook.revision}
