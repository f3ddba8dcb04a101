"""From a file to labels, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from db.engine import StoreUnreachableError
from db.label_file import staging
from db.label_file.chunks import LabelFile
from db.label_file.csv_file import CsvFile
from db.label_file.judging import judge
from db.label_file.outcome import LabelFileError, LabelImport, Refusals
from db.label_file.parquet_file import MAGIC, ParquetFile
from db.writer.faults import StoreFaultError, Verdict, connecting, fault


def import_labels(
    engine: Engine, path: Path, *, service: str | None, now: datetime, strict: bool = False
) -> LabelImport:
    """Store the labels of a file: all that keep the contract, in one transaction, or none.

    Args:
        engine: the store, as greenlight_serving.
        path: a CSV file in UTF-8, or a parquet file.
        service: what the labels are of; None where a column of the file says so.
        now: the present, aware; labels from more than five minutes after it are refused.
        strict: write nothing if any row is refused.

    Returns:
        What became of the rows. The same file again changes nothing.

    Raises:
        LabelFileError: nothing is written, and why.
        StoreUnreachableError, SchemaError: the store does not work; nothing is known to be written.
    """
    refusals = Refusals()
    rows = 0
    stored = staging.Stored(0, 0, 0)
    file = _opened(path, service)
    with _transaction(engine) as cursor:
        staging.create(cursor)
        for chunk in file.chunks():
            judged = judge(chunk, service, now)
            rows += len(chunk.lines) + len(chunk.refused)
            refusals.add(judged.refused)
            staging.add(cursor, judged.good, judged.lines)
        refusals.add(*staging.take_duplicates(cursor))
        written = not (strict and refusals.total)
        if written:
            stored = staging.upsert(cursor)
    return LabelImport(
        path.name,
        rows,
        stored.inserted,
        stored.changed,
        stored.unchanged,
        refusals.total,
        refusals.first,
        written,
        file.notes,
    )


def _opened(path: Path, service: str | None) -> LabelFile:
    try:
        with path.open("rb") as binary:
            is_parquet = binary.read(len(MAGIC)) == MAGIC
        if is_parquet or path.suffix.lower() in {".parquet", ".pq"}:
            return ParquetFile(path, service)
        return CsvFile(path, service)
    except OSError as error:
        raise LabelFileError(f"{path} cannot be read: {error.strerror}.") from error


@contextmanager
def _transaction(engine: Engine) -> Iterator[Any]:
    """A cursor whose work is committed at the end, or not done at all."""
    try:
        try:
            pooled = engine.raw_connection()
        except (psycopg2.Error, SQLAlchemyError) as error:
            raise connecting(error) from error
        connection: Any = pooled.driver_connection
        try:
            connection.set_client_encoding("UTF8")
            with connection.cursor() as cursor:
                yield cursor
            connection.commit()
        except psycopg2.Error as error:
            pooled.invalidate()
            raise fault(error) from error
        finally:
            pooled.close()  # gives back what was not committed
    except StoreFaultError as error:
        if error.verdict is Verdict.SCHEMA:
            from db.schema import SchemaError  # alembic takes long to import

            raise SchemaError(_capitalised(error)) from error
        raise StoreUnreachableError(
            f"{_capitalised(error)}. Import the file again: labels that are stored already are "
            "left as they are."
        ) from error


def _capitalised(error: StoreFaultError) -> str:
    sentence = str(error)
    return sentence[0].upper() + sentence[1:]
