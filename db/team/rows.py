"""Rows that people keep, whatever kind they are of: found, changed and taken out in one way.

A row is held while it is changed. One that says already what it is to say is left alone, whoever
changes it after somebody else is told what there is now, and the log gets every change. What is
left to an area of its own: its fields, its rules and its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection

from db.readers.audit import SUBJECTS, Row
from db.team import audit
from db.team.audit import ConflictError


class Kept(Protocol):
    """What a row says: whose it is, and how often it was changed."""

    @property
    def service(self) -> str:
        """Whose it is."""

    @property
    def revision(self) -> int:
        """Grows with every change; 0 for what is not stored."""


_Value = TypeVar("_Value", bound=Kept)


def _as_named(value: Any) -> Mapping[str, object]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


@dataclass(frozen=True, slots=True)
class Rows(Generic[_Value]):
    """One kind of row.

    Attributes:
        subject: of `db.readers.audit.SUBJECTS`; a value has a field that is called as its key.
        word: what people call one, in a conflict.
        value_of: reads a value from its row.
        columns_of: what a value's columns hold; they are called as its fields unless it says
            otherwise.
    """

    subject: str
    word: str
    value_of: Callable[[Row], _Value]
    columns_of: Callable[[_Value], Mapping[str, object]] = _as_named

    def of_request(self, connection: Connection, service: str, request_id: str) -> list[_Value]:
        """What an earlier click of the same request has stored, in the order in which it did."""
        rows = audit.of_request(connection, self.subject, service, request_id)
        return [self.value_of(row) for row in rows]

    def add(
        self,
        connection: Connection,
        service: str,
        values: Mapping[str, object],
        *,
        by: str,
        at: datetime,
        request_id: str | None = None,
    ) -> _Value:
        """Store a new one, and give it back as it is stored.

        Args:
            connection: with the transaction.
            service: whose.
            values: its columns; what they do not name has its default.
            by: who adds it.
            at: now.
            request_id: of the click; None where a second one does no harm.
        """
        whole = {"service": service, **_storable(values)}
        if request_id is not None:
            whole["request_id"] = request_id.strip()
        return self.value_of(audit.add(connection, self.subject, whole, by=by, at=at))

    def find(
        self, connection: Connection, key: object, seen: _Value | None = None
    ) -> Held[_Value] | None:
        """The row of a key, held; None where there is none. See `Held` for what was seen."""
        row = audit.stored(connection, self.subject, key)
        return None if row is None else Held(self, connection, row, self.value_of(row), seen)

    def held(self, connection: Connection, seen: _Value) -> Held[_Value]:
        """The row of a value, held, whether or not somebody has taken it out.

        Raises:
            ConflictError: there is no such row of the service.
        """
        found = self.find(connection, getattr(seen, SUBJECTS[self.subject][1]), seen)
        if found is None or found.row["service"] != seen.service:
            raise ConflictError(self.word, None)
        return found

    def standing(self, connection: Connection, seen: _Value) -> Held[_Value]:
        """As `held`, of a row that nobody has taken out.

        Raises:
            ConflictError: there is no such row of the service, or no more.
        """
        found = self.held(connection, seen)
        if found.is_removed:
            raise ConflictError(self.word, None)
        return found

    def change(
        self,
        connection: Connection,
        seen: _Value,
        values: Mapping[str, object],
        *,
        by: str,
        at: datetime,
    ) -> _Value:
        """Change one that stands; where it says so already, nothing happens.

        Raises:
            ConflictError: it is gone, or somebody else has changed it since it was seen.
        """
        return self.standing(connection, seen).become(values, by=by, at=at)

    def put(
        self,
        connection: Connection,
        service: str,
        seen: _Value | None,
        values: Mapping[str, object],
        *,
        by: str,
        at: datetime,
    ) -> _Value:
        """Make the one row that a service has, or change it.

        Raises:
            ConflictError: it is gone, or somebody else has made or changed it since it was seen.
        """
        found = self.find(connection, service, seen)
        if found is not None:
            return found.become(values, by=by, at=at)
        if seen is not None and seen.revision:
            raise ConflictError(self.word, None)
        return self.add(connection, service, values, by=by, at=at)

    def remove(self, connection: Connection, seen: _Value, *, by: str, at: datetime) -> _Value:
        """Take one out; its row and its history stay. Said twice, the first counts.

        Raises:
            ConflictError: there is no such row, or somebody else has changed it since it was seen.
        """
        found = self.held(connection, seen)
        return found.value if found.is_removed else found.remove(by=by, at=at)


@dataclass(frozen=True, slots=True)
class Held(Generic[_Value]):
    """A row that is held until its transaction ends: nobody else changes it.

    Attributes:
        rows: its kind.
        row: as it is stored.
        value: what it says.
        seen: what whoever changes it was looking at; None where they saw none.
    """

    rows: Rows[_Value]
    connection: Connection
    row: Row
    value: _Value
    seen: _Value | None

    @property
    def is_removed(self) -> bool:
        """Whether somebody has taken it out; asked of kinds that may be."""
        return self.row["removed_at"] is not None

    def says(self, values: Mapping[str, object]) -> bool:
        """Whether the row says already what it is to say."""
        said = self.rows.columns_of(self.value)
        return all(said[name] == one for name, one in values.items())

    def refuse_changed(self) -> None:
        """Refuse who has not seen the row as it is.

        Raises:
            ConflictError: somebody else has changed it since it was seen; it is `stored`.
        """
        if self.seen is None or self.seen.revision != self.value.revision:
            raise ConflictError(self.rows.word, self.value)

    def become(self, values: Mapping[str, object], *, by: str, at: datetime) -> _Value:
        """Change the row; where it says so already, nothing happens. See `change`."""
        return self.value if self.says(values) else self.change(values, by=by, at=at)

    def change(self, values: Mapping[str, object], *, by: str, at: datetime) -> _Value:
        """Change the row, and give back what it says now.

        Raises:
            ConflictError: somebody else has changed it since it was seen.
        """
        self.refuse_changed()
        return self.write(values, by=by, at=at)

    def write(self, values: Mapping[str, object], *, by: str, at: datetime) -> _Value:
        """Change the row, whatever was seen of it."""
        kept = _storable(values)
        row = audit.change(self.connection, self.rows.subject, self.row, kept, by=by, at=at)
        return self.rows.value_of(row)

    def remove(self, *, by: str, at: datetime) -> _Value:
        """Take the row out. See `change`."""
        return self.change({"removed_at": at, "removed_by": by.strip()}, by=by, at=at)


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    """Values as the driver takes them: a list is an array, a tuple would be a row."""
    return {name: list(one) if isinstance(one, tuple) else one for name, one in values.items()}
