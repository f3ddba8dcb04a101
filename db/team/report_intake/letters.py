"""Reports as they may be shown: made clean, stored, and found again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

import psycopg2
from psycopg2.extras import execute_values
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.text.anonymise import Anonymised
from core.text.normalise import words
from core.text.signature import Signature, signatures
from db.team.report_intake.arrivals import Arrival

log = logging.getLogger(__name__)

Anonymise = Callable[[str], Anonymised]

_COLUMNS = (
    "service", "report_id", "group_id", "text", "anonymiser", "masked", "trouble", "kind", "source",
    "letter_key", "reporter_key", "language", "segment", "sender_domain", "model_version", "score",
    "threshold", "predicted_at", "reported_at", "source_written_at", "taken_at", "withdrawn_at",
)  # fmt: skip
_KEY = ("service", "report_id")
_STORE = f"""
    insert into team.report_letter ({", ".join(_COLUMNS)}) values %s
    on conflict (service, report_id) do update set
    {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)}"""
_COPY = f"copy team.report_letter ({', '.join(_COLUMNS)}) from stdin"
#: Bytes that COPY sends at a time.
_COPIED_AT_ONCE = 1 << 18
_KEPT = text("""
    select report_id, group_id, kind, letter_key, source_written_at, anonymiser, withdrawn_at
    from team.report_letter where service = :service and report_id = any(:report_ids)""")
_WITHDRAWN = text("""
    select letter_key, withdrawn_at from team.withdrawal
    where service = :service and letter_key = any(:letter_keys)""")
_TROUBLED = text("""
    select service, trouble, count(*) over () from team.report_letter where trouble <> ''
    order by taken_at desc, service collate "C", report_id collate "C" limit :sentences""")


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that was taken before."""

    report_id: str
    group_id: int
    kind: str
    letter_key: str
    source_written_at: datetime
    anonymiser: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clean:
    """A report on its way into a group.

    Attributes:
        arrival: as it came; its text goes no further.
        text: as it may be shown; '' where nothing may.
        anonymiser: name and version of the pass that it went through here.
        masked: what that pass masked on top, by kind.
        trouble: why the text could not be anonymised; '' where it could.
        signature: of its words; None where nothing may be kept of them.
        withdrawn_at: when its sender or receiver asked for erasure.
    """

    arrival: Arrival
    text: str
    anonymiser: str
    masked: dict[str, int]
    trouble: str
    signature: Signature | None
    withdrawn_at: datetime | None = None

    def erased(self, at: datetime) -> Clean:
        """The same report with nothing kept of its text."""
        return Clean(self.arrival, "", self.anonymiser, {}, "", None, at)


def clean(arrivals: Sequence[Arrival], anonymise: Anonymise, anonymiser: str) -> list[Clean]:
    """Pass every text through this house's anonymiser, whatever it went through before.

    A text that it cannot process is not shown, and stands in nobody's way.
    """
    texts: list[str] = []
    found: list[tuple[dict[str, int], str]] = []
    for arrival in arrivals:
        try:
            result = anonymise(arrival.text)
        except Exception as error:  # noqa: BLE001 - whatever a letter does to it, the next is taken
            # Neither the message nor the traceback: they may quote the letter.
            kind = type(error).__name__
            log.error("The text of a report cannot be anonymised (%s)", kind)
            texts.append("")
            found.append(({}, kind))
        else:
            texts.append(result.text)
            found.append(({kind: n for kind, n in result.counts.items() if n}, ""))
    spoken = [words(said) for said in texts]
    distinct = list(dict.fromkeys(spoken))
    signed = dict(zip(distinct, signatures(distinct), strict=True))
    return [
        Clean(
            arrival,
            said,
            anonymiser,
            masked,
            f"The text of report {arrival.report_id!r} cannot be anonymised ({trouble}), so it is "
            "not shown."
            if trouble
            else "",
            None if trouble else signed[said_in_it],
        )
        for arrival, said, (masked, trouble), said_in_it in zip(
            arrivals, texts, found, spoken, strict=True
        )
    ]


def kept(connection: Connection, service: str, report_ids: Iterable[str]) -> dict[str, Kept]:
    """Those of the reports that were taken before, by report_id."""
    rows = connection.execute(_KEPT, {"service": service, "report_ids": list(report_ids)})
    return {row.report_id: Kept(*row) for row in rows}


def without_withdrawn(
    connection: Connection, service: str, letters: Sequence[Clean]
) -> list[Clean]:
    """The letters, with nothing left of those whose erasure was asked for."""
    keys = sorted({letter.arrival.letter_key for letter in letters})
    rows = connection.execute(_WITHDRAWN, {"service": service, "letter_keys": keys})
    withdrawn: dict[str, datetime] = {key: at for key, at in rows}  # noqa: C416 - rows are no pairs
    return [
        letter.erased(withdrawn[letter.arrival.letter_key])
        if letter.arrival.letter_key in withdrawn
        else letter
        for letter in letters
    ]


def store(
    connection: Connection,
    service: str,
    placed: Sequence[tuple[Clean, int]],
    taken_at: datetime,
) -> None:
    """Store letters, each with its group; one that is there is replaced."""
    rows = [_row(service, letter, group_id, taken_at) for letter, group_id in placed]
    if rows:
        with cursor(connection) as writing:
            execute_values(writing, _STORE, rows, page_size=500)


def store_new(
    connection: Connection,
    service: str,
    placed: Sequence[tuple[Clean, int]],
    taken_at: datetime,
) -> None:
    """Store letters of which none is there, each with its group, by COPY."""
    copy(
        connection,
        _COPY,
        (
            "\t".join(map(_copied, _row(service, letter, group_id, taken_at)))
            for letter, group_id in placed
        ),
    )


def copy(connection: Connection, statement: str, rows: Iterable[str]) -> None:
    """Send rows by one `copy ... from stdin`, their texts `escaped` and tabs between them."""
    data = StringIO("".join(f"{row}\n" for row in rows))
    with cursor(connection) as writing:
        writing.copy_expert(statement, data, _COPIED_AT_ONCE)


def troubles(connection: Connection, sentences: int) -> list[str]:
    """Sentences about letters that could not be anonymised, newest first."""
    rows = connection.execute(_TROUBLED, {"sentences": sentences}).all()
    found = [f"Service {service!r}: {trouble}" for service, trouble, _ in rows]
    if rows and rows[0][2] > len(rows):
        found.append(f"{rows[0][2] - len(rows)} further texts cannot be anonymised either.")
    return found


@contextmanager
def cursor(connection: Connection) -> Iterator[Any]:
    """psycopg2's own cursor, in the connection's transaction.

    Raises:
        DBAPIError: the store refused what was asked, as SQLAlchemy's own cursors say it.
    """
    writing: Any = connection.connection.cursor()
    try:
        yield writing
    except psycopg2.Error as error:
        raise DBAPIError(None, None, error) from error
    finally:
        writing.close()


def escaped(said: str) -> str:
    """A text as COPY's text format has it."""
    said = said.replace("\\", "\\\\").replace("\t", "\\t")
    return said.replace("\n", "\\n").replace("\r", "\\r")


def _copied(value: Any) -> str:
    if isinstance(value, str):
        return escaped(value)
    return "\\N" if value is None else str(value)


def _row(service: str, letter: Clean, group_id: int, taken_at: datetime) -> tuple[Any, ...]:
    came = letter.arrival
    return (
        service, came.report_id, group_id, letter.text, letter.anonymiser,
        json.dumps(letter.masked, sort_keys=True), letter.trouble, came.kind, came.source,
        came.letter_key, came.reporter_key, came.language, came.segment, came.sender_domain,
        came.model_version, came.score, came.threshold, came.predicted_at, came.reported_at,
        came.written_at, taken_at, letter.withdrawn_at,
    )  # fmt: skip
