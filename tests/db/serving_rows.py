"""Rows of metrics.serving_minute, and what their rollups must be, added up in plain Python."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

UPSERT = text("""
    insert into metrics.serving_minute as r (service, minute, datacenter, instance, model_version,
        letters, errors, slow, latency)
    values (:service, :minute, :datacenter, :instance, :model_version,
        :letters, :errors, :slow, :latency)
    on conflict (service, minute, datacenter, instance, model_version) do update
    set letters = excluded.letters, errors = excluded.errors, slow = excluded.slow,
        latency = excluded.latency, written_at = now()
""")


@dataclass(frozen=True)
class Row:
    """One row, its cells by number (1..162, as SQL counts them)."""

    service: str
    minute: datetime
    datacenter: str = "dc1"
    instance: str = "i1"
    model_version: str = "v1"
    cells: tuple[tuple[int, int], ...] = ((40, 90), (81, 9), (82, 1))
    errors: int = 0

    @property
    def latency(self) -> list[int]:
        return cells_of(self.cells)

    @property
    def letters(self) -> int:
        return sum(self.latency) + self.errors

    @property
    def slow(self) -> int:
        return sum(self.latency[81:])

    def values(self) -> dict[str, Any]:
        return {
            "service": self.service,
            "minute": self.minute,
            "datacenter": self.datacenter,
            "instance": self.instance,
            "model_version": self.model_version,
            "letters": self.letters,
            "errors": self.errors,
            "slow": self.slow,
            "latency": self.latency,
        }

    def with_cells(self, *cells: tuple[int, int], errors: int = 0) -> Row:
        return replace(self, cells=cells, errors=errors)


def cells_of(cells: Iterable[tuple[int, int]]) -> list[int]:
    latency = [0] * 162
    for cell, letters in cells:
        latency[cell - 1] += letters
    return latency


def write(where: Engine | Connection, *rows: Row) -> None:
    """Upsert rows as the contract says."""
    if isinstance(where, Engine):
        with where.begin() as connection:
            write(connection, *rows)
    elif rows:
        where.execute(UPSERT, [row.values() for row in rows])


def write_long_ago(where: Engine, written_at: datetime, *rows: Row) -> None:
    """Write rows as if it had been at another time."""
    with where.begin() as connection:
        write(connection, *rows)
        for row in rows:
            connection.execute(
                text(
                    "update metrics.serving_minute set written_at = :written_at where "
                    "service = :service and minute = :minute and datacenter = :datacenter "
                    "and instance = :instance and model_version = :model_version"
                ),
                row.values() | {"written_at": written_at},
            )


def random_rows(
    seed: int, service: str, first: datetime, minutes: int, *, gaps: float = 0.1
) -> list[Row]:
    """Two datacenters, five instances, two versions at once; some minutes and rows are missing."""
    chance = random.Random(seed)
    rows = []
    for index in range(minutes):
        if chance.random() < gaps:
            continue
        for datacenter, instance in (
            ("a", "a1"),
            ("a", "a2"),
            ("a", "a3"),
            ("b", "b1"),
            ("b", "b2"),
        ):
            for version in ("v1", "v2"):
                if chance.random() < 0.4:
                    continue
                cells = tuple(
                    (chance.randrange(1, 163), chance.randrange(0, 100_000))
                    for _ in range(chance.randrange(0, 6))
                )
                rows.append(
                    Row(
                        service,
                        first + index * MINUTE,
                        datacenter,
                        instance,
                        version,
                        cells,
                        chance.choice((0, 0, 7)),
                    )
                )
    return rows


def floor_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def add_up(rows: Iterable[Row], key: Callable[[Row], tuple[Any, ...]]) -> dict[Any, dict[str, Any]]:
    """Sums by key, with the rows' minutes and instances as sets."""
    sums: dict[Any, dict[str, Any]] = {}
    for row in rows:
        entry = sums.setdefault(
            key(row),
            {
                "letters": 0,
                "errors": 0,
                "slow": 0,
                "latency": [0] * 162,
                "rows": 0,
                "minutes": set(),
            },
        )
        entry["letters"] += row.letters
        entry["errors"] += row.errors
        entry["slow"] += row.slow
        entry["latency"] = [a + b for a, b in zip(entry["latency"], row.latency, strict=True)]
        entry["rows"] += 1
        entry["minutes"].add(row.minute)
    return sums


@dataclass(frozen=True)
class Rollups:
    """The three rollups by key, histograms with all of their 162 cells."""

    minutes: dict[Any, Any]
    hours: dict[Any, Any]
    instances: dict[Any, Any]


def expected(rows: Iterable[Row]) -> Rollups:
    """What the rollups of these rows are."""
    kept = list(
        {
            (row.service, row.minute, row.datacenter, row.instance, row.model_version): row
            for row in rows
        }.values()
    )

    def counts(entry: dict[str, Any]) -> tuple[Any, ...]:
        return entry["letters"], entry["errors"], entry["slow"], tuple(entry["latency"])

    minutes = add_up(kept, lambda r: (r.service, r.minute, r.datacenter, r.model_version))
    hours = add_up(kept, lambda r: (r.service, floor_hour(r.minute), r.datacenter, r.model_version))
    instances = add_up(
        kept,
        lambda r: (r.service, floor_hour(r.minute), r.datacenter, r.instance, r.model_version),
    )
    versions = defaultdict(list)
    for r in kept:
        versions[r.service, r.minute, r.datacenter, r.instance].append(r.model_version)
    # An instance with two versions in a minute is one instance, counted with the first of them.
    writing = Counter((*key[:3], min(found)) for key, found in versions.items())
    return Rollups(
        {key: (writing[key], *counts(entry)) for key, entry in minutes.items()},
        {
            key: (len(entry["minutes"]), entry["rows"], *counts(entry))
            for key, entry in hours.items()
        },
        {
            key: (len(entry["minutes"]), max(entry["minutes"]), *counts(entry))
            for key, entry in instances.items()
        },
    )


def stored(engine: Engine, service: str | None = None) -> Rollups:
    """What the store has rolled up; checks on the way that histograms have no empty ends."""

    def read(table: str, keys: str, values: str) -> dict[Any, Any]:
        found = {}
        where = "" if service is None else "where service = :service"
        with engine.connect() as connection:
            rows = connection.execute(
                text(
                    f"select {keys}, {values}, letters, errors, slow, first_cell, latency "
                    f"from rollup.{table} {where}"
                ),
                {} if service is None else {"service": service},
            )
            for row in rows:
                *front, first_cell, trimmed = row
                assert not trimmed or (trimmed[0] != 0 and trimmed[-1] != 0), row
                assert trimmed or first_cell == 1, row
                latency = [0] * (first_cell - 1) + trimmed
                latency += [0] * (162 - len(latency))
                size = keys.count(",") + 1
                found[tuple(front[:size])] = (*front[size:], tuple(latency))
        return found

    return Rollups(
        read("serving_minute", "service, minute, datacenter, model_version", "instances"),
        read(
            "serving_hour", "service, hour, datacenter, model_version", "minutes, instance_minutes"
        ),
        read(
            "instance_hour",
            "service, hour, datacenter, instance, model_version",
            "minutes, last_minute",
        ),
    )


def letters_by_hour(engine: Engine, service: str) -> dict[datetime, int]:
    """Letters of serving_hour."""
    found: dict[datetime, int] = defaultdict(int)
    for (_, hour, *_), (_, _, letters, *_) in stored(engine, service).hours.items():
        found[hour] += letters
    return dict(found)


def versions(engine: Engine) -> set[tuple[str, str, str]]:
    """The physical row versions of everything rolled up: what a needless write would change."""
    found = set()
    with engine.connect() as connection:
        for table in ("serving_minute", "serving_hour", "instance_hour", "hour_state"):
            rows = connection.execute(
                text(f"select ctid::text, xmin::text || '/' || xmax::text from rollup.{table}")
            )
            found |= {(table, place, transactions) for place, transactions in rows}
    return found


def store_time(engine: Engine) -> datetime:
    """The store's clock."""
    with engine.connect() as connection:
        moment: datetime = connection.execute(text("select now()")).scalar_one()
    return moment.astimezone(UTC)
