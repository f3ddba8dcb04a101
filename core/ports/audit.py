"""What `core.audit` asks of a store: what people wrote, from every log there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Somebody did something.

    Attributes:
        at: when.
        log: the log it is kept in, e.g. 'audit'.
        number: its number in that log.
        service: of which service; '' is all of them, or none.
        by: who.
        subject: what it is about, e.g. 'incident'.
        subject_id: which.
        before: the fields as they were; empty for something new.
        after: the fields as they are since.
    """

    at: datetime
    log: str
    number: int
    service: str
    by: str
    subject: str
    subject_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of the log ends: entries are ordered by time, log and number."""

    at: datetime
    log: str
    number: int


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in the log.

    Attributes:
        services: of which services; none is every service.
        unowned: also what belongs to no service, such as members.
        by: part of the name of who did it, whatever its case; '' is anybody.
        subjects: what it is about; none is everything.
        since: not before; None is from the beginning.
        until: before that; None is up to now.
    """

    services: tuple[str, ...] = ()
    unowned: bool = True
    by: str = ""
    subjects: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class LogReader(Protocol):
    """What the page of the log asks."""

    def entries(self, search: Search, after: Cursor | None, limit: int) -> tuple[LogEntry, ...]:
        """Entries, the newest first, that come after a cursor in that order."""

    def subjects(self) -> tuple[str, ...]:
        """What entries are about, in alphabetical order."""
