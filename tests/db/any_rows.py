"""A row in every table of a store at whatever revision, made from what the catalogue says of it.

Types, references and lists of allowed words are read from the catalogue; what a constraint asks for
beyond that stands in HINTS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, IntegrityError

from db.backup.contents import Table, named, quoted, tables_of

NOON = "2026-06-01T12:00:00+00:00"
#: A value of each type, as PostgreSQL reads it.
OF_TYPE = {
    "text": "word",
    "timestamp with time zone": NOON,
    "date": "2026-06-01",
    "time without time zone": "12:00",
    "boolean": "true",
    "jsonb": "{}",
    "bytea": "\\x00ff",
    "interval": "1 hour",
    "uuid": "00000000-0000-0000-0000-000000000001",
    "smallint": "1",
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "double precision": "0.5",
    "real": "0.5",
}
NUMBERS = {"smallint[]", "integer[]", "bigint[]", "double precision[]", "numeric[]"}
#: Columns that end what others begin: a day later.
ENDS = {"ends_at", "ends_on", "due_on", "until", "leased_until", "expires_at", "finished_at"}
LATER = {"timestamp with time zone": "2026-06-02T12:00:00+00:00", "date": "2026-06-02"}
#: What the constraints of a table ask for beyond types and words; None stands for null.
HINTS: dict[str, dict[str, str | None]] = {
    "metrics.serving_minute": {"latency": "{1" + ",0" * 161 + "}", "errors": "0", "slow": "0"},
    "team.alert_silence": {"matchers": '{"service": "word"}'},
    "team.experiment": {
        "variants": '[{"name": "word", "share": 0.5}, {"name": "b", "share": 0.5}]',
        "guardrails": "[]",
    },
    "team.iteration": {"against_version": "v0"},
    "team.life_cycle_gate": {"evidence": "[]"},
    "team.notification": {"next_attempt_at": NOON, "episode_id": "1"},
}

_COLUMNS = text("""
    select attname::text, format_type(atttypid, null), attnotnull, atthasdef or attidentity <> '',
        attidentity <> ''
    from pg_attribute
    where attrelid = cast(:table as regclass) and attname::text = any(:names)
    order by attnum""")
_REFERENCES = text("""
    select confrelid::regclass::text,
        array(select attname::text from unnest(conkey) with ordinality as k (number, at)
            join pg_attribute on attrelid = conrelid and attnum = number order by at),
        array(select attname::text from unnest(confkey) with ordinality as k (number, at)
            join pg_attribute on attrelid = confrelid and attnum = number order by at)
    from pg_constraint
    where contype = 'f' and conrelid = cast(:table as regclass) and conrelid <> confrelid""")
_CHECKS = text("""
    select pg_get_constraintdef(oid) from pg_constraint
    where contype = 'c' and conrelid = cast(:table as regclass)""")
_WORDS = re.compile(r"\(?\(?(\w+) = ANY \(ARRAY\['([^']*)'")


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    required: bool
    has_default: bool
    numbered: bool


def fill_every_table(connection: Connection) -> dict[str, int]:
    """Put a row or two into every table that is empty.

    Returns:
        Rows of every table, all of them positive.
    """
    return {str(table): _fill(connection, table) for table in tables_of(connection)}


def rows_of(connection: Connection, table: Table) -> list[Any]:
    """Every row of a table, by its stored columns as text, in an order of its own."""
    columns = ", ".join(f"cast({quoted([name])} as text)" for name in table.columns)
    found = connection.execute(text(f"select {columns} from {named(table)}"))
    return sorted(map(tuple, found), key=repr)


def _fill(connection: Connection, table: Table) -> int:
    if not _count(connection, table):
        columns = [
            Column(*row)
            for row in connection.execute(
                _COLUMNS, {"table": named(table), "names": list(table.columns)}
            )
        ]
        values = _values(connection, table, columns)
        needed = {column.name for column in columns if column.required and not column.has_default}
        needed |= {name for name in HINTS.get(str(table), {}) if name in values}
        _insert(connection, table, {name: values[name] for name in needed}, columns)
        _insert_full(connection, table, values, columns)
    return _count(connection, table)


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(text(f"select count(*) from {named(table)}")).scalar_one())


def _values(connection: Connection, table: Table, columns: list[Column]) -> dict[str, str | None]:
    words = {
        name: first
        for definition in connection.execute(_CHECKS, {"table": named(table)}).scalars()
        for name, first in _WORDS.findall(definition)
    }
    found: dict[str, str | None] = {
        column.name: words.get(column.name, _of_type(column)) for column in columns
    }
    for other, own, theirs in connection.execute(_REFERENCES, {"table": named(table)}):
        row = connection.execute(text(f"select {quoted(theirs)} from {other} limit 1")).one()
        found |= {name: str(value) for name, value in zip(own, row, strict=True)}
    hints = HINTS.get(str(table), {})
    return found | {name: hints[name] for name in hints if name in found}


def _of_type(column: Column) -> str:
    if column.kind.endswith("[]"):
        return "{1}" if column.kind in NUMBERS else "{word}"
    kinds = LATER if column.name in ENDS and column.kind in LATER else OF_TYPE
    return kinds[column.kind]


def _insert(
    connection: Connection,
    table: Table,
    values: dict[str, str | None],
    columns: list[Column],
) -> None:
    kinds = {column.name: column.kind for column in columns}
    numbered = {f"v{number}": name for number, name in enumerate(values)}
    casts = ", ".join(f"cast(:{key} as {kinds[name]})" for key, name in numbered.items())
    connection.execute(
        text(
            f"insert into {named(table)} ({quoted(list(values))}) overriding system value "
            f"values ({casts})"
        ),
        {key: values[name] for key, name in numbered.items()},
    )


def _insert_full(
    connection: Connection,
    table: Table,
    values: dict[str, str | None],
    columns: list[Column],
) -> None:
    """A second row with every column, where the constraints let both stand."""
    other = {column.name: values[column.name] for column in columns if not column.numbered}
    for column in columns:
        if values[column.name] == OF_TYPE["text"] and column.kind == "text":
            other[column.name] = "another 'word', \\ and a\ttab"
    try:
        with connection.begin_nested():
            _insert(connection, table, other, columns)
    except (IntegrityError, DataError):
        return
