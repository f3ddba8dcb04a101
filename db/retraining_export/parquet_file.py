"""Rows as parquet, with settings that leave nothing to the version's or the machine's taste."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.false_reports.retraining_manifest import COLUMNS

_HALVES = re.compile("[\ud800-\udfff]")
#: Rows in memory before they are written: a row group.
GROUP_ROWS = 5_000


def schema() -> Any:
    """The columns as arrow types; times are UTC to the microsecond."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int": pa.int64(),
        "float": pa.float64(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    nullable = {"float"}  # a threshold that was no number
    return pa.schema(
        [
            pa.field(column.name, types[column.type], nullable=column.type in nullable)
            for column in COLUMNS
        ]
    )


class ParquetRows:
    """A parquet file that is written row by row, and whole when its block has ended."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._schema = schema()
        self._rows: list[Mapping[str, Any]] = []
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            version="2.6",
            data_page_version="1.0",
            compression="zstd",
            compression_level=3,
            use_dictionary=[
                column.name
                for column in COLUMNS
                if column.name in {"kind", "language", "segment", "source", "model_version"}
            ],
            write_statistics=True,
            store_schema=True,
        )

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row as `core.false_reports.retraining_manifest.in_order` leaves it."""
        self._rows.append(row)
        if len(self._rows) == GROUP_ROWS:
            self._write()

    def __enter__(self) -> ParquetRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what is left, and the footer; of an export that fails, only close the file."""
        try:
            if kind is None:
                self._write()
        finally:
            self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        if self._rows:
            columns = [
                _array([row[field.name] for row in self._rows], field.type)
                for field in self._schema
            ]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
            self._rows = []


def _array(values: list[Any], kind: Any) -> Any:
    """A column of a row group. Column by column takes a fifth of the time of row by row."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(kind)
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        # Half a surrogate is no character of UTF-8, which is all that parquet keeps.
        return pa.array([_HALVES.sub("\ufffd", value) for value in values], kind)
