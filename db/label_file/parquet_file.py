"""Parquet, whose columns say what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db.label_file.chunks import CHUNK_ROWS, TABLE, Chunk, check_header
from db.label_file.outcome import LabelFileError
from db.writer.contract import Kind

MAGIC = b"PAR1"


class ParquetFile:
    """A parquet file of labels."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, service: str | None) -> None:
        """Read the schema.

        Raises:
            LabelFileError: it is no parquet, or has not the columns of labels.
            OSError: it cannot be opened.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._name = path.name
        with path.open("rb") as binary:
            if binary.read(len(MAGIC)) != MAGIC:
                raise LabelFileError(f"{path.name} is not parquet, though it is named so.")
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from error
        schema = self._file.schema_arrow
        check_header(path.name, schema.names, service)
        for column in TABLE.columns:
            if column.kind is Kind.TIMESTAMP:
                kind = schema.field(column.name).type
                if pa.types.is_timestamp(kind) and kind.tz is None:
                    raise LabelFileError(
                        f"The times of '{column.name}' in {path.name} have no time zone: without "
                        "one they do not say which moments they are."
                    )

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in their order, numbered from 1.

        Raises:
            LabelFileError: the file is damaged.
        """
        import pyarrow as pa

        first = 1
        try:
            for batch in self._file.iter_batches(batch_size=CHUNK_ROWS):
                columns = zip(batch.schema.names, batch.columns, strict=True)
                yield Chunk(
                    range(first, first + batch.num_rows),
                    {name: _values(column) for name, column in columns},
                )
                first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> LabelFileError:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return LabelFileError(f"{self._name} cannot be read as parquet: {lines[0].rstrip('.')}.")


def _values(column: Any) -> list[object]:
    """A column's values; times in UTC and to the microsecond, as PostgreSQL keeps them."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(
            pa.timestamp("us", "UTC")
        )
    values: list[object] = column.to_pylist()
    return values
