"""Rows as PostgreSQL's binary COPY takes them, built by numpy.

Rows whose texts have the same lengths are equally wide, so each such group is one structured array;
a history has few of them. The format: https://www.postgresql.org/docs/current/sql-copy.html,
"Binary Format"; a field is its length as int32 and its big-endian bytes, a null the length -1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.stats.histogram import CELLS
from db.writer.columns import Columns, Fixed, Texts
from db.writer.contract import Kind

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_INT4_OID = 23
#: An array of one dimension, without nulls, of int4, with 162 elements, the first numbered 1.
_CELLS_HEADER = (1, 0, _INT4_OID, CELLS, 1)
_POSTGRES_EPOCH_US = int(np.datetime64("2000-01-01", "us").astype(np.int64))
_POSTGRES_EPOCH_DAYS = int(np.datetime64("2000-01-01", "D").astype(np.int64))
_WIRE: Final[dict[Kind, np.dtype[Any]]] = {
    Kind.BIGINT: np.dtype(">i8"),
    Kind.SMALLINT: np.dtype(">i2"),
    Kind.BOOLEAN: np.dtype("u1"),
    Kind.DOUBLE: np.dtype(">f8"),
    Kind.TIMESTAMP: np.dtype(">i8"),
    Kind.DATE: np.dtype(">i4"),
    Kind.CELLS: np.dtype(
        [("header", ">i4", (5,)), ("cells", [("length", ">i4"), ("count", ">i4")], (CELLS,))]
    ),
}


def binary_copy(columns: Columns) -> BytesIO:
    """The whole input of one `copy <table> (<columns in order>) from stdin (format binary)`."""
    stream = BytesIO()
    stream.write(_HEADER)
    for block in _blocks(columns):
        stream.write(block.data)
    stream.write(_TRAILER)
    stream.seek(0)
    return stream


def _blocks(columns: Columns) -> Iterator[NDArray[np.uint8]]:
    fields = [columns.fields[column.name] for column in columns.table.columns]
    kinds = [column.kind for column in columns.table.columns]
    encoded = [
        [text.encode() for text in field.distinct] if isinstance(field, Texts) else []
        for field in fields
    ]
    lengths = [_lengths(*each) for each in zip(fields, kinds, encoded, strict=True)]
    for rows in _groups(len(columns), lengths):
        widths = tuple(
            _WIRE[kind].itemsize if length is None else int(length[rows][0])
            for kind, length in zip(kinds, lengths, strict=True)
        )
        block = np.empty(len(rows), dtype=_row_type(tuple(kinds), widths))
        block["fields"] = len(fields)
        for at, (field, kind) in enumerate(zip(fields, kinds, strict=True)):
            block[f"length_{at}"] = widths[at]
            if widths[at] <= 0:  # an empty text or a null has no bytes
                continue
            if isinstance(field, Texts):
                block[f"value_{at}"] = _texts(field.codes[rows], encoded[at], widths[at])
            else:
                _fill(block[f"value_{at}"], kind, field.values[rows])
        yield block.view(np.uint8)


def _lengths(
    field: Texts | Fixed, kind: Kind, encoded: Sequence[bytes]
) -> NDArray[np.int64] | None:
    if isinstance(field, Texts):
        return np.fromiter(map(len, encoded), np.int64, len(encoded))[field.codes]
    if field.null is None:
        return None
    return np.where(field.null, -1, _WIRE[kind].itemsize)


def _groups(n: int, lengths: Sequence[NDArray[np.int64] | None]) -> Iterator[NDArray[np.int64]]:
    group = np.zeros(n, dtype=np.int64)
    for length in lengths:
        if length is None or not n or (length == length[0]).all():
            continue
        shifted = length - length.min()
        group = group * (int(shifted.max()) + 1) + shifted
        group = np.unique(group, return_inverse=True)[
            1
        ]  # numbered anew, so that it cannot overflow
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order])) + 1
    return (rows for rows in np.split(order, starts) if len(rows))


@lru_cache(maxsize=256)
def _row_type(kinds: tuple[Kind, ...], widths: tuple[int, ...]) -> np.dtype[Any]:
    parts: list[tuple[str, Any]] = [("fields", ">i2")]
    for at, (kind, width) in enumerate(zip(kinds, widths, strict=True)):
        parts.append((f"length_{at}", ">i4"))
        if width > 0:
            parts.append((f"value_{at}", f"S{width}" if kind is Kind.TEXT else _WIRE[kind]))
    return np.dtype(parts)


def _texts(codes: NDArray[np.int64], encoded: Sequence[bytes], width: int) -> NDArray[np.bytes_]:
    used, places = np.unique(codes, return_inverse=True)
    table = np.array([encoded[code] for code in used.tolist()], dtype=f"S{width}")
    return table[places]


def _fill(target: NDArray[Any], kind: Kind, values: NDArray[Any]) -> None:
    if kind is Kind.TIMESTAMP:
        target[...] = values.view(np.int64) - _POSTGRES_EPOCH_US
    elif kind is Kind.DATE:
        target[...] = values.astype("datetime64[D]").view(np.int64) - _POSTGRES_EPOCH_DAYS
    elif kind is Kind.CELLS:
        target["header"] = _CELLS_HEADER
        target["cells"]["length"] = 4
        target["cells"]["count"] = values
    else:
        target[...] = values


def last_of_each_key(columns: Columns) -> NDArray[np.int64]:
    """The positions of the rows that stand when later rows replace earlier ones of the same key."""
    key = np.zeros(len(columns), dtype=np.int64)
    for name in columns.table.key:
        field = columns.fields[name]
        part = field.codes if isinstance(field, Texts) else field.values
        numbered = np.unique(part, return_inverse=True)[1]
        key = key * (int(numbered.max(initial=0)) + 1) + numbered
        key = np.unique(key, return_inverse=True)[1]
    from_the_end = np.unique(key[::-1], return_index=True)[1]
    return np.sort(len(columns) - 1 - from_the_end)
