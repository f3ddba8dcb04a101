"""Restoring a backup into an empty store: all of it, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import psycopg2
from sqlalchemy import Connection, Engine, text

from db import schema
from db.backup.contents import (
    SCHEMAS,
    BackupError,
    Contents,
    Table,
    contents_of,
    named,
    quoted,
    tables_of,
)
from db.failures import reason

log = logging.getLogger(__name__)

_THERE = text("""
    select nspname::text from pg_namespace where nspname = any(:schemas)
    union all
    select 'alembic_version' where to_regclass('alembic_version') is not null""")
_PREPARE = text("""
    select set_config('statement_timeout', '0', true),
        set_config('client_encoding', 'UTF8', true), set_config('datestyle', 'ISO', true),
        set_config('intervalstyle', 'postgres', true)""")


def restore(engine: Engine, path: Path, progress: Callable[[str], None] = log.info) -> Contents:
    """Make the store that a backup was taken from, and bring it to this code's revision.

    Everything happens in one transaction: a restore that fails leaves the store empty, to be tried
    again.

    Args:
        engine: an empty store, as the role that is to own it.
        path: the backup.
        progress: told what is being done, in sentences.

    Returns:
        What the backup held.

    Raises:
        BackupError: the store is not empty, or the file is not a whole backup.
        SchemaError: the backup is newer than this code.
        DBAPIError: the store cannot be reached, or refuses a row.
    """
    try:
        with ZipFile(path) as archive, engine.begin() as connection:
            found = contents_of(archive)
            _refuse_filled(connection)
            schema.upgrade(connection, found.revision)
            _fill(connection, archive, found, progress)
            schema.upgrade(connection)
    except (OSError, BadZipFile) as error:
        raise BackupError(f"{path} cannot be read: {error}.") from error
    except psycopg2.Error as error:
        raise BackupError(f"The backup was not restored: {reason(error)}.") from error
    with engine.begin() as connection:
        connection.execute(text("analyze"))
    return found


def _refuse_filled(connection: Connection) -> None:
    there = sorted(connection.execute(_THERE, {"schemas": list(SCHEMAS)}).scalars())
    if there:
        raise BackupError(
            f"The store is not empty (it has {', '.join(there)}): restore into a new database, or "
            "with GREENLIGHT_DATA set to a new folder."
        )


def _fill(
    connection: Connection, archive: ZipFile, found: Contents, progress: Callable[[str], None]
) -> None:
    connection.execute(_PREPARE)
    _refuse_other_tables(tables_of(connection), found.tables)
    every = ", ".join(named(table) for table in found.tables)
    # What the migrations put there by themselves is in the backup too.
    connection.execute(text(f"truncate {every}"))
    for day in found.days:
        connection.execute(text("select rollup.create_day(cast(:day as date))"), {"day": day})
    raw: Any = connection.connection
    for table in found.tables:
        columns, expected = quoted(table.columns), found.rows[str(table)]
        with archive.open(table.member) as member, closing(raw.cursor()) as cursor:
            cursor.copy_expert(f"copy {named(table)} ({columns}) from stdin", member)
            restored = cursor.rowcount
        if restored != expected:
            raise BackupError(f"{table} should have {expected} rows and got {restored}.")
        progress(f"{table}: {restored} rows.")
    for name, (last, is_called) in found.sequences.items():
        connection.execute(
            text("select setval(cast(:name as regclass), :last, :is_called)"),
            {"name": quoted_path(name), "last": last, "is_called": is_called},
        )


def _refuse_other_tables(here: tuple[Table, ...], there: tuple[Table, ...]) -> None:
    """A store whose tables were changed by hand would lose what this code knows nothing of."""
    made = {str(table): set(table.columns) for table in here}
    strange = [
        str(table) for table in there if not set(table.columns) <= made.get(str(table), set())
    ]
    if strange:
        raise BackupError(
            f"The backup holds what its revision does not know: {', '.join(strange)}. Somebody "
            "changed these tables by hand; they cannot be restored."
        )


def quoted_path(name: str) -> str:
    """A name with its schema as SQL takes it.

    >>> quoted_path("team.audit_change_id_seq")
    '"team"."audit_change_id_seq"'
    """
    owner, _, own = name.partition(".")
    return f"{quoted([owner])}.{quoted([own])}"
