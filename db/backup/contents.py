"""What a backup holds: which tables, in which order, and the list of contents in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Connection, text

#: The version of the file's own form; a reader refuses one that it does not know.
FORMAT = 1
MANIFEST = "manifest.json"
SCHEMAS = ("metrics", "rollup", "team")

# Partitions are parts of their table, and generated columns follow from the others.
_TABLES = text("""
    select relation.oid, relnamespace::regnamespace::text, relname, array_agg(attname::text
        order by attnum)
    from pg_class as relation join pg_attribute on attrelid = relation.oid
    where relkind in ('r', 'p') and not relispartition
        and relnamespace::regnamespace::text = any(:schemas)
        and attnum > 0 and not attisdropped and attgenerated = ''
    group by relation.oid, relnamespace, relname
    order by relnamespace::regnamespace::text collate "C", relname collate "C" """)
_REFERENCES = text("""
    select conrelid, confrelid from pg_constraint
    where contype = 'f' and conrelid <> confrelid and conparentid = 0""")
_DAYS = text("""
    select right(relname, 8) from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'metrics.serving_minute'::regclass
        and relname ~ '^serving_minute_[0-9]{8}$'
    order by 1""")


class BackupError(RuntimeError):
    """A backup cannot be taken or restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the store: its schema, its name and the columns that are stored."""

    schema: str
    name: str
    columns: tuple[str, ...]

    @property
    def member(self) -> str:
        """The file within the backup that holds its rows, as COPY writes them."""
        return f"{self.schema}.{self.name}.copy"

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Contents:
    """The list of contents.

    Attributes:
        revision: the schema's revision.
        taken_at: when, ISO 8601 UTC: the moment that all rows are of.
        server: the version of PostgreSQL that they came from.
        days: days of metrics.serving_minute with a partition, as YYYYMMDD.
        tables: every table, those that others refer to first.
        rows: how many rows each holds, by 'schema.name'.
        sequences: the last value of each, and whether it was handed out, by 'schema.name'.
    """

    revision: str
    taken_at: str
    server: str
    days: tuple[str, ...]
    tables: tuple[Table, ...]
    rows: Mapping[str, int]
    sequences: Mapping[str, tuple[int, bool]]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def written(self) -> str:
        """As the file holds it."""
        return json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=1)


def contents_of(archive: ZipFile) -> Contents:
    """Read the list of contents of a backup.

    Raises:
        BackupError: the file is no backup, or of a form that this code does not know.
    """
    try:
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        found = told.pop("format")
        if found != FORMAT:
            raise BackupError(f"The backup is of form {found}; this code reads form {FORMAT}.")
        tables = tuple(
            Table(one["schema"], one["name"], tuple(one["columns"])) for one in told.pop("tables")
        )
        days = tuple(told.pop("days"))
        sequences = {
            name: (int(last), bool(is_called))
            for name, (last, is_called) in told.pop("sequences").items()
        }
        return Contents(**told, days=days, tables=tables, sequences=sequences)
    except (KeyError, TypeError, ValueError, BadZipFile) as error:
        raise BackupError("The file is not a backup of Greenlight, or it is damaged.") from error


def tables_of(connection: Connection) -> tuple[Table, ...]:
    """Every table of the store, each after those that it refers to.

    Raises:
        BackupError: two tables refer to each other, so that neither can be filled first.
    """
    found = {
        oid: Table(schema, name, tuple(columns))
        for oid, schema, name, columns in connection.execute(_TABLES, {"schemas": list(SCHEMAS)})
    }
    order: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(found, ()))
    for referring, referred in connection.execute(_REFERENCES):
        if referring in found and referred in found:
            order.add(referring, referred)
    try:
        return tuple(found[oid] for oid in order.static_order())
    except CycleError as error:
        cycle = ", ".join(str(found[oid]) for oid in error.args[1])
        raise BackupError(f"These tables refer to each other: {cycle}.") from error


def days_of(connection: Connection) -> tuple[str, ...]:
    """The days of metrics.serving_minute that have a partition, as YYYYMMDD."""
    return tuple(connection.execute(_DAYS).scalars())


def quoted(names: Sequence[str]) -> str:
    """Names of the catalogue as SQL takes them.

    >>> quoted(["service", 'a "b'])
    '"service", "a ""b"'
    """
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def named(table: Table) -> str:
    """A table's name as SQL takes it."""
    return f"{quoted([table.schema])}.{quoted([table.name])}"
