"""Whole columns at once: what they correct, and which are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, text

from db.engine import Role, Store
from db.writer import MetricWriter
from tests.db.writer.written_rows import (
    ROWS,
    minute_columns,
    stored,
    without_written_at,
    write_minute,
)


def test_the_last_of_two_rows_in_one_load_stands(writer: MetricWriter, store: Store) -> None:
    columns = minute_columns(300)
    columns["minute"] = columns["minute"][np.arange(300) % 3]
    columns["instance"] = "a"
    assert writer.load("serving_minute", columns) == 300
    assert [row["letters"] for row in stored(store, "serving_minute")] == [297, 298, 299]


def test_a_load_corrects_what_is_there_and_adds_what_is_not(
    writer: MetricWriter, store: Store
) -> None:
    columns = minute_columns(9000)
    half = {name: value[:4500] if np.ndim(value) else value for name, value in columns.items()}
    writer.load("serving_minute", half | {"slow": 0, "model_version": "v12"})
    before = stored(store, "serving_minute", "minute")[0]["written_at"]
    columns["slow"] = np.minimum(columns["letters"], 1)
    assert writer.load("serving_minute", columns) == 9000
    rows = stored(store, "serving_minute", "minute")
    assert [row["letters"] for row in rows] == list(range(9000))
    assert sum(row["slow"] for row in rows) == 8999
    assert rows[0]["written_at"] > before


def test_a_load_goes_behind_the_rows_queued_before_it(writer: MetricWriter, store: Store) -> None:
    write_minute(writer, 0, 1, instance="instance-0")
    writer.load("serving_minute", minute_columns(1) | {"letters": [0]})
    writer.flush()
    assert [row["letters"] for row in stored(store, "serving_minute")] == [0]


def test_a_load_takes_lists_arrays_and_scalars_alike(writer: MetricWriter, store: Store) -> None:
    columns = {
        "day": np.array(["2025-06-01", "2025-06-02"], dtype="M8[D]"),
        "metric": np.array(["letters", "sessions"]),
        "value": [1, 2.5],
        "segment": np.array(["all", "ru"], dtype=object),
        "service": ["a", "b"],
    }
    assert writer.load("product_day", columns) == 2
    rows = stored(store, "product_day")
    assert [tuple(without_written_at(row).values()) for row in rows] == [
        ("a", date(2025, 6, 1), "letters", "all", 1.0),
        ("b", date(2025, 6, 2), "sessions", "ru", 2.5),
    ]
    assert writer.load("product_day", {name: [] for name in columns}) == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"surprise": 1}, "has no column surprise"),
        ({"letters": [1, 2]}, "differ in length"),
    ],
)
def test_columns_that_do_not_fit_are_refused_before_anything_is_written(
    writer: MetricWriter, store: Store, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        writer.load("serving_minute", minute_columns(3) | changes)
    incomplete = {k: v for k, v in minute_columns(3).items() if k != "latency"}
    with pytest.raises(ValueError, match="needs the column latency"):
        writer.load("serving_minute", incomplete)
    with pytest.raises(ValueError, match=r"there is no table metrics\.minutes"):
        writer.load("minutes", {})
    assert stored(store, "serving_minute") == []


def test_without_the_right_to_temporary_tables_rows_are_written_by_values(
    store: Store, database: URL, tmp_path: Path
) -> None:
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text(f'revoke temporary on database "{database.database}" from public'))
    with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
        for at in range(100):
            write_minute(metrics, at)
        assert metrics.flush()
        assert metrics.load("serving_minute", minute_columns(100) | {"instance": "dc1-07"}) == 100
        runs = ROWS["training_run"]
        assert metrics.load("training_run", {k: [v, v] for k, v in runs.items()}) == 2
    rows = stored(store, "serving_minute", "minute")
    assert [row["letters"] for row in rows] == list(range(100))
    assert [row["latency"][40] for row in rows] == list(range(100))
    assert stored(store, "training_run")[0]["finished_at"] is None
