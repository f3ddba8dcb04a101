"""Which rows of a file keep the contract: the rules are those of `db.writer`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.label_file.chunks import TABLE, Chunk
from db.label_file.outcome import RefusedRow
from db.label_file.values import UnreadableError, read_value, read_values
from db.writer.columns import Columns, RawColumns
from db.writer.contract import Column, Kind
from db.writer.validation import ContractError, check_row

_DTYPES: Final = {
    Kind.TIMESTAMP: "datetime64[us]",
    Kind.DOUBLE: "float64",
    Kind.BOOLEAN: "bool",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows of a chunk.

    Attributes:
        good: those that keep the contract, n of them.
        lines: where each of them begins, shape (n,).
        refused: the others, by line.
    """

    good: Columns
    lines: NDArray[np.int64]
    refused: Sequence[RefusedRow]


def judge(chunk: Chunk, service: str | None, now: datetime) -> Judged:
    """Hold rows to the contract.

    Args:
        chunk: the rows.
        service: what they are of; None where the file says so itself.
        now: the caller's clock, aware.
    """
    refused: dict[int, RefusedRow] = {}
    read: dict[str, list[Any]] = {}
    for column in TABLE.columns:
        if column.name in chunk.columns:
            all_read = read_values(column, chunk.columns[column.name])
            read[column.name] = _read(column, chunk, refused) if all_read is None else all_read
    if service is not None:
        for at, named in enumerate(read.get("service", ())):
            if named not in {service, None}:
                reason = f"service must be {service!r}, whose labels these are said to be"
                refused.setdefault(at, RefusedRow.of(chunk.lines[at], "service", named, reason))
    kept = [at for at in range(len(chunk.lines)) if at not in refused]
    columns: dict[str, Any] = {}
    for column in TABLE.columns:
        if column.name in read:
            values = read[column.name]
            if refused:
                values = [values[at] for at in kept]
            dtype = _DTYPES.get(column.kind)
            columns[column.name] = values if dtype is None else np.array(values, dtype)
    if service is not None:
        columns["service"] = [service] * len(kept)
    raw = RawColumns(TABLE, columns)
    good, bad = raw.check(0, len(raw), now)
    for number in bad.tolist():
        at = kept[number]
        refused[at] = _refusal(raw.row(number), chunk, at, now)
    lines = np.array([chunk.lines[at] for at in kept], np.int64)[good.numbers]
    return Judged(good, lines, sorted([*chunk.refused, *refused.values()]))


def _read(column: Column, chunk: Chunk, refused: dict[int, RefusedRow]) -> list[Any]:
    """A column's values; a row whose value cannot be read is refused, and holds None."""
    values: list[Any] = []
    for at, written in enumerate(chunk.columns[column.name]):
        try:
            values.append(read_value(column, written))
        except UnreadableError as error:
            values.append(None)
            refusal = RefusedRow.of(chunk.lines[at], column.name, written, str(error))
            refused.setdefault(at, refusal)
    return values


def _refusal(row: dict[str, Any], chunk: Chunk, at: int, now: datetime) -> RefusedRow:
    """The sentence about a row that can be read and breaks the contract."""
    try:
        # As Python's own values: a sentence shows nan, not np.float64(nan).
        check_row(TABLE, {name: _plain(value) for name, value in row.items()}, now)
    except ContractError as error:
        written = chunk.columns[error.field][at] if error.field in chunk.columns else None
        return RefusedRow.of(chunk.lines[at], error.field, written, error.reason)
    return RefusedRow.of(chunk.lines[at], "", None, "the row breaks the contract")


def _plain(value: Any) -> Any:
    """A number or truth of numpy's as Python's; its times, which know no zone, as they are."""
    return value.item() if isinstance(value, np.floating | np.bool_) else value
