"""The log of what people wrote: who, when, what, and what it changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from core.ports.audit import Cursor, LogEntry, LogReader, Search

__all__ = [
    "Change",
    "Cursor",
    "Log",
    "LogEntry",
    "Search",
    "changes",
    "file_rows",
    "log",
    "rows",
    "summary",
]

#: What every row carries, and who reads the log sees beside it anyway.
_BOOKKEEPING = frozenset({"revision", "changed_by", "changed_at", "request_id", "service"})
#: Of a long text, this much stands in a table.
SAID = 120
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = ("When (UTC)", "Who", "Service", "What", "Which", "Change")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that an entry changed, as texts; None is a field that was not there."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log.

    Attributes:
        entries: the newest first.
        further: where the next page begins; None on the last one.
    """

    entries: tuple[LogEntry, ...]
    further: Cursor | None


def log(
    reader: LogReader,
    search: Search,
    services: Sequence[str],
    after: Cursor | None,
    size: int,
    *,
    everything: bool,
) -> Log:
    """A page of the log, of what the reader of it may see.

    Args:
        reader: the store.
        search: what is looked for.
        services: those that exist for the reader; none is every service.
        after: the last entry of the page before; None for the newest.
        size: entries of a page.
        everything: what belongs to no service is shown, too.
    """
    wanted = search.services
    if services:
        wanted = tuple(one for one in wanted or services if one in services)
        if not wanted:
            return Log((), None)
    allowed = replace(
        search, services=wanted, unowned=search.unowned and everything and not services
    )
    # One more than is shown says whether there is another page.
    found = reader.entries(allowed, after, size + 1)
    last = found[size - 1] if len(found) > size else None
    return Log(
        found[:size],
        None if last is None else Cursor(last.at, last.log, last.number),
    )


def changes(entry: LogEntry) -> tuple[Change, ...]:
    """What an entry changed, by field; of something new, every field that holds anything."""
    found = []
    for field in dict.fromkeys((*entry.before, *entry.after)):
        if field in _BOOKKEEPING:
            continue
        before, after = entry.before.get(field), entry.after.get(field)
        if before == after or (not entry.before and _empty(after)):
            continue
        found.append(
            Change(
                field,
                _text(before) if field in entry.before else None,
                _text(after) if field in entry.after else None,
            )
        )
    return tuple(found)


def summary(entry: LogEntry) -> str:
    """What an entry changed, in one line.

    >>> from datetime import datetime
    >>> at = datetime(2026, 6, 1, tzinfo=UTC)
    >>> fields = {"before": {"role": "viewer"}, "after": {"role": "admin"}}
    >>> summary(LogEntry(at, "audit", 1, "", "Anna", "member", "b@c.d", **fields))
    'role: viewer → admin'
    """
    said = []
    for one in changes(entry):
        if one.before is None:
            said.append(f"{one.field}: {_short(one.after or '')}")
        else:
            gone = "gone" if one.after is None else _short(one.after)
            said.append(f"{one.field}: {_short(one.before)} → {gone}")
    return "; ".join(said) if said else "nothing that is shown"


def rows(entries: Sequence[LogEntry]) -> list[dict[str, str]]:
    """Entries as rows of a table or a file, by COLUMNS."""
    return [
        dict(
            zip(
                COLUMNS,
                (
                    f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                    one.by,
                    one.service,
                    one.subject,
                    one.subject_id,
                    summary(one),
                ),
                strict=True,
            )
        )
        for one in entries
    ]


def file_rows(entries: Sequence[LogEntry]) -> list[dict[str, str]]:
    """Entries as rows of a file for a spreadsheet, which may hold what anybody wrote.

    A spreadsheet takes a cell that begins with one of these signs for a formula, blanks before it
    or not: a quote in front makes it a text.
    """
    return [
        {name: f"'{cell}" if _is_formula(cell) else cell for name, cell in row.items()}
        for row in rows(entries)
    ]


def _is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _text(value: Any) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _short(value: str) -> str:
    said = " / ".join(value.splitlines())
    return said if len(said) <= SAID else said[: SAID - 1] + "…"
