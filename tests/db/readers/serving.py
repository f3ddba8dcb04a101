"""Random serving rows, how they get into a store, and the sums over them in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from psycopg2.extras import execute_values
from sqlalchemy import Engine, text

from db import rollup
from db.engine import Role, Store

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
#: An hour in the past on every machine that runs these tests.
BEGIN = datetime(2025, 3, 10, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One row of metrics.serving_minute."""

    service: str
    minute: datetime
    datacenter: str
    instance: str
    version: str
    letters: int
    errors: int
    slow: int
    cells: tuple[int, ...]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.array([self.letters, self.errors, self.slow])

    @property
    def series(self) -> str:
        return f"{self.datacenter}/{self.instance}"


def row(minute: datetime, *, letters: int = 100, errors: int = 0, slow: int = 0, **key: str) -> Row:
    """A row whose answered letters lie in cells 41 and, where slow, 101."""
    names = {"service": "mail", "datacenter": "dc-a", "instance": "i1", "version": "v1"} | key
    cells = [0] * 162
    cells[40], cells[100] = letters - errors - slow, slow
    return Row(
        minute=minute, letters=letters, errors=errors, slow=slow, cells=tuple(cells), **names
    )


def random_row(rng: np.random.Generator, minute: datetime, **key: str) -> Row:
    """A row with latencies around a few milliseconds, or without any letters."""
    letters = int(rng.integers(0, 400)) if rng.random() > 0.05 else 0
    errors = int(rng.binomial(letters, 0.02))
    middle = int(rng.integers(20, 90))
    at = np.clip(rng.normal(middle, 12, letters - errors).astype(int), 0, 161)
    cells = np.bincount(at, minlength=162)
    slow = int(cells[81:].sum())
    plain = row(minute, letters=letters, errors=errors, **key)
    return replace(plain, slow=slow, cells=tuple(cells.tolist()))


def random_rows(rng: np.random.Generator, hours: int = 5) -> Iterator[Row]:
    """Two datacenters, three instances, a release that takes both versions through some minutes.

    In the third hour the datacenters take turns, and for ten minutes nobody writes; nor does
    anybody in the last half of the fourth hour.
    """
    for at in range(hours * 60):
        minute = BEGIN + at * MINUTE
        hour, of_hour = divmod(at, 60)
        for datacenter, instance in (("Москва", "и1"), ("Москва", "и2"), ("dc-b", "b1")):
            turn = of_hour < 25 if datacenter == "dc-b" else of_hour >= 35
            if (hour == 2 and not turn) or (hour == 3 and of_hour >= 30) or rng.random() < 0.1:
                continue
            versions = ["v1"] if at < 70 else ["v1", "v2"] if at < 100 else ["v2"]
            for version in versions:
                key = {"datacenter": datacenter, "instance": instance, "version": version}
                yield random_row(rng, minute, **key)


def write(store: Store, rows: Iterable[Row]) -> None:
    """Upsert rows as a serving stack does."""
    connection = store.engine(Role.SERVING).raw_connection()
    try:
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                "insert into metrics.serving_minute (service, minute, datacenter, instance, "
                "model_version, letters, errors, slow, latency) values %s "
                "on conflict (service, minute, datacenter, instance, model_version) do update set "
                "letters = excluded.letters, errors = excluded.errors, slow = excluded.slow, "
                "latency = excluded.latency, written_at = now()",
                [
                    (
                        one.service,
                        one.minute,
                        one.datacenter,
                        one.instance,
                        one.version,
                        one.letters,
                        one.errors,
                        one.slow,
                        list(one.cells),
                    )
                    for one in rows
                ],
            )
        connection.commit()
    finally:
        connection.close()


def tick(store: Store) -> None:
    """What the worker does first in a tick: roll up what has changed."""
    outcome = rollup.catch_up(store.engine(Role.WORKER))
    assert not outcome.errors
    assert not outcome.pending


def execute(engine: Engine, statement: str, **values: object) -> None:
    """Run one statement and commit it."""
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def within(rows: Sequence[Row], start: datetime, end: datetime) -> list[Row]:
    """The rows of a span."""
    return [one for one in rows if start <= one.minute < end]


def total(rows: Sequence[Row]) -> list[int]:
    """Letters, errors and slow letters, then the 162 cells."""
    if not rows:
        return [0] * 165
    counts = np.sum([one.counts for one in rows], axis=0)
    return [*counts.tolist(), *np.sum([one.cells for one in rows], axis=0).tolist()]
