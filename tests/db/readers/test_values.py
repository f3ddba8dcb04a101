"""Values from rows as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from db.readers.values import value_of


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    count: int
    share: float | None
    days: Decimal
    at: datetime | None
    on: date
    clock: time
    names: tuple[str, ...]
    said: Mapping[str, Any]
    done: bool
    wait: timedelta = timedelta(0)


ROW: dict[str, Any] = {
    "name": "1",
    "count": 2.0,
    "share": 0.5,
    "days": 0.1,
    "at": "2026-06-01T12:00:00+03:00",
    "on": "2026-06-01",
    "clock": "10:00:00",
    "names": ["b", "a"],
    "said": {"a": [1]},
    "done": True,
    "wait": 5,
    "another column": 1,
}


def test_a_field_is_read_by_its_type():
    found = value_of(Thing, ROW, wait=timedelta(minutes=5))
    assert found == Thing(
        "1",
        2,
        0.5,
        Decimal("0.1"),
        datetime(2026, 6, 1, 9, tzinfo=UTC),
        date(2026, 6, 1),
        time(10),
        ("b", "a"),
        {"a": [1]},
        True,
        timedelta(minutes=5),
    )
    assert type(found.count) is int
    assert found.at is not None
    assert found.at.tzinfo is UTC


def test_what_is_not_there_is_none():
    found = value_of(Thing, ROW | {"share": None, "at": None}, wait=timedelta(0))
    assert (found.share, found.at) == (None, None)


def test_a_column_that_is_missing_or_cannot_be_read_is_no_silent_default():
    with pytest.raises(KeyError, match="timedelta"):
        value_of(Thing, ROW)
    without = {name: value for name, value in ROW.items() if name != "on"}
    with pytest.raises(KeyError, match="on"):
        value_of(Thing, without, wait=timedelta(0))
