"""A row on its way: what stands in the buffer, in JSON, each value as PostgreSQL reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from db.writer.contract import REQUIRED, TABLES, Table


@dataclass(frozen=True)
class Row:
    """One row, valid by the contract: values in the order of its table's columns.

    Times and dates are ISO texts and cells are an array literal, `{0,12,…}`: PostgreSQL reads both.
    """

    table: Table
    values: tuple[Any, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the key's columns."""
        named = self.named()
        return tuple(named[name] for name in self.table.key)

    def named(self) -> dict[str, Any]:
        """The values by column."""
        return dict(zip(self.table.names, self.values, strict=True))


class UnreadableRecordError(ValueError):
    """A buffered record that this code cannot send; the message says why."""


def encode(table: Table, row: dict[str, Any]) -> bytes:
    """A checked row as the payload of a record, in one line."""
    named = {name: _literal(value) for name, value in row.items()}
    record = {"table": table.name, "row": named}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _literal(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return "{" + ",".join(map(str, value.tolist())) + "}"
    return value.isoformat() if isinstance(value, date) else value


def decode(payload: bytes) -> Row:
    """The row of a record; columns that its writer did not know yet get their defaults.

    Raises:
        UnreadableRecordError: it was written by a newer version, for a table or column unknown
            here.
    """
    record = json.loads(payload)
    table = TABLES.get(record["table"])
    if table is None:
        raise UnreadableRecordError(f"this version knows no table metrics.{record['table']}")
    row = record["row"]
    if unknown := set(row) - set(table.names):
        raise UnreadableRecordError(f"this version knows no {table.qualified}.{min(unknown)}")
    values = tuple(row.get(column.name, column.default) for column in table.columns)
    if REQUIRED in values:
        missing = table.names[values.index(REQUIRED)]
        raise UnreadableRecordError(f"{table.qualified}.{missing} was not written by its version")
    return Row(table, values)
