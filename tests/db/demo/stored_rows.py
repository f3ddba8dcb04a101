"""What a metric table holds, and what a generator says it should, in a form that compares."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from db.demo.newsletters import relay
from db.demo.newsletters.columns import Columns, joined, picked
from db.writer.contract import TABLES
from db.writer.personal import cleaned_columns


def stored(engine: Engine, table: str) -> list[tuple[Any, ...]]:
    """Every row without written_at, columns in the contract's order, sorted by the key."""
    names = ", ".join(TABLES[table].names)
    with engine.connect() as connection:
        rows = connection.execute(text(f"select {names} from metrics.{table}"))
        return _sorted(table, [tuple(map(_plain, row)) for row in rows])


def expected(table: str, *parts: Columns | None) -> list[tuple[Any, ...]]:
    """The same of generated columns; of rows with the same key the last counts."""
    contract = TABLES[table]
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for part in parts:
        if part is None:
            continue
        size = max(len(value) for value in part.values() if isinstance(value, np.ndarray))
        columns = []
        for column in contract.columns:
            value = part.get(column.name, column.default)
            columns.append(value.tolist() if isinstance(value, np.ndarray) else [value] * size)
        for row in zip(*columns, strict=True):
            named = dict(zip(contract.names, map(_plain, row), strict=True))
            found[tuple(named[name] for name in contract.key)] = tuple(named.values())
    return _sorted(table, list(found.values()))


def anonymised(rows: Columns | None) -> Columns | None:
    """Reports as they are stored: the metric writer anonymises, and the older stack has before."""
    if rows is None:
        return None
    by_relay = relay.of_relay(rows)
    found = [picked(rows, by_relay)]
    if not by_relay.all():
        cleaned = cleaned_columns("false_report", picked(rows, ~by_relay))
        names = ("text", "anonymiser", "letter_key", "reporter_key", "sender_domain")
        found.append(cleaned | {name: np.array(cleaned[name], dtype=object) for name in names})
    return joined(found)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _sorted(table: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    places = [TABLES[table].names.index(name) for name in TABLES[table].key]
    return sorted(rows, key=lambda row: [_key(row[place]) for place in places])


def _key(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
