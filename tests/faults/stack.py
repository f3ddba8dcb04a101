"""A serving stack that goes on writing, and what became of each of its rows.

Every row says its own number in `letters`, so that a lost, doubled or changed one shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from core.timeframe import MINUTE
from db.engine import Role, Store
from db.worker import Worker
from db.writer import MetricWriter
from tests.db.alert_world import World

#: Long ago, so that no clock has anything against it.
BEGIN = datetime(2025, 6, 1, tzinfo=UTC)
SERVICE = "mail"
#: Minutes before the next instance is written for: many rows, few days.
_MINUTES = 24 * 60


@dataclass(frozen=True)
class Fate:
    """What became of the numbers below `written`."""

    written: int
    stored: int
    doubled: int
    strange: int


def fill(store: Store) -> None:
    """Half an hour of a service, rolled up by a worker that has just been here."""
    world = World(store, SERVICE)
    world.write(330, 359)
    worker = Worker(store, now=lambda: world.at(360))
    worker.tick()
    worker.close()
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(text("update rollup.worker set ticked_at = now() + interval '1 hour'"))


def row(number: int) -> dict[str, Any]:
    """The row of a number; each has a key of its own."""
    return {
        "minute": BEGIN + number % _MINUTES * MINUTE,
        "datacenter": "dc1",
        "instance": f"i{number // _MINUTES}",
        "model_version": "v1",
        "letters": number,
        "errors": number,
        "slow": 0,
        "latency": [0] * 162,
    }


def write(metrics: MetricWriter, numbers: Sequence[int]) -> None:
    """Write the rows of some numbers, one after the other."""
    for number in numbers:
        metrics.serving_minute(**row(number))


def clear(store: Store) -> None:
    """Take the rows away, so that those of the next fault are not taken for them."""
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text("delete from metrics.serving_minute where minute >= :begin and minute < :end"),
            {"begin": BEGIN, "end": BEGIN + timedelta(days=1)},
        )


def fate(store: Store, written: int) -> Fate:
    """How many of the rows that were written are stored, each once and as it was."""
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(
            text(
                "select letters, minute, instance from metrics.serving_minute where "
                "service = :service and minute >= :begin and minute < :end"
            ),
            {"service": SERVICE, "begin": BEGIN, "end": BEGIN + timedelta(days=1)},
        ).all()
    as_written = {
        number
        for number, minute, instance in found
        if (row(number)["minute"], row(number)["instance"]) == (minute, instance)
    }
    expected = set(range(written))
    numbers = [number for number, _, _ in found]
    return Fate(
        written,
        len(as_written & expected),
        len(numbers) - len(set(numbers)),
        len(set(numbers) - expected) + len(set(numbers) - as_written),
    )
