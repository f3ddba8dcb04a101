"""Rows that the contract or the store refuses are kept aside and take no other with them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from db.engine import Role, Store
from db.writer import ContractError, MetricWriter
from tests.db.writer.written_rows import MINUTE, ROWS, minute_columns, stored, write_minute


def test_bad_rows_of_a_load_are_kept_aside_and_the_good_ones_written(
    writer: MetricWriter, store: Store, tmp_path: Path
) -> None:
    columns = minute_columns(9000)
    columns["letters"][[10, 8999]] += 1  # cells no longer add up
    columns["latency"][5000, 3] = -1
    with pytest.raises(ContractError) as caught:
        writer.load("serving_minute", columns)
    assert caught.value.table == "serving_minute"
    assert caught.value.field == "latency"
    assert caught.value.count == 3
    assert caught.value.key["minute"] == columns["minute"][10]
    assert "adds up to 10, must add up to letters - errors over its 162 cells == 11" in str(
        caught.value
    )
    assert len(stored(store, "serving_minute")) == 8997
    assert writer.refused == 3
    kept = (tmp_path / "buffer" / "refused.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"]["letters"] for line in kept] == [11, 5000, 9000]


def test_a_row_that_breaks_the_contract_takes_no_other_with_it(
    writer: MetricWriter, store: Store, tmp_path: Path
) -> None:
    for at in range(100):
        if at % 10 == 3:
            with pytest.raises(ContractError) as caught:
                write_minute(writer, at, 10, slow=11)
            assert caught.value.key["minute"] == MINUTE + timedelta(minutes=at)
        else:
            write_minute(writer, at)
    writer.flush()
    assert len(stored(store, "serving_minute")) == 90
    assert writer.refused == 10
    lines = (tmp_path / "buffer" / "refused.jsonl").read_text().splitlines()
    assert len(lines) == 10
    kept = json.loads(lines[0])
    assert kept["table"] == "serving_minute"
    assert kept["row"]["slow"] == 11
    assert "slow == 11" in kept["reason"]


@pytest.fixture
def stricter_store(store: Store) -> Store:
    """A store whose owner added a check that this writer knows nothing of."""
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text(
                "alter table metrics.serving_minute "
                "add constraint no_thirteens check (letters % 13 <> 0)"
            )
        )
    return store


@pytest.mark.parametrize("rows", [20, 200])
def test_rows_that_only_the_store_refuses_are_found_and_the_rest_stored(
    stricter_store: Store, tmp_path: Path, rows: int, caplog: pytest.LogCaptureFixture
) -> None:
    with MetricWriter(stricter_store, service="s", buffer=tmp_path) as metrics:
        for at in range(1, rows + 1):
            write_minute(metrics, at, letters=at)
        metrics.flush()
        expected = [at for at in range(1, rows + 1) if at % 13]
        assert metrics.refused == rows - len(expected)
    found = stored(stricter_store, "serving_minute", "minute")
    assert [row["letters"] for row in found] == expected
    kept = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert [record["row"]["letters"] for record in kept] == [
        at for at in range(1, rows + 1) if at % 13 == 0
    ]
    assert all("no_thirteens" in record["reason"] for record in kept)
    assert "no_thirteens" in caplog.text


def test_a_load_finds_the_rows_that_only_the_store_refuses(
    stricter_store: Store, tmp_path: Path
) -> None:
    with MetricWriter(stricter_store, service="s", buffer=tmp_path) as metrics:
        with pytest.raises(ContractError) as caught:
            metrics.load("serving_minute", minute_columns(200))
        assert caught.value.field == "no_thirteens"
        assert caught.value.count == len(range(0, 200, 13)) == metrics.refused
    assert len(stored(stricter_store, "serving_minute")) == 200 - caught.value.count


def test_a_refused_correction_leaves_the_row_that_it_would_have_replaced(
    stricter_store: Store, tmp_path: Path
) -> None:
    with MetricWriter(stricter_store, service="s", buffer=tmp_path) as metrics:
        write_minute(metrics, 0, letters=12)
        write_minute(metrics, 0, letters=13)
        write_minute(metrics, 1, letters=7)
        metrics.flush()
        assert metrics.refused == 1
    rows = stored(stricter_store, "serving_minute", "minute")
    assert [row["letters"] for row in rows] == [12, 7]


def test_a_key_too_long_for_its_index_is_refused_and_not_tried_for_ever(
    writer: MetricWriter, store: Store
) -> None:
    rng = np.random.default_rng(7)
    incompressible = "".join(map(chr, rng.integers(0x400, 0x9000, 4000)))
    writer.product_day(day=date(2025, 6, 1), metric=incompressible, value=1)
    writer.product_day(day=date(2025, 6, 1), metric="letters", value=1)
    assert writer.flush()
    assert writer.refused == 1
    assert [row["metric"] for row in stored(store, "product_day")] == ["letters"]


def test_a_row_too_large_for_the_buffer_is_refused(writer: MetricWriter) -> None:
    with pytest.raises(ContractError, match="text makes the row") as caught:
        writer.false_report(**ROWS["false_report"] | {"text": "я" * 600_000})
    assert caught.value.field == "text"
    assert "яяя" not in str(caught.value)
    assert writer.refused == 1
