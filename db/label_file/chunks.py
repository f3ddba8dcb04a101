"""Rows of a file as it holds them, some at a time, and which columns a file may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core import wording
from db.label_file.outcome import LabelFileError, RefusedRow
from db.writer.contract import REQUIRED, TABLES

TABLE = TABLES["labelled_letter"]
#: Rows in memory at once: some 30 MB of Python's values.
CHUNK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, by column.

    Attributes:
        lines: where each row begins in the file, n of them.
        columns: n values each, as the file gives them: text out of CSV, typed out of parquet.
        refused: rows that could not even be cut into columns; they are in neither of the others.
    """

    lines: Sequence[int]
    columns: Mapping[str, Sequence[object]]
    refused: Sequence[RefusedRow] = field(default=())


class LabelFile(Protocol):
    """An open file."""

    notes: tuple[str, ...]

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in their order.

        Raises:
            LabelFileError: the file cannot be read on.
        """


def check_header(name: str, header: Sequence[str], service: str | None) -> None:
    """See that a file has the columns it needs and no others.

    Args:
        name: of the file.
        header: its columns.
        service: what its rows are of, if the caller said so.

    Raises:
        LabelFileError: a column is missing, unknown, or there twice.
    """
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise LabelFileError(f"{name} has the column {_quoted(twice)} more than once.")
    optional = {column.name for column in TABLE.columns if column.default is not REQUIRED}
    if service is not None:
        optional.add("service")
    if missing := [one for one in TABLE.names if one not in optional and one not in header]:
        hint = " Name the service, or add the column." if "service" in missing else ""
        raise LabelFileError(
            f"{name} lacks {_columns(missing)}.{hint} Its columns are {_quoted(header)}."
        )
    if unknown := [one for one in header if one not in TABLE.names]:
        raise LabelFileError(
            f"{name} has {_columns(unknown)}, which labels do not have. "
            f"Their columns are {wording.listing(list(TABLE.names))}."
        )


def _columns(names: Sequence[str]) -> str:
    return f"the column{'' if len(names) == 1 else 's'} {_quoted(names)}"


def _quoted(names: Sequence[str]) -> str:
    return wording.listing([f"'{name}'" for name in names])
