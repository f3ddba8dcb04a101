"""Judging many rows at once: whole columns of a history, as arrays.

The arrays only tell which rows break the contract; the sentence about a refused row comes from
`validation.check_row`, so that one row and a million are refused in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stats.histogram import CELLS
from db.writer.contract import EARLIEST, MAX_AHEAD, REQUIRED, Column, Kind, Table
from db.writer.validation import MismatchError, check_value

_DTYPES: dict[Kind, str] = {
    Kind.BIGINT: "int64",
    Kind.SMALLINT: "int64",
    Kind.BOOLEAN: "bool",
    Kind.DOUBLE: "float64",
    Kind.TIMESTAMP: "datetime64[us]",
    Kind.DATE: "datetime64[D]",
    Kind.CELLS: "int64",
}


@dataclass(frozen=True)
class Texts:
    """A column of text: its distinct values and which of them each row holds, shape (n,)."""

    distinct: tuple[str, ...]
    codes: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64] | slice) -> Texts:
        """The same column for some of its rows."""
        return Texts(self.distinct, self.codes[rows])


@dataclass(frozen=True)
class Fixed:
    """A column of fixed width: values of shape (n,) or (n, 162); null only where it may be."""

    values: NDArray[Any]
    null: NDArray[np.bool_] | None = None

    def take(self, rows: NDArray[np.int64] | slice) -> Fixed:
        """The same column for some of its rows."""
        return Fixed(self.values[rows], None if self.null is None else self.null[rows])


@dataclass(frozen=True)
class Columns:
    """Rows of one table that keep the contract, by column, and their numbers in the call."""

    table: Table
    fields: Mapping[str, Texts | Fixed]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: NDArray[np.int64] | slice) -> Columns:
        """Some of the rows, by position."""
        fields = {name: field.take(rows) for name, field in self.fields.items()}
        return Columns(self.table, fields, self.numbers[rows])

    def __getitem__(self, rows: slice) -> Columns:
        return self.take(rows)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as psycopg2 takes them: naive UTC times, cells as an array literal."""
        fields = (self.fields[column.name] for column in self.table.columns)
        return list(zip(*(_values(field) for field in fields), strict=True))


class RawColumns:
    """What a caller gave for a table, aligned: every column a scalar or n values."""

    def __init__(self, table: Table, columns: Mapping[str, Any]) -> None:
        """Align the columns.

        Raises:
            ValueError: a column is unknown, missing, or of another length than the rest.
        """
        self.table = table
        if unknown := set(columns) - set(table.names):
            raise ValueError(f"{table.qualified} has no column {', '.join(sorted(unknown))}")
        self._values: dict[str, Any] = {}
        lengths: dict[str, int] = {}
        for column in table.columns:
            value = columns.get(column.name, column.default)
            if value is REQUIRED:
                raise ValueError(f"{table.qualified} needs the column {column.name}")
            aligned = _aligned(value)
            self._values[column.name] = aligned
            if not _is_one(aligned):
                lengths[column.name] = len(aligned)
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"columns of {table.qualified} differ in length: {told}")
        self._length = next(iter(lengths.values()), 1)

    def __len__(self) -> int:
        return self._length

    def row(self, number: int) -> dict[str, Any]:
        """One row as the caller gave it."""
        return {
            name: value if _is_one(value) else value[number] for name, value in self._values.items()
        }

    def check(self, first: int, last: int, now: datetime) -> tuple[Columns, NDArray[np.int64]]:
        """Judge the rows first..last - 1.

        Returns:
            The rows that keep the contract, and the numbers of those that break it.
        """
        n = min(last, self._length) - first
        bad = np.zeros(n, dtype=bool)
        fields: dict[str, Texts | Fixed] = {}
        for column in self.table.columns:
            value = self._values[column.name]
            part = value if _is_one(value) else value[first : first + n]
            field, wrong = _judge(column, part, n, now)
            fields[column.name] = field
            bad |= wrong
        plain = {name: field.values for name, field in fields.items() if isinstance(field, Fixed)}
        for rule in self.table.rules:
            bad |= ~rule.holds(plain)
        columns = Columns(self.table, fields, np.arange(first, first + n))
        if not bad.any():
            return columns, np.empty(0, dtype=np.int64)
        return columns.take(np.flatnonzero(~bad)), np.flatnonzero(bad) + first


def _values(field: Texts | Fixed) -> list[Any]:
    if isinstance(field, Texts):
        return [field.distinct[code] for code in field.codes.tolist()]
    values: list[Any] = field.values.tolist()
    if field.values.ndim == 2:
        return ["{" + ",".join(map(str, cells)) + "}" for cells in values]
    if field.null is None:
        return values
    return [None if null else v for v, null in zip(values, field.null.tolist(), strict=True)]


def _is_one(value: Any) -> bool:
    return isinstance(value, str | bytes) or not isinstance(value, Sequence | np.ndarray)


def _aligned(value: Any) -> Any:
    if hasattr(value, "__array__"):  # numpy's own, and a column of pandas
        array = np.asarray(value)
        return array if array.ndim else array[()]
    if _is_one(value) and isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return list(value)
    return value


def _judge(
    column: Column, values: Any, n: int, now: datetime
) -> tuple[Texts | Fixed, NDArray[np.bool_]]:
    if _is_one(values):
        field, wrong = _judge(column, [values], 1, now)
        everywhere = np.zeros(n, dtype=np.int64)
        return field.take(everywhere), wrong[everywhere]
    if column.kind is Kind.TEXT:
        return _judge_texts(column, values, n, now)
    if isinstance(values, np.ndarray) and values.dtype.kind != "O":
        return _judge_array(column, values, now)
    return _judge_objects(column, values, n, now)


def _judge_texts(
    column: Column, values: Any, n: int, now: datetime
) -> tuple[Texts, NDArray[np.bool_]]:
    if isinstance(values, np.ndarray):
        values = values.tolist()
    seen: dict[str, int] = {}
    # Whatever is no text shares one code, -1.
    codes = np.fromiter(
        (seen.setdefault(v, len(seen)) if isinstance(v, str) else -1 for v in values),
        dtype=np.int64,
        count=n,
    )
    wrong_texts = np.zeros(len(seen) + 1, dtype=bool)
    wrong_texts[-1] = True
    for code, text in enumerate(seen):
        wrong_texts[code] = not _keeps(column, text, now)
    return Texts(tuple(seen), codes), wrong_texts[codes]


def _keeps(column: Column, value: object, now: datetime) -> bool:
    try:
        check_value(column, value, now)
    except MismatchError:
        return False
    return True


def _judge_objects(
    column: Column, values: Sequence[Any], n: int, now: datetime
) -> tuple[Fixed, NDArray[np.bool_]]:
    shape = (n, CELLS) if column.kind is Kind.CELLS else (n,)
    array = np.zeros(shape, dtype=_DTYPES[column.kind])
    wrong = np.zeros(n, dtype=bool)
    null = np.zeros(n, dtype=bool)
    for at, value in enumerate(values):
        try:
            checked = check_value(column, value, now)
        except MismatchError:
            wrong[at] = True
            continue
        if checked is None:
            null[at] = True
        else:
            array[at] = checked.replace(tzinfo=None) if isinstance(checked, datetime) else checked
    return Fixed(array, null if column.nullable else None), wrong


def _judge_array(
    column: Column, values: NDArray[Any], now: datetime
) -> tuple[Fixed, NDArray[np.bool_]]:
    n = len(values)
    fits = {Kind.BOOLEAN: "b", Kind.DOUBLE: "fiu", Kind.TIMESTAMP: "M", Kind.DATE: "M"}
    shape = (CELLS,) if column.kind is Kind.CELLS else ()
    if values.dtype.kind not in fits.get(column.kind, "iu") or values.shape[1:] != shape:
        empty = np.zeros((n, *shape), dtype=_DTYPES[column.kind])
        return Fixed(empty, np.zeros(n, dtype=bool) if column.nullable else None), np.ones(n, bool)
    if values.dtype.kind == "M":
        return _judge_times(column, values, now)
    array = values
    wrong: NDArray[np.bool_] = np.zeros(array.shape, dtype=bool)
    if column.kind is Kind.DOUBLE:
        array = values.astype(np.float64)
        wrong |= ~np.isfinite(array)
    if column.low is not None:
        wrong |= array < column.low
    if column.above is not None:
        wrong |= array <= column.above
    if column.high is not None:
        wrong |= array > column.high
    if shape:
        wrong = np.logical_or.reduce(wrong, axis=1)
    null = np.zeros(n, dtype=bool) if column.nullable else None
    return Fixed(array.astype(_DTYPES[column.kind], copy=False), null), wrong


def _judge_times(
    column: Column, values: NDArray[Any], now: datetime
) -> tuple[Fixed, NDArray[np.bool_]]:
    null = np.isnat(values)
    array = values.astype("datetime64[us]")
    latest = np.datetime64((now + MAX_AHEAD).replace(tzinfo=None), "us")
    wrong = array < np.datetime64(EARLIEST.replace(tzinfo=None), "us")
    if column.kind is Kind.DATE:
        days = array.astype("datetime64[D]")
        wrong |= ~null & ((days != values) | (days > latest.astype("datetime64[D]")))
        array = days
    else:
        wrong |= array > latest
        if column.floor:
            micro = array.view(np.int64) % int(timedelta(seconds=column.floor) / _MICRO)
            wrong |= ~null & (micro != 0)
    if not column.nullable:
        return Fixed(array), wrong | null
    return Fixed(array, null), wrong


_MICRO = timedelta(microseconds=1)
