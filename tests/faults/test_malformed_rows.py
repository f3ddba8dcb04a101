"""Malformed rows of every kind, made from the contract: stored as they are, or refused by name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db.engine import Role, Store
from db.writer import ContractError, MetricWriter
from db.writer.contract import TABLES, Column, Kind
from tests.db.writer.good_rows import GOOD

NAIVE = datetime(2025, 6, 1, tzinfo=UTC).replace(tzinfo=None)
#: What no column takes, or only one of another kind.
ODD = [
    *(None, -1, 0, 2**63, -(2**63) - 1, 10**400, 1.5, math.nan, math.inf, True, Decimal("1.5")),
    *("", "x\0", "\ud800", "Ж" * 5000, b"x", [], {}, object(), [0] * 161, ["x"] * 162),
    *(date(1, 1, 1), date(9999, 12, 31), NAIVE, datetime.max.replace(tzinfo=UTC)),
    *(np.datetime64("NaT"), np.float32("nan"), np.zeros(162, dtype=np.int64), np.bool_(True)),
]
#: Mostly small values of the kind, some of them out of bounds.
LIKELY: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(max_size=8),
    Kind.BIGINT: st.integers(-2, 2**63),
    Kind.SMALLINT: st.integers(-(2**15) - 1, 2**15),
    Kind.DOUBLE: st.floats(),
    Kind.BOOLEAN: st.booleans(),
    Kind.TIMESTAMP: st.datetimes(NAIVE - timedelta(days=9300), NAIVE + timedelta(days=30)).map(
        lambda at: at.replace(tzinfo=UTC)
    ),
    Kind.DATE: st.dates(date(1999, 12, 30), date(2026, 1, 1)),
    Kind.CELLS: st.lists(st.integers(-1, 2**31), min_size=160, max_size=163),
}
#: What the writer names itself.
OWN = {"service", "anonymiser"}


@dataclass
class Numbered:
    """Numbers that have not been used, so that examples do not meet in the store."""

    number: int = 0

    def next(self) -> int:
        self.number += 1
        return self.number


@pytest.fixture(scope="module")
def numbered() -> Numbered:
    return Numbered()


def value_of(column: Column, good: Any) -> st.SearchStrategy[Any]:
    """Mostly the good value, or hardly a row would be wrong in one thing only."""
    odd = st.one_of(st.sampled_from(ODD), LIKELY[column.kind])
    return st.integers(0, 11).flatmap(lambda at: odd if at == 0 else st.just(good))


@st.composite
def rows(draw: st.DrawFn, table: str) -> dict[str, Any]:
    """A row as a serving stack's author might hand it over; what is missing is not in it."""
    row = {}
    for column in TABLES[table].columns:
        if column.name in OWN:
            continue
        good = GOOD[table][column.name]
        if column.name in TABLES[table].key and column.kind is Kind.TEXT:
            good = f"{good} {draw(st.integers(0, 3))}"
        row[column.name] = draw(value_of(column, good))
    return row


def sent(metrics: MetricWriter, table: str, row: dict[str, Any]) -> bool:
    """Whether a row was taken; one that was not is refused by its table, its key and a field."""
    refusals: list[ContractError] = []
    try:
        getattr(metrics, table)(**row)
    except ContractError as error:
        refusals.append(error)
    for refusal in refusals:
        assert refusal.table == table
        assert set(refusal.key) == set(TABLES[table].key)
        assert refusal.field in TABLES[table].names
        assert refusal.field in refusal.reason
        assert len(str(refusal)) < 1000
    return not refusals


def kept_aside(folder: Path) -> Iterator[dict[str, Any]]:
    for name in ("refused.1.jsonl", "refused.jsonl"):
        if (folder / name).exists():
            for line in (folder / name).read_bytes().splitlines():
                yield json.loads(line)


@pytest.mark.parametrize("table", GOOD)
@given(data=st.data())
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_is_stored_or_refused_by_name_and_takes_no_other_with_it(
    table: str, data: st.DataObject, store: Store, tmp_path: Path, numbered: Numbered
):
    batch = data.draw(st.lists(rows(table), min_size=1, max_size=8))
    number = numbered.next()
    service, folder = f"s{number}", tmp_path / str(number)
    with MetricWriter(store, service=service, buffer=folder) as metrics:
        taken = [row for row in batch if sent(metrics, table, row)]
        assert metrics.flush()
        assert metrics.refused == len(batch) - len(taken), "what is taken, the store takes too"
        assert metrics.dropped_rows == 0
        metrics.close(orderly=False)
    keys = {repr([_plain(row[name]) for name in TABLES[table].key[1:]]) for row in taken}
    with store.engine(Role.APP).connect() as connection:
        stored = connection.execute(
            text(f"select count(*) from metrics.{table} where service = :service"),
            {"service": service},
        ).scalar_one()
    assert stored == len(keys)
    reasons = [one["reason"] for one in kept_aside(folder)]
    assert len(reasons) == len(batch) - len(taken)
    assert all(reasons)


def _plain(value: Any) -> Any:
    """A key's value as the store tells it from another: True is 1, and a time is a moment."""
    if isinstance(value, np.generic):
        return _plain(value.item())
    return value.timestamp() if isinstance(value, datetime) else value
