"""Every metric table through MetricWriter on a real PostgreSQL."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, text

import db
import db.writer
from core.stats.histogram import CELLS
from core.text.anonymise import ANONYMISER
from db.engine import Role, Store
from db.writer import ContractError, MetricWriter, latency_cells

MINUTE = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
MOSCOW = timezone(timedelta(hours=3))
NASTY = "Письмо\tс \\табом\nи 'кавычками', \"{}\", \\N, $1, %s — и 😀"

ROWS: dict[str, dict[str, Any]] = {
    "serving_minute": {
        "minute": MINUTE,
        "datacenter": "dc1",
        "instance": "dc1-07",
        "model_version": "v12",
        "letters": 10,
        "errors": 2,
        "slow": 3,
        "latency": [0] * 80 + [5, 3] + [0] * 80,
    },
    "heartbeat": {
        "component": "inference",
        "instance": "dc1-07",
        "datacenter": "dc1",
        "started_at": MINUTE,
        "beat_at": MINUTE + timedelta(minutes=7),
        "stopped_at": None,
    },
    "score_hour": {
        "hour": MINUTE,
        "model_version": "v12",
        "segment": "русский",
        "decision": True,
        "bin": -100,
        "letters": 2**63 - 1,
    },
    "labelled_letter": {
        "model_version": "v12",
        "letter_id": NASTY,
        "predicted_at": MINUTE,
        "labelled_at": MINUTE,
        "segment": "",
        "score": 0.1 + 0.2,
        "decision": False,
        "label": True,
        "inclusion_probability": 1e-9,
        "labeller": "assessor 3",
    },
    "false_report": {
        "report_id": "r-1",
        "reported_at": MINUTE + timedelta(microseconds=1),
        "predicted_at": MINUTE,
        "kind": "false_positive",
        "source": "user",
        "letter_key": "ab" * 32,
        "reporter_key": "",
        "sender_domain": "example.net",
        "language": "ru",
        "segment": "ru",
        "model_version": "v12",
        "score": 1.0,
        "threshold": 0.93,
        "text": NASTY,
        "anonymiser": ANONYMISER,
    },
    "experiment_bucket_day": {
        "experiment": "folder",
        "variant": "treatment",
        "dimension": "platform",
        "value": "ios",
        "day": date(2025, 6, 1),
        "bucket": 499,
        "new_users": 0,
        "active_users": 1,
        "letters": 2,
        "complaints": 3,
        "sessions": 4,
        "session_seconds": 5.5,
        "revenue": -0.25,
    },
    "experiment_bucket_before": {
        "experiment": "folder",
        "variant": "control",
        "bucket": 0,
        "users": 1,
        "active_users": 2,
        "letters": 3,
        "complaints": 4,
        "sessions": 5,
        "session_seconds": 6.5,
        "revenue": 1e300,
    },
    "product_day": {
        "day": date(2025, 6, 1),
        "metric": "revenue_ads",
        "segment": "all",
        "value": 1234.5,
    },
    "deployment": {
        "deployment_id": "d-1",
        "deployed_at": MINUTE,
        "model_version": "v12",
        "datacenter": "",
        "stage": "rolled_back",
        "threshold": None,
        "note": NASTY,
    },
    "shadow_hour": {
        "hour": MINUTE,
        "production_version": "v12",
        "candidate_version": "v13",
        "segment": "all",
        "both_positive": 1,
        "production_only": 2,
        "candidate_only": 3,
        "both_negative": 4,
        "candidate_errors": 5,
        "candidate_slow": 6,
        "user_visible": 0,
    },
    "training_run": {
        "run_id": "t-1",
        "started_at": MINUTE,
        "finished_at": None,
        "status": "running",
        "model_version": "v13",
        "parent_version": "v12",
        "letters_raw": 30,
        "letters_deduplicated": 20,
        "letters_anonymised": 20,
        "letters_trained": 10,
        "retraining_set": "",
        "note": "",
    },
}
ALL_TABLES = pytest.mark.parametrize("table", ROWS)


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Iterator[MetricWriter]:
    with MetricWriter(store, service="почта", buffer=tmp_path / "buffer") as opened:
        yield opened


def stored(store: Store, table: str, order_by: str = "1, 2, 3") -> list[dict[str, Any]]:
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(text(f"select * from metrics.{table} order by {order_by}"))
        return [dict(row._mapping) for row in found]


def without_written_at(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "written_at"}


def write_minute(metrics: MetricWriter, at: int, letters: int = 10, **changes: Any) -> None:
    row = {
        "minute": MINUTE + timedelta(minutes=at),
        "datacenter": "dc1",
        "instance": "dc1-07",
        "model_version": "v12",
        "letters": letters,
        "errors": 0,
        "slow": 0,
        "latency": [letters] + [0] * (CELLS - 1),
    }
    metrics.serving_minute(**(row | changes))


def minute_columns(n: int) -> dict[str, Any]:
    latency = np.zeros((n, CELLS), dtype=np.int32)
    latency[:, 40] = np.arange(n)
    return {
        "minute": np.datetime64("2025-06-01T12:00", "us") + np.arange(n) * np.timedelta64(60, "s"),
        "datacenter": "dc1",
        "instance": [f"instance-{at % 6}" for at in range(n)],
        "model_version": "v12",
        "letters": np.arange(n),
        "errors": 0,
        "slow": np.zeros(n, dtype=np.int16),
        "latency": latency,
    }


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


def test_eight_threads_write_every_row_once(writer: MetricWriter, store: Store) -> None:
    def write(thread: int) -> None:
        for at in range(150):
            write_minute(writer, at, letters=at, instance=f"instance-{thread}")

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.flush()
    rows = stored(store, "serving_minute")
    assert len(rows) == 8 * 150
    assert sum(row["letters"] for row in rows) == 8 * sum(range(150))


def test_a_row_is_sent_without_anybody_asking(store: Store, tmp_path: Path) -> None:
    with MetricWriter(store, service="s", buffer=tmp_path, flush_seconds=0.01) as metrics:
        write_minute(metrics, 0)
        sent = threading.Event()
        while metrics.buffered_rows:
            sent.wait(0.01)
        assert len(stored(store, "serving_minute")) == 1


def test_the_beat_names_its_start_and_an_orderly_close_the_stop(
    store: Store, tmp_path: Path
) -> None:
    clock = [MINUTE]
    with MetricWriter(store, service="s", buffer=tmp_path, now=lambda: clock[0]) as metrics:
        clock[0] += timedelta(minutes=1)
        metrics.heartbeat(component="inference", instance="a", datacenter="dc1")
        metrics.heartbeat(component="labelling", instance="b")
        clock[0] += timedelta(minutes=1)
        metrics.stop(component="labelling", instance="b")
        metrics.flush()
        inference, labelling = stored(store, "heartbeat")
        assert (inference["started_at"], inference["stopped_at"]) == (MINUTE, None)
        assert inference["beat_at"] == MINUTE + timedelta(minutes=1)
        assert labelling["stopped_at"] == labelling["beat_at"] == clock[0]
        clock[0] += timedelta(minutes=1)
    inference, labelling = stored(store, "heartbeat")
    assert inference["stopped_at"] == inference["beat_at"] == MINUTE + timedelta(minutes=3)
    assert inference["datacenter"] == "dc1"
    assert labelling["stopped_at"] == MINUTE + timedelta(minutes=2)


def test_a_component_that_breaks_down_has_not_stopped_in_order(
    store: Store, tmp_path: Path
) -> None:
    def break_down() -> None:
        with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
            metrics.heartbeat(component="inference", instance="a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_down()
    (beat,) = stored(store, "heartbeat")
    assert beat["stopped_at"] is None


def test_ctrl_c_is_an_orderly_stop(store: Store, tmp_path: Path) -> None:
    def interrupted() -> None:
        with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
            metrics.heartbeat(component="inference", instance="a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (beat,) = stored(store, "heartbeat")
    assert beat["stopped_at"] is not None


def test_closing_twice_does_no_harm_and_a_closed_writer_says_so(
    store: Store, tmp_path: Path
) -> None:
    metrics = MetricWriter(store, service="s", buffer=tmp_path)
    write_minute(metrics, 0)
    metrics.close()
    metrics.close()
    assert len(stored(store, "serving_minute")) == 1
    with pytest.raises(RuntimeError, match="closed"):
        write_minute(metrics, 1)
    with pytest.raises(RuntimeError, match="closed"):
        metrics.flush()
    assert not list(tmp_path.glob("segment-*"))


def test_an_address_is_all_that_an_outside_serving_stack_needs(
    database: URL, store: Store, tmp_path: Path
) -> None:
    bare = database.set(drivername="postgresql", username="greenlight_serving", password=None)
    address = bare.render_as_string(hide_password=False)
    with MetricWriter(address, service="outside", buffer=tmp_path / "a") as metrics:
        write_minute(metrics, 0)
    with MetricWriter(database, service="outside", buffer=tmp_path / "b") as metrics:
        write_minute(metrics, 1)
    assert len(stored(store, "serving_minute")) == 2


def test_the_example_in_the_docstring_writes_what_it_says(
    database: URL, store: Store, tmp_path: Path
) -> None:
    prose, _, rest = (db.writer.__doc__ or "").partition("\n\n")
    example = textwrap.dedent(rest.partition("\nA call checks")[0])
    assert prose.startswith("What a Python serving stack imports")
    example = example.replace(
        "postgresql://greenlight_serving@db.example.net/greenlight",
        database.render_as_string(hide_password=False),
    ).replace("/var/spool/greenlight", str(tmp_path))
    subprocess.run([sys.executable, "-c", example], check=True, cwd=Path(db.__path__[0]).parent)
    (row,) = stored(store, "serving_minute")
    assert (row["service"], row["letters"], row["errors"], row["slow"]) == ("newsletters", 4, 1, 1)
    (beat,) = stored(store, "heartbeat")
    assert beat["stopped_at"] is not None


def test_it_works_under_the_serving_role_alone(
    store: Store, tmp_path: Path, writer: MetricWriter
) -> None:
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text(
                "create function metrics.only_serving() returns trigger language plpgsql as $$ "
                "begin if current_user <> 'greenlight_serving' then raise 'written as %', "
                "current_user; end if; return new; end $$"
            )
        )
        connection.execute(
            text(
                "create trigger only_serving before insert or update on metrics.product_day "
                "for each row execute function metrics.only_serving()"
            )
        )
    writer.product_day(day=date(2025, 6, 1), metric="letters", value=1)
    writer.flush()
    assert writer.load("product_day", {"day": [date(2025, 6, 2)], "metric": "m", "value": 1.0}) == 1
    assert len(stored(store, "product_day")) == 2
    with MetricWriter(store, service="s", buffer=tmp_path / "app", role=Role.APP) as metrics:
        metrics.product_day(day=date(2025, 6, 3), metric="letters", value=1)
        assert not metrics.flush()
        assert "permission denied" in str(metrics.trouble)
    assert len(stored(store, "product_day")) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"service": ""}, "must be the name of a service"),
        ({"store": "mysql://localhost/x"}, "PostgreSQL"),
        ({"store": ""}, "postgresql://"),
        ({"buffer_limit_bytes": 1000}, "buffer_limit_bytes"),
    ],
)
def test_a_writer_that_cannot_work_says_so_at_once(
    tmp_path: Path, arguments: dict[str, Any], sentence: str
) -> None:
    good: dict[str, Any] = {"store": "postgresql://localhost/x", "service": "s", "buffer": tmp_path}
    with pytest.raises(ValueError, match=sentence):
        MetricWriter(**good | arguments)


def test_the_password_of_the_address_is_told_to_nobody(
    database: URL, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = database.set(username="nobody_here", password="s3cr3t-word", database="nowhere")
    with MetricWriter(wrong, service="s", buffer=tmp_path) as metrics:
        write_minute(metrics, 0)
        assert not metrics.flush()
        told = [caplog.text, repr(metrics), str(metrics.trouble)]
        with pytest.raises(RuntimeError) as caught:
            metrics.load("serving_minute", minute_columns(1), patience_seconds=0.2)
    told.append(str(caught.value))
    told += [path.read_text() for path in tmp_path.iterdir()]
    assert "nobody_here" in caplog.text
    assert not [where for where in told if "s3cr3t" in where]


def test_importing_the_writer_is_light() -> None:
    script = (
        "import sys, db.writer; "
        "print({'pandas', 'sklearn', 'scipy', 'streamlit', 'alembic', 'altair'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
