"""Rows of every metric table through MetricWriter on a real PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, text

from db.engine import Role, Store
from db.writer import ContractError, MetricWriter, latency_cells
from tests.db.writer.written_rows import (
    ALL_TABLES,
    MINUTE,
    NASTY,
    ROWS,
    stored,
    without_written_at,
    write_minute,
)

MOSCOW = timezone(timedelta(hours=3))


@pytest.fixture
def database(emptied_database: URL) -> URL:
    """One for all tests of a module, emptied before each."""
    return emptied_database


@ALL_TABLES
def test_a_row_is_read_back_as_it_was_written(
    table: str, writer: MetricWriter, store: Store
) -> None:
    getattr(writer, table)(**ROWS[table])
    assert writer.flush()
    assert [without_written_at(row) for row in stored(store, table)] == [
        {"service": "почта", **ROWS[table]}
    ]


@ALL_TABLES
def test_a_loaded_column_is_read_back_as_it_was_written(
    table: str, writer: MetricWriter, store: Store
) -> None:
    one = {name: [value] for name, value in ROWS[table].items()}
    assert writer.load(table, one) == 1
    assert writer.load(table, one) == 1  # and once more over the row that is there
    assert [without_written_at(row) for row in stored(store, table)] == [
        {"service": "почта", **ROWS[table]}
    ]


@ALL_TABLES
def test_the_same_row_twice_is_one_row_and_a_later_one_corrects_it(
    table: str, writer: MetricWriter, store: Store
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "serving_minute": {"letters": 11, "latency": [1, *ROWS["serving_minute"]["latency"][1:]]},
        "heartbeat": {"stopped_at": MINUTE + timedelta(minutes=8)},
        "score_hour": {"letters": 0},
        "labelled_letter": {"label": False},
        "false_report": {"kind": "false_negative"},
        "experiment_bucket_day": {"revenue": 0.0},
        "experiment_bucket_before": {"users": 9},
        "product_day": {"value": -1.0},
        "deployment": {"threshold": 0.93},
        "shadow_hour": {"candidate_slow": 0},
        "training_run": {"status": "succeeded", "finished_at": MINUTE + timedelta(hours=9)},
    }
    write = getattr(writer, table)
    corrected = ROWS[table] | changes[table]
    write(**ROWS[table])
    write(**ROWS[table])
    writer.flush()
    (first,) = stored(store, table)
    write(**corrected)
    writer.flush()
    (row,) = stored(store, table)
    assert without_written_at(row) == {"service": "почта", **corrected}
    if table != "heartbeat":
        assert row["written_at"] > first["written_at"]


def test_defaults_of_the_contract_are_filled_in(writer: MetricWriter, store: Store) -> None:
    writer.product_day(day=date(2025, 6, 1), metric="letters", value=3)
    writer.load("product_day", {"day": date(2025, 6, 2), "metric": ["sessions"], "value": 4.0})
    writer.flush()
    assert [row["segment"] for row in stored(store, "product_day")] == ["all", "all"]


def test_a_minute_of_latencies_becomes_letters_slow_and_cells(
    writer: MetricWriter, store: Store
) -> None:
    milliseconds = np.array([0.1, 19.9, 20.0, 20.1, 700.0])
    key = {"datacenter": "dc1", "instance": "a", "model_version": "v12"}
    writer.serving_minute(minute=MINUTE, milliseconds=milliseconds, errors=2, **key)
    later = MINUTE + timedelta(minutes=1)
    writer.serving_minute(minute=later, milliseconds=milliseconds, target_ms=0.05, **key)
    writer.serving_minute(minute=later + timedelta(minutes=1), milliseconds=[], errors=4, **key)
    writer.flush()
    first, strict, none = stored(store, "serving_minute")
    assert (first["letters"], first["errors"], first["slow"]) == (7, 2, 2)
    assert first["latency"] == latency_cells(milliseconds).tolist()
    assert (strict["letters"], strict["errors"], strict["slow"]) == (5, 0, 5)
    assert (none["letters"], none["errors"], sum(none["latency"])) == (4, 4, 0)


def test_latencies_and_counts_together_are_refused_as_a_mistake(writer: MetricWriter) -> None:
    with pytest.raises(TypeError, match="but not both"):
        write_minute(writer, 0, milliseconds=[1.0])


@pytest.mark.parametrize("milliseconds", [[-1.0], [float("nan")], ["fast"], [None, {}]])
def test_latencies_that_are_none_are_refused(writer: MetricWriter, milliseconds: Any) -> None:
    key = {"datacenter": "dc1", "instance": "a", "model_version": "v12"}
    with pytest.raises(ContractError) as caught:
        writer.serving_minute(minute=MINUTE, milliseconds=milliseconds, **key)
    assert caught.value.field == "milliseconds"
    assert writer.refused == 1


def test_times_of_another_zone_are_stored_as_the_same_moment(
    writer: MetricWriter, store: Store
) -> None:
    write_minute(writer, 0, minute=datetime(2025, 6, 1, 15, 0, tzinfo=MOSCOW))
    writer.flush()
    assert stored(store, "serving_minute")[0]["minute"] == MINUTE


def test_small_and_large_batches_and_loads_store_the_same_rows(
    writer: MetricWriter, store: Store
) -> None:
    notes = [NASTY, "", "\\N", "\\", "\r\n", "ё" * 500, "NULL", "{}"] * 12

    def row(at: int) -> dict[str, Any]:
        return ROWS["deployment"] | {
            "note": notes[at],
            "threshold": None if at % 3 else at / 7,
            "deployed_at": MINUTE + timedelta(microseconds=at),
        }

    for at in range(20):  # by values
        writer.deployment(**row(at) | {"deployment_id": f"{at:03d}"})
    writer.flush()
    for at in range(20, 96):  # by COPY in text form
        writer.deployment(**row(at) | {"deployment_id": f"{at:03d}"})
    writer.flush()
    by_call = stored(store, "deployment", "deployment_id")
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("truncate metrics.deployment"))
    columns = {name: [row(at)[name] for at in range(96)] for name in row(0)}
    writer.load("deployment", columns | {"deployment_id": [f"{at:03d}" for at in range(96)]})
    by_load = stored(store, "deployment", "deployment_id")
    assert len(by_load) == 96
    assert list(map(without_written_at, by_call)) == list(map(without_written_at, by_load))


def test_a_large_batch_changes_no_text(writer: MetricWriter, store: Store) -> None:
    deployment = ROWS["deployment"] | {"note": NASTY + "\\\\n\r \\t"}
    for at in range(60):
        writer.deployment(**deployment | {"deployment_id": f"{at}"})
    writer.flush()
    rows = stored(store, "deployment")
    assert {row["deployment_id"] for row in rows} == {f"{at}" for at in range(60)}
    assert {row["note"] for row in rows} == {deployment["note"]}


def test_the_last_of_two_rows_in_one_batch_stands(writer: MetricWriter, store: Store) -> None:
    for letters in range(200):
        write_minute(writer, letters % 3, letters)
    writer.flush()
    assert [row["letters"] for row in stored(store, "serving_minute")] == [198, 199, 197]
