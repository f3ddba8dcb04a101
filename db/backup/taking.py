"""Taking a backup: one snapshot of every table, while others go on writing."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg2
from sqlalchemy import Connection, Engine, text

from db import schema
from db.backup.contents import (
    MANIFEST,
    SCHEMAS,
    BackupError,
    Contents,
    days_of,
    named,
    quoted,
    tables_of,
)
from db.failures import reason

log = logging.getLogger(__name__)

#: zlib's quickest: counts in columns shrink to a fifth with it already.
LEVEL = 1
# Somebody's transaction that changes a table's form would hold the locks up; so would this one, for
# those who come after it.
_PREPARE = text("""
    select set_config('lock_timeout', '30s', true), set_config('statement_timeout', '0', true),
        set_config('client_encoding', 'UTF8', true), set_config('datestyle', 'ISO', true),
        set_config('intervalstyle', 'postgres', true)""")
_SEQUENCES = text("""
    select schemaname::text, sequencename::text from pg_sequences
    where schemaname = any(:schemas)
    order by schemaname collate "C", sequencename collate "C" """)


def take(engine: Engine, path: Path, progress: Callable[[str], None] = log.info) -> Contents:
    """Write every row of the store into a new file that its owner alone may read.

    All rows are of one moment. Writers and readers go on; days of metrics.serving_minute are
    neither made nor dropped meanwhile. A backup that fails leaves no file.

    Args:
        engine: the store, as the role that owns it.
        path: the file; it must not be there yet.
        progress: told what is being done, in sentences.

    Returns:
        What the backup holds.

    Raises:
        BackupError: the file is there already or cannot be written, or the store has no schema.
        SchemaError: the store is newer than this code.
        DBAPIError: the store cannot be reached.
    """
    if path.exists():
        raise BackupError(f"{path} is there already: a backup never replaces a file.")
    revision = schema.known_revision(engine)
    if revision is None:
        raise BackupError("The store has no schema yet, so that there is nothing to back up.")
    fresh = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with (
                ZipFile(file, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive,
                engine.connect() as connection,
            ):
                found = _copy_all(connection, archive, revision, progress)
                archive.writestr(MANIFEST, found.written())
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error}.") from error
    except psycopg2.Error as error:
        raise BackupError(f"The store was not read to the end: {reason(error)}.") from error
    finally:
        fresh.unlink(missing_ok=True)
    return found


def _copy_all(
    connection: Connection, archive: ZipFile, revision: str, progress: Callable[[str], None]
) -> Contents:
    # The locks come before the first question of the transaction, which fixes its moment: no table
    # vanishes, and no day moves, between the moment and its turn.
    names = ", ".join(named(table) for table in tables_of(connection))
    connection.rollback()
    connection.execute(text("set transaction isolation level repeatable read, read only"))
    connection.execute(text(f"lock table {names} in access share mode"))
    connection.execute(_PREPARE)
    tables = tables_of(connection)
    taken_at, server = connection.execute(
        text("select now(), current_setting('server_version')")
    ).one()
    days = days_of(connection)
    rows: dict[str, int] = {}
    raw: Any = connection.connection
    for table in tables:
        columns = quoted(table.columns)
        with (
            archive.open(table.member, "w", force_zip64=True) as member,
            closing(raw.cursor()) as cursor,
        ):
            cursor.copy_expert(f"copy (select {columns} from {named(table)}) to stdout", member)
            rows[str(table)] = cursor.rowcount
        progress(f"{table}: {rows[str(table)]} rows.")
    # Sequences are of no moment: read last, they are past every row that was read.
    sequences = {
        f"{owner}.{name}": _last(connection, owner, name)
        for owner, name in connection.execute(_SEQUENCES, {"schemas": list(SCHEMAS)}).all()
    }
    moment = taken_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Contents(revision, moment, server, days, tables, rows, sequences)


def _last(connection: Connection, owner: str, name: str) -> tuple[int, bool]:
    sequence = f"{quoted([owner])}.{quoted([name])}"
    last, is_called = connection.execute(
        text(f"select last_value, is_called from {sequence}")
    ).one()
    return int(last), bool(is_called)
