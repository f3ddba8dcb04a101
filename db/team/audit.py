"""How what people write is stored: with a revision, and one log of every change.

The log holds each row whole, before and after, so that reports of an earlier time can be read
from it. A change names the revision that it started from: whoever comes second is told what there
is now. A table kept this way has the columns service, revision, changed_by and changed_at, and
stands in `db.readers.audit.SUBJECTS`; its rows are not deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    TableClause,
    TextClause,
    column,
    insert,
    table,
    text,
    update,
)

from core.fields import Fields, FieldsError
from db.readers.audit import SUBJECTS, Row

_EDITED = ("revision", "changed_by", "changed_at")
_LOG = text("""
    insert into team.audit
        (service, subject, subject_id, changed_by, changed_at, before, after)
    values (:service, :subject, :subject_id, :by, :at, :before, :after)""")
# Two clicks at the same moment: the second waits here, and then finds what the first has stored.
_IN_TURN = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


class ConflictError(RuntimeError):
    """Somebody else has changed something since it was looked at; nothing was stored.

    Attributes:
        stored: what there is now; None where it is gone.
        changed_by: who changed it last.
        changed_at: and when.
    """

    def __init__(self, what: str, stored: Any) -> None:
        by = getattr(stored, "changed_by", "")
        super().__init__(
            f"There is no such {what} any more."
            if stored is None
            else f"{by} has changed this {what} meanwhile."
        )
        self.stored = stored
        self.changed_by: str = by
        self.changed_at: datetime | None = getattr(stored, "changed_at", None)


class NotNowError(RuntimeError):
    """What was asked for makes no sense as things stand; the message says why, for people."""


@contextmanager
def acting(
    engine: Engine, by: str, at: datetime, request_id: str | None = None
) -> Iterator[Connection]:
    """A transaction of somebody.

    Args:
        engine: the store, as greenlight_app.
        by: who acts.
        at: now.
        request_id: one a click; clicks of the same one work one after the other. None where a
            second click does no harm.

    Raises:
        FieldsError: by or request_id is missing.
        ValueError: at has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"at == {at}, must have a time zone")
    form = Fields({"by": by, "request_id": request_id})
    form.name("by")
    if request_id is not None:
        form.name("request_id")
    if form.problems:
        raise FieldsError(form.problems)
    with engine.begin() as connection:
        if request_id is not None:
            connection.execute(_IN_TURN, {"name": f"request {request_id}"})
        yield connection


def stored(connection: Connection, subject: str, key: object) -> Row | None:
    """A row, held until the transaction ends; None where there is none."""
    found: Row | None = connection.execute(_stored(subject), {"key": key}).scalar_one_or_none()
    return found


def of_request(connection: Connection, subject: str, service: str, request_id: str) -> list[Row]:
    """What an earlier click of the same request has stored, in the order in which it did."""
    asked = {"service": service, "request_id": request_id.strip()}
    return list(connection.execute(_of_request(subject), asked).scalars())


def add(
    connection: Connection, subject: str, values: Mapping[str, object], *, by: str, at: datetime
) -> Row:
    """Store a new row, log it, and give it back as it is stored."""
    key = SUBJECTS[subject][1]
    target = _table(subject, values)
    statement = insert(target).values(**values, changed_by=by.strip(), changed_at=at)
    stored_key = connection.execute(statement.returning(target.c[key])).scalar_one()
    return _logged(connection, subject, stored_key, {}, by=by, at=at)


def change(
    connection: Connection,
    subject: str,
    before: Row,
    values: Mapping[str, object],
    *,
    by: str,
    at: datetime,
) -> Row:
    """Change a row that is held, log it, and give it back as it is stored."""
    key = SUBJECTS[subject][1]
    target = _table(subject, values)
    statement = (
        update(target)
        .where(target.c[key] == before[key])
        .values(**values, revision=before["revision"] + 1, changed_by=by.strip(), changed_at=at)
    )
    connection.execute(statement)
    return _logged(connection, subject, before[key], before, by=by, at=at)


def log(
    connection: Connection,
    subject: str,
    key: object,
    service: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    by: str,
    at: datetime,
) -> None:
    """Write a change into the log: for who writes a row otherwise than by `add` and `change`.

    Args:
        connection: with the transaction that changes it.
        subject: what it is, as the log calls it.
        key: which one.
        service: whose; '' is everybody's.
        before: what it said, as JSON has it; empty for a new one.
        after: what it says now; empty for one that is gone.
        by: who changes it.
        at: now.

    Raises:
        ValueError: before or after holds what JSON does not know, such as a NaN.
    """
    connection.execute(
        _LOG,
        {
            "service": service,
            "subject": subject,
            "subject_id": str(key),
            "by": by.strip(),
            "at": at,
            "before": _json(before),
            "after": _json(after),
        },
    )


def _logged(
    connection: Connection, subject: str, key: object, before: Row, *, by: str, at: datetime
) -> Row:
    after = stored(connection, subject, key)
    assert after is not None
    log(connection, subject, key, after["service"], before=before, after=after, by=by, at=at)
    return after


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@cache
def _stored(subject: str) -> TextClause:
    name, key = SUBJECTS[subject]
    return text(f"select to_jsonb(stored) from team.{name} stored where {key} = :key for update")


@cache
def _of_request(subject: str) -> TextClause:
    name, key = SUBJECTS[subject]
    return text(f"""
        select to_jsonb(stored) from team.{name} stored
        where service = :service and request_id = :request_id
        order by {key}""")


def _table(subject: str, values: Mapping[str, object]) -> TableClause:
    name, key = SUBJECTS[subject]
    return table(name, *map(column, {key, *values, *_EDITED}), schema="team")
