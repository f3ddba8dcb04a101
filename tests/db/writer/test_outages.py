"""MetricWriter while the store or the way to it is away: nothing lost, nothing twice."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL, text

from db import schema
from db.engine import Role, Store, StoreUnreachableError
from db.schema import SchemaError
from db.writer import MetricWriter
from db.writer.faults import Verdict, judge
from tests.db.writer.outages import LOGGER, address, equal_minutes, letters_stored, through
from tests.db.writer.written_rows import write_minute
from tests.db.writer_proxy import CuttableProxy


def test_rows_written_while_the_store_is_away_are_stored_when_it_is_back(
    proxy: CuttableProxy, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    with through(proxy, tmp_path) as metrics:
        write_minute(metrics, 0)
        assert metrics.flush()
        proxy.cut()
        for at in range(1, 300):
            write_minute(metrics, at, letters=at)
        assert not metrics.flush()
        assert metrics.buffered_rows == 299
        assert "the store" in str(metrics.trouble)
        assert letters_stored(store) == [10]
        proxy.mend()
        assert metrics.flush()
        assert (metrics.buffered_rows, metrics.dropped_rows, metrics.trouble) == (0, 0, None)
        assert letters_stored(store) == [10, *range(1, 300)]
    told = [record.message for record in caplog.records]
    assert sum("wait in the buffer" in message for message in told) == 1
    assert sum("takes rows again" in message for message in told) == 1


def test_the_writer_comes_back_by_itself(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    proxy.cut()
    with through(proxy, tmp_path) as metrics:
        write_minute(metrics, 0)
        assert not metrics.flush()
        proxy.mend()
        waiting = threading.Event()
        while metrics.buffered_rows:
            waiting.wait(0.05)
        assert letters_stored(store) == [10]


def test_corrections_keep_their_order_through_the_buffer(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    with through(proxy, tmp_path, batch_rows=3) as metrics:
        write_minute(metrics, 0, letters=1)
        metrics.flush()
        proxy.cut()
        for letters in range(2, 50):
            write_minute(metrics, letters % 2, letters)
        assert not metrics.flush()
        proxy.mend()
        write_minute(metrics, 0, letters=1000)  # behind what waits, though the store is there
        assert metrics.flush()
        assert letters_stored(store) == [1000, 49]


def test_a_commit_whose_answer_is_lost_counts_once(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    with through(proxy, tmp_path, flush_seconds=60) as metrics:
        write_minute(metrics, 0)
        assert metrics.flush()  # a connection is there, which has its own commit behind it
        proxy.lose_the_next_commits_answer()
        for at in range(100):
            write_minute(metrics, at)
        assert not metrics.flush()
        assert proxy.lost_an_answer.is_set()
        assert letters_stored(store) == [10] * 100  # it was committed
        assert metrics.buffered_rows == 100  # which the writer cannot know
        write_minute(metrics, 5, letters=7)
        assert metrics.flush()
        assert letters_stored(store) == [10] * 5 + [7] + [10] * 94


def test_a_load_whose_commits_answer_is_lost_counts_once(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    with through(proxy, tmp_path) as metrics:
        metrics.load("serving_minute", equal_minutes(3, letters=1))
        proxy.lose_the_next_commits_answer()
        assert metrics.load("serving_minute", equal_minutes(5000)) == 5000
        assert proxy.lost_an_answer.is_set()
    assert letters_stored(store) == [10] * 5000


def test_a_load_waits_for_a_store_that_comes_back_and_raises_if_it_does_not(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    with through(proxy, tmp_path) as metrics:
        proxy.cut()
        with pytest.raises(StoreUnreachableError, match="0 of 10 rows are stored"):
            metrics.load("serving_minute", equal_minutes(10), patience_seconds=0.2)
        write_minute(metrics, 50)
        with pytest.raises(StoreUnreachableError, match="1 earlier rows wait in the buffer"):
            metrics.load("serving_minute", equal_minutes(10), patience_seconds=0.2)
        threading.Timer(0.5, proxy.mend).start()
        assert metrics.load("serving_minute", equal_minutes(10), patience_seconds=60) == 10
        assert letters_stored(store) == [10] * 11


def test_a_store_without_the_schema_keeps_the_rows_and_says_what_to_run(
    empty_database: URL, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Store(address(empty_database), tmp_path / "unused") as store:
        owner = MetricWriter(store, service="s", buffer=tmp_path / "buffer", role=Role.OWNER)
        with owner as metrics:
            write_minute(metrics, 0)
            assert not metrics.flush()
            assert "Run: python cli.py migrate" in str(metrics.trouble)
            assert "Run: python cli.py migrate" in caplog.text
            with pytest.raises(SchemaError, match=r"Run: python cli\.py migrate"):
                metrics.load("product_day", {"day": [], "metric": [], "value": []})
            schema.migrate(store.engine(Role.OWNER))
            assert metrics.flush()
            assert metrics.refused == 0
            assert letters_stored(store) == [10]


def test_a_store_whose_role_is_missing_keeps_the_rows(
    database: URL, store: Store, tmp_path: Path
) -> None:
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("create role greenlight_stranger login"))
    try:
        stranger = database.set(username="greenlight_stranger")
        with MetricWriter(stranger, service="s", buffer=tmp_path) as metrics:
            write_minute(metrics, 0)
            assert not metrics.flush()
            assert "lets no writer in" in str(metrics.trouble)
            assert (metrics.buffered_rows, metrics.refused) == (1, 0)
    finally:
        with store.engine(Role.OWNER).begin() as connection:
            connection.execute(text("drop role greenlight_stranger"))


def test_a_lock_held_by_somebody_else_delays_and_loses_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.writer.loading._LIMITS", "set local lock_timeout = '50ms'")
    with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
        with store.engine(Role.OWNER).begin() as connection:
            connection.execute(text("lock table metrics.serving_minute in exclusive mode"))
            write_minute(metrics, 0)
            assert not metrics.flush()
            assert "lock timeout" in str(metrics.trouble)
        assert metrics.flush()
        assert metrics.refused == 0
        assert letters_stored(store) == [10]


def test_connections_ended_by_an_administrator_cost_no_row(store: Store, tmp_path: Path) -> None:
    with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
        for at in range(20):
            with store.engine(Role.OWNER).begin() as connection:
                connection.execute(
                    text(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where datname = current_database() and usename = current_user "
                        "and application_name = 'greenlight greenlight_serving'"
                    )
                )
            write_minute(metrics, at)
            while not metrics.flush():
                assert metrics.buffered_rows
        assert letters_stored(store) == [10] * 20


def test_a_server_that_froze_does_not_hold_up_a_close(
    proxy: CuttableProxy, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = through(proxy, tmp_path)
    write_minute(metrics, 0)
    assert metrics.flush()
    proxy.freeze()
    write_minute(metrics, 1)
    synced: list[int] = []
    monkeypatch.setattr("db.writer.buffer.os.fsync", synced.append)
    assert not metrics.flush(timeout_seconds=0.1)
    assert synced  # what is not stored is durable at least
    metrics.close(timeout_seconds=0.3)
    assert "greenlight-writer" not in [thread.name for thread in threading.enumerate()]
    assert letters_stored(store) == [10]
    proxy.thaw()
    with through(proxy, tmp_path) as successor:
        assert successor.flush()
    assert letters_stored(store) == [10, 10]


def test_a_full_buffer_drops_the_oldest_rows_and_keeps_the_newest(
    proxy: CuttableProxy, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.cut()
    with through(proxy, tmp_path, buffer_limit_bytes=64 << 10) as metrics:
        for at in range(400):
            write_minute(metrics, at, letters=at)
        metrics.flush()
        assert metrics.dropped_rows > 100
        assert metrics.buffered_rows + metrics.dropped_rows == 400
        assert f"{metrics.dropped_rows} in all" in caplog.text
        proxy.mend()
        assert metrics.flush()
        assert letters_stored(store) == list(range(metrics.dropped_rows, 400))


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (None, Verdict.UNAVAILABLE),  # the connection broke
        ("08006", Verdict.UNAVAILABLE),
        ("25006", Verdict.UNAVAILABLE),  # a standby after a failover
        ("40001", Verdict.UNAVAILABLE),
        ("40P01", Verdict.UNAVAILABLE),
        ("53100", Verdict.UNAVAILABLE),  # the store's disk is full
        ("53300", Verdict.UNAVAILABLE),
        ("55P03", Verdict.UNAVAILABLE),
        ("57014", Verdict.UNAVAILABLE),
        ("57P01", Verdict.UNAVAILABLE),
        ("57P03", Verdict.UNAVAILABLE),
        ("XX000", Verdict.UNAVAILABLE),
        ("22003", Verdict.REFUSED),
        ("22021", Verdict.REFUSED),
        ("23502", Verdict.REFUSED),
        ("23514", Verdict.REFUSED),
        ("54000", Verdict.REFUSED),
        ("23505", Verdict.EXISTS),
        ("42P01", Verdict.SCHEMA),
        ("42703", Verdict.SCHEMA),
        ("42501", Verdict.SCHEMA),
        ("3F000", Verdict.SCHEMA),
    ],
)
def test_an_error_is_the_rows_the_schemas_or_the_stores(code: str | None, verdict: Verdict) -> None:
    error = type("Coded", (psycopg2.Error,), {"pgcode": code})()
    assert judge(error) is verdict


def test_an_error_of_the_writers_own_is_logged_and_the_rows_are_tried_again(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
        with monkeypatch.context() as patched:
            patched.setattr("db.writer.sender.decode", lambda _: 1 // 0)
            write_minute(metrics, 0)
            assert not metrics.flush()
        assert "ZeroDivisionError" in caplog.text
        assert metrics.flush()
    assert letters_stored(store) == [10]


def test_kill_9_of_the_embedded_server_loses_and_doubles_nothing() -> None:
    folder = Path(tempfile.mkdtemp(prefix="greenlight-writer-"))
    folder.chmod(0o755)  # as root the server is another user's, and must find its way in
    try:
        with Store(None, folder) as store:
            schema.migrate(store.engine(Role.OWNER))
            with MetricWriter(store, service="s", buffer=folder / "buffer") as metrics:
                for at in range(200):
                    write_minute(metrics, at, letters=at)
                    if at % 80 == 40:
                        (server,) = folder.glob("postgres-*/postmaster.pid")
                        os.kill(int(server.read_text().split()[0]), signal.SIGKILL)
                while not metrics.flush():
                    assert metrics.buffered_rows
                (server,) = folder.glob("postgres-*/postmaster.pid")
                os.kill(int(server.read_text().split()[0]), signal.SIGKILL)
                assert metrics.load("serving_minute", equal_minutes(3, letters=7)) == 3
            assert letters_stored(store) == [7, 7, 7, *range(3, 200)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
