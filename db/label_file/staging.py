"""A temporary table that takes a file's rows, and the one statement that makes labels of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg2
from numpy.typing import NDArray

from db.label_file.chunks import TABLE
from db.label_file.outcome import LISTED, LabelFileError, RefusedRow
from db.writer.columns import Columns, Fixed
from db.writer.contract import Column, Kind, Table
from db.writer.copying import binary_copy
from db.writer.faults import Verdict, judge, reason

_NAMES = ", ".join(TABLE.names)
_KEY = ", ".join(TABLE.key)
_STAGING = "greenlight_label_file"
#: A label, and the line of the file that it stands in.
_STAGED = Table(_STAGING, TABLE.key, (*TABLE.columns, Column("line", Kind.BIGINT)))

#: An import may take its time, but does not wait for long behind somebody else's rows.
_CREATE = f"""
    set local lock_timeout = '10s';
    set local work_mem = '64MB';
    create temp table {_STAGING} on commit drop as
        select {_NAMES}, 0::bigint as line from {TABLE.qualified} with no data"""
# A key that stands in several lines is taken from the first of them.
_TAKE_DUPLICATES = f"""
    with firsts as (
        select {_KEY}, min(line) as first from {_STAGING} group by {_KEY} having count(*) > 1),
    taken as (
        delete from {_STAGING} as later using firsts
        where (later.service, later.model_version, later.letter_id)
                = (firsts.service, firsts.model_version, firsts.letter_id)
            and later.line > firsts.first
        returning later.line, later.letter_id, firsts.first)
    select line, letter_id, first, count(*) over () from taken order by line limit {LISTED}"""
_VALUES = [name for name in TABLE.names if name not in TABLE.key]
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in _VALUES)
_STORED, _EXCLUDED, _GIVEN = (
    ", ".join(f"{side}.{name}" for name in _VALUES) for side in ("stored", "excluded", "given")
)
_SAME_KEY = " and ".join(f"stored.{name} = given.{name}" for name in TABLE.key)
# Rows that are stored just so are left out beforehand: to find that out one by one, on conflict,
# locks every one of them. In the order of keys, so that two imports wait for each other and do not
# deadlock. A row that was only now inserted has no older version that a transaction has marked
# (xmax).
_UPSERT = f"""
    with written as (
        insert into {TABLE.qualified} as stored ({_NAMES})
        select {_NAMES} from {_STAGING} as given
        where not exists (
            select from {TABLE.qualified} as stored
            where {_SAME_KEY} and ({_STORED}) is not distinct from ({_GIVEN}))
        order by {_KEY}
        on conflict ({_KEY}) do update set {_CHANGES}, written_at = now()
        where ({_STORED}) is distinct from ({_EXCLUDED})
        returning xmax = 0 as new)
    select count(*) filter (where new), count(*) filter (where not new),
        (select count(*) from {_STAGING})
    from written"""
_BROKEN_CHECK = """
    select pg_get_expr(conbin, conrelid) from pg_constraint
    where conrelid = cast(%s as regclass) and conname = %s and contype = 'c'"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What an upsert did, in labels."""

    inserted: int
    changed: int
    unchanged: int


def create(cursor: Any) -> None:
    """Make the table, for this transaction.

    Raises:
        LabelFileError: the role may not.
    """
    cursor.execute("select has_database_privilege(current_database(), 'temporary')")
    if not cursor.fetchone()[0]:
        raise LabelFileError(
            "Labels from a file go through a temporary table, which this role may not make. Run: "
            "grant temporary on database ... to greenlight_serving"
        )
    cursor.execute(_CREATE)


def add(cursor: Any, good: Columns, lines: NDArray[np.int64]) -> None:
    """Add rows that keep the contract, each with its line."""
    if len(good):
        rows = Columns(_STAGED, {**good.fields, "line": Fixed(lines)}, good.numbers)
        copy = f"copy {_STAGING} ({_NAMES}, line) from stdin (format binary)"
        cursor.copy_expert(copy, binary_copy(rows))


def take_duplicates(cursor: Any) -> tuple[list[RefusedRow], int]:
    """Take out rows whose key stands in an earlier line already.

    Returns:
        The first of them, by line, and how many they are.
    """
    cursor.execute(f"analyze {_STAGING}")
    cursor.execute(_TAKE_DUPLICATES)
    rows = cursor.fetchall()
    refused = [
        RefusedRow.of(line, "letter_id", letter, f"the letter is in line {first} already")
        for line, letter, first, _ in rows
    ]
    return refused, rows[0][3] if rows else 0


def upsert(cursor: Any) -> Stored:
    """Make labels of all rows; one that is stored just so is not written again.

    Raises:
        LabelFileError: the database refuses a row. Nothing is written then.
    """
    cursor.execute("savepoint staged")
    try:
        cursor.execute(_UPSERT)
    except psycopg2.Error as error:
        if judge(error) is not Verdict.REFUSED:
            raise
        cursor.execute("rollback to savepoint staged")
        raise LabelFileError(_sentence(cursor, error)) from error
    inserted, changed, rows = cursor.fetchone()
    return Stored(inserted, changed, rows - inserted - changed)


def _sentence(cursor: Any, error: psycopg2.Error) -> str:
    line = None
    cursor.execute(_BROKEN_CHECK, (TABLE.qualified, error.diag.constraint_name))
    if check := cursor.fetchone():
        cursor.execute(  # the check's text is the catalogue's own
            f"select min(line) from (select *, now() as written_at from {_STAGING}) as staged "  # nosec B608
            f"where not ({check[0]})"
        )
        line = cursor.fetchone()[0]
    row = "a row" if line is None else f"line {line}"
    why = error.diag.message_primary or reason(error)
    return f"Nothing is written: the store refuses {row} ({why})."
