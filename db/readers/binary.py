"""Long columns out of PostgreSQL without a Python object for each value."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, TextClause

#: What a binary COPY begins with: a signature of 11 bytes, flags and the length of an extension
#: that has never been used (PostgreSQL's documentation of COPY, "Binary Format").
_HEADER_BYTES = 19
_FIELDS = struct.Struct(">h")
_LENGTH = struct.Struct(">i")
#: Types of columns whose values all take the same bytes, as numpy reads them.
INT2, INT4, FLOAT8 = ">i2", ">i4", ">f8"


def copy_rows(
    connection: Connection, statement: TextClause, values: Mapping[str, object]
) -> list[list[memoryview]]:
    """The rows of a query, each field as the bytes that PostgreSQL's own binary format gives it.

    For a few rows of long values (string_agg over int8send). As bytea through the driver, the same
    megabytes are written and read as hexadecimal text, which doubles the time.

    Args:
        connection: inside a snapshot.
        statement: a query with bound parameters, none of whose fields is ever null.
        values: the parameters.
    """
    return _rows(_copied(connection, statement, values))


def copy_records(
    connection: Connection,
    statement: TextClause,
    values: Mapping[str, object],
    columns: Mapping[str, str],
) -> NDArray[np.void]:
    """The rows of a query, all of whose columns have a fixed width, as one structured array.

    For many short rows: nothing is done row by row, neither here nor beyond sending it in
    PostgreSQL.

    Args:
        connection: inside a snapshot.
        statement: a query with bound parameters, none of whose fields is ever null.
        values: the parameters.
        columns: the query's columns in their order, with their types.

    Raises:
        ValueError: the query does not send these columns.
    """
    copied = _copied(connection, statement, values)
    record = np.dtype(
        [("", _FIELDS.format)]
        + [part for name, kind in columns.items() for part in (("", _LENGTH.format), (name, kind))]
    )
    rows, rest = divmod(len(copied) - _HEADER_BYTES - _FIELDS.size, record.itemsize)
    if rest:
        raise ValueError(f"columns == {dict(columns)}, must be those of the query")
    return np.frombuffer(copied, record, rows, _HEADER_BYTES)


def _copied(
    connection: Connection, statement: TextClause, values: Mapping[str, object]
) -> memoryview:
    cursor = connection.connection.cursor()
    try:
        query = cursor.mogrify(str(statement.compile(dialect=connection.dialect)), dict(values))
        copied = io.BytesIO()
        cursor.copy_expert(b"copy (" + query + b") to stdout (format binary)", copied)
    finally:
        cursor.close()
    return copied.getbuffer()


def _rows(copied: memoryview) -> list[list[memoryview]]:
    rows: list[list[memoryview]] = []
    at = _HEADER_BYTES
    while True:
        (fields,) = _FIELDS.unpack_from(copied, at)
        at += _FIELDS.size
        if fields < 0:  # the end is marked by -1 fields
            return rows
        row = []
        for _ in range(fields):
            (length,) = _LENGTH.unpack_from(copied, at)
            at += _LENGTH.size
            row.append(copied[at : at + length])
            at += length
        rows.append(row)
