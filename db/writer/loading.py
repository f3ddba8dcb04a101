"""Sending rows to the store, so that a row that is refused takes no other with it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, Protocol, TypeVar

import psycopg2
from psycopg2.extras import execute_values
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from db.writer.columns import Columns
from db.writer.contract import Table
from db.writer.copying import binary_copy, last_of_each_key
from db.writer.faults import Verdict, connecting, fault, judge, reason
from db.writer.record import Row

#: From here on a COPY into a staging table is quicker than `execute_values`.
STAGE_FROM = 50
#: A row that waits for a lock longer waits in the buffer; a statement that runs longer never ends.
_LIMITS = "set local lock_timeout = '5s'; set local statement_timeout = '60s'"
_STAGING = "greenlight_staging"


class _Pieces(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, rows: slice, /) -> Any: ...


P = TypeVar("P", bound=_Pieces)


class Loader:
    """Writes into the metric tables through an engine; every method is one transaction.

    A method raises StoreFaultError when the store (or its schema) is at fault: then nothing is
    known to be stored, and sending the same rows again is right, since every write is an upsert by
    the contract's key.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._may_stage: bool | None = None
        self._open: set[Any] = set()
        # Known from the first moment: even the first statement may meet a server that is frozen.
        event.listen(engine, "connect", lambda made, _: self._open.add(made), insert=True)
        event.listen(engine, "close", lambda made, _: self._open.discard(made))

    def write_rows(self, rows: Sequence[Row]) -> list[tuple[Row, str]]:
        """Upsert rows in their order: of two with the same key, the later one stands.

        Returns:
            The rows that the store refused, each with the reason.
        """
        by_table: dict[str, list[Row]] = {}
        for row in rows:
            by_table.setdefault(row.table.name, []).append(row)
        refused: list[tuple[Row, str]] = []
        with self._transaction() as cursor:
            for some in by_table.values():

                def write(piece: list[Row]) -> None:
                    self._upsert_rows(cursor, piece)

                for piece, error in _write_or_halve(cursor, some, write):
                    refused.append((piece[0], _refusal(error)))
        return refused

    def write_columns(
        self, columns: Columns, *, new: bool
    ) -> tuple[list[tuple[int, str, str]], bool]:
        """Upsert many rows of one table by COPY.

        Args:
            columns: the rows.
            new: whether to try a plain COPY into the table first, which is the quickest and fails
                if any row exists already.

        Returns:
            The rows that the store refused, as (number in the call, field, reason), and whether all
            others were new.
        """
        all_new = new

        def write(piece: Columns) -> None:
            nonlocal all_new
            if all_new:
                all_new = _copy_new(cursor, piece)
            if not all_new:
                self._upsert_columns(cursor, piece)

        with self._transaction() as cursor:
            refused = [
                (int(piece.numbers[0]), _field(error), _refusal(error))
                for piece, error in _write_or_halve(cursor, columns, write)
            ]
        return refused, all_new

    def close(self) -> None:
        """Close the connections that wait for use."""
        self._engine.dispose()

    def interrupt(self) -> None:
        """Cut every connection, from another thread: a frozen server never answers."""
        for connection in list(self._open):
            with suppress(psycopg2.Error, OSError):
                cut = socket.socket(fileno=os.dup(connection.fileno()))
                with cut:
                    cut.shutdown(socket.SHUT_RDWR)

    def _upsert_rows(self, cursor: Any, rows: list[Row]) -> None:
        table = rows[0].table
        latest = {row.key: row.values for row in rows}  # one statement may touch a key once only
        # In the order of keys: writers of the same rows then wait for each other, not deadlock.
        values = [latest[key] for key in sorted(latest, key=repr)]
        if len(values) < STAGE_FROM or not self._stages(cursor):
            _upsert_values(cursor, table, values)
        else:
            text = "".join("\t".join(map(_copy_text, row)) + "\n" for row in values)
            _upsert_by_staging(cursor, table, BytesIO(text.encode()), "text")

    def _upsert_columns(self, cursor: Any, columns: Columns) -> None:
        latest = columns.take(last_of_each_key(columns))
        if self._stages(cursor):
            _upsert_by_staging(cursor, columns.table, binary_copy(latest), "binary")
        else:
            _upsert_values(cursor, columns.table, latest.rows())

    def _stages(self, cursor: Any) -> bool:
        """Whether this role may make temporary tables; some administrators take that right away."""
        if self._may_stage is None:
            cursor.execute("select has_database_privilege(current_database(), 'temporary')")
            self._may_stage = bool(cursor.fetchone()[0])
        return self._may_stage

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        try:
            pooled = self._engine.raw_connection()
        except (psycopg2.Error, SQLAlchemyError, OSError, RuntimeError) as error:
            raise connecting(error) from error
        connection: Any = pooled.driver_connection
        try:
            connection.set_client_encoding("UTF8")
            with connection.cursor() as cursor:
                cursor.execute(_LIMITS)
                yield cursor
            connection.commit()
        except psycopg2.Error as error:
            pooled.invalidate()
            raise fault(error) from error
        finally:
            pooled.close()


def _write_or_halve(
    cursor: Any, rows: P, write: Callable[[P], None]
) -> Iterator[tuple[P, psycopg2.Error]]:
    """Write all rows; find by halving those that the store refuses, and yield them one a piece.

    Halves are written in order, so that a refused correction leaves the row that it would have
    replaced.
    """
    if not len(rows):
        return
    cursor.execute("savepoint attempt")
    try:
        write(rows)
    except psycopg2.Error as error:
        if judge(error) not in {Verdict.REFUSED, Verdict.EXISTS}:
            raise
        cursor.execute("rollback to savepoint attempt")
        if len(rows) == 1:
            yield rows, error
            return
        half = len(rows) // 2
        yield from _write_or_halve(cursor, rows[:half], write)
        yield from _write_or_halve(cursor, rows[half:], write)
    else:
        cursor.execute("release savepoint attempt")


def _upsert_values(cursor: Any, table: Table, values: Sequence[tuple[Any, ...]]) -> None:
    insert = f"insert into {table.qualified} ({_names(table)}) values %s {_on_conflict(table)}"
    execute_values(cursor, insert, values, page_size=1000)


def _upsert_by_staging(cursor: Any, table: Table, data: BytesIO, form: str) -> None:
    names = _names(table)
    cursor.execute(
        f"create temp table {_STAGING} on commit drop as "  # nosec B608
        f"select {names} from {table.qualified} with no data"
    )
    _copy(cursor, _STAGING, names, data, form)
    cursor.execute(
        f"insert into {table.qualified} ({names}) "  # nosec B608
        f"select {names} from {_STAGING} {_on_conflict(table)}"
    )
    cursor.execute(f"drop table {_STAGING}")


def _copy_new(cursor: Any, columns: Columns) -> bool:
    cursor.execute("savepoint new")
    try:
        table = columns.table
        _copy(cursor, table.qualified, _names(table), binary_copy(columns), "binary")
    except psycopg2.Error as error:
        if judge(error) is not Verdict.EXISTS:
            raise
        cursor.execute("rollback to savepoint new")
        return False
    cursor.execute("release savepoint new")
    return True


def _copy(cursor: Any, into: str, names: str, data: BytesIO, form: str) -> None:
    cursor.copy_expert(f"copy {into} ({names}) from stdin (format {form})", data)


def _names(table: Table) -> str:
    return ", ".join(table.names)


def _on_conflict(table: Table) -> str:
    changed = [f"{name} = excluded.{name}" for name in table.names if name not in table.key]
    if table.has_written_at:
        changed.append("written_at = now()")
    return f"on conflict ({', '.join(table.key)}) do update set {', '.join(changed)}"


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_text(value: Any) -> str:
    if value is None:
        return r"\N"
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)


def _field(error: psycopg2.Error) -> str:
    return error.diag.column_name or error.diag.constraint_name or "row"


def _refusal(error: psycopg2.Error) -> str:
    return f"the store refused the row: {error.diag.message_primary or reason(error)}"
