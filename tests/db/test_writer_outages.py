"""MetricWriter while store, network or its own process die: nothing lost, nothing twice."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from sqlalchemy import URL, text

from core.stats.histogram import CELLS
from db import schema
from db.engine import Role, Store, StoreUnreachableError
from db.schema import SchemaError
from db.writer import BufferInUseError, MetricWriter
from db.writer.faults import Verdict, judge
from db.writer.segment import framed
from tests.db.writer_proxy import CuttableProxy

MINUTE = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
LOGGER = "greenlight.writer"

#: A serving stack of its own process: writes minutes and says so on standard output.
SERVING_STACK = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from db.writer import MetricWriter

metrics = MetricWriter(sys.argv[1], service="newsletters", buffer=Path(sys.argv[2]))
for at in range(1_000_000):
    metrics.serving_minute(
        minute=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=at),
        datacenter="dc1", instance="a", model_version="v12",
        letters=at + 1, errors=0, slow=0, latency=[at + 1] + [0] * 161,
    )
    print(at, flush=True)
"""


@pytest.fixture
def proxy(database: URL) -> Iterator[CuttableProxy]:
    with CuttableProxy(database) as opened:
        yield opened


def through(proxy: CuttableProxy, buffer: Path, **options: Any) -> MetricWriter:
    return MetricWriter(proxy.url, service="newsletters", buffer=buffer, **options)


def write_minute(metrics: MetricWriter, at: int, letters: int = 10) -> None:
    metrics.serving_minute(
        minute=MINUTE + timedelta(minutes=at),
        datacenter="dc1",
        instance="dc1-07",
        model_version="v12",
        letters=letters,
        errors=0,
        slow=0,
        latency=[letters] + [0] * (CELLS - 1),
    )


def minute_columns(n: int, letters: int = 10) -> dict[str, Any]:
    latency = np.zeros((n, CELLS), dtype=np.int32)
    latency[:, 0] = letters
    return {
        "minute": np.datetime64("2025-06-01T12:00", "us") + np.arange(n) * np.timedelta64(60, "s"),
        "datacenter": "dc1",
        "instance": "dc1-07",
        "model_version": "v12",
        "letters": letters,
        "errors": 0,
        "slow": 0,
        "latency": latency,
    }


def letters_stored(store: Store) -> list[int]:
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(
            text("select letters from metrics.serving_minute order by minute")
        )
        return list(found.scalars())


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


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
        metrics.load("serving_minute", minute_columns(3, letters=1))
        proxy.lose_the_next_commits_answer()
        assert metrics.load("serving_minute", minute_columns(5000)) == 5000
        assert proxy.lost_an_answer.is_set()
    assert letters_stored(store) == [10] * 5000


def test_a_load_waits_for_a_store_that_comes_back_and_raises_if_it_does_not(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    with through(proxy, tmp_path) as metrics:
        proxy.cut()
        with pytest.raises(StoreUnreachableError, match="0 of 10 rows are stored"):
            metrics.load("serving_minute", minute_columns(10), patience_seconds=0.2)
        write_minute(metrics, 50)
        with pytest.raises(StoreUnreachableError, match="1 earlier rows wait in the buffer"):
            metrics.load("serving_minute", minute_columns(10), patience_seconds=0.2)
        threading.Timer(0.5, proxy.mend).start()
        assert metrics.load("serving_minute", minute_columns(10), patience_seconds=60) == 10
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


def started(url: URL, buffer: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SERVING_STACK, address(url), str(buffer)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["", *sys.path]).strip(os.pathsep)},
    )


def killed_after(process: subprocess.Popen[str], rows: int) -> int:
    """Kill -9 in the midst of writing; how many calls had returned by then."""
    assert process.stdout
    for _ in range(rows):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return rows + len(rest)


def test_kill_9_of_a_serving_stack_with_rows_in_its_buffer_loses_none_of_them(
    proxy: CuttableProxy, database: URL, store: Store, tmp_path: Path
) -> None:
    proxy.cut()
    returned = killed_after(started(proxy.url, tmp_path), 1500)
    with MetricWriter(database, service="newsletters", buffer=tmp_path) as successor:
        assert successor.buffered_rows in {returned, returned + 1}
        assert successor.flush()
        assert (successor.refused, successor.dropped_rows) == (0, 0)
    found = letters_stored(store)
    assert found == list(range(1, len(found) + 1))
    assert len(found) in {returned, returned + 1}


def test_kill_9_of_a_serving_stack_that_was_sending_loses_and_doubles_nothing(
    database: URL, store: Store, tmp_path: Path
) -> None:
    returned = 0
    for life in range(3):
        returned = max(returned, killed_after(started(database, tmp_path), 700 * (life + 1)))
    with MetricWriter(database, service="newsletters", buffer=tmp_path) as successor:
        assert successor.flush()
        assert (successor.refused, successor.dropped_rows) == (0, 0)
    found = letters_stored(store)
    assert found == list(range(1, len(found) + 1))
    assert len(found) in {returned, returned + 1}


def test_a_torn_record_is_dropped_aloud_and_kept_aside(
    proxy: CuttableProxy, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.cut()
    with through(proxy, tmp_path) as metrics:
        for at in range(5):
            write_minute(metrics, at, letters=at)
    (segment,) = tmp_path.glob("segment-*")
    segment.write_bytes(segment.read_bytes()[:-50])
    proxy.mend()
    with through(proxy, tmp_path) as successor:
        assert successor.flush()
        assert (successor.dropped_rows, successor.refused) == (1, 0)
    assert letters_stored(store) == [0, 1, 2, 3]
    kept = json.loads((tmp_path / "refused.jsonl").read_text())
    assert "damaged" in kept["reason"]
    assert '"serving_minute"' in kept["row"]["record"]
    assert "damaged" in caplog.text


def test_rows_of_a_newer_version_are_kept_aside_and_hold_up_nothing(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    newer = [
        b'{"table":"weather","row":{"service":"s"}}',
        b'{"table":"product_day","row":{"service":"s","day":"2025-06-01","mood":1}}',
        b'{"table":"product_day","row":{"service":"s","day":"2025-06-01","metric":"letters"}}',
    ]
    good = (
        b'{"table":"product_day","row":{"service":"s","day":"2025-06-01","metric":"m","value":1}}'
    )
    lines = b"".join(map(framed, [*newer, good]))
    (tmp_path / "segment-0000000007.jsonl").write_bytes(lines)
    with through(proxy, tmp_path) as metrics:
        assert metrics.flush()
        assert metrics.refused == 3
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(text("select metric, segment from metrics.product_day"))
        assert [tuple(row) for row in found] == [("m", "all")]
    kept = (tmp_path / "refused.jsonl").read_text().splitlines()
    reasons = [json.loads(line)["reason"] for line in kept]
    assert "no table metrics.weather" in reasons[0]
    assert "no metrics.product_day.mood" in reasons[1]
    assert "metrics.product_day.value was not written" in reasons[2]


def test_one_key_in_two_spellings_is_a_row_and_its_correction(
    proxy: CuttableProxy, store: Store, tmp_path: Path
) -> None:
    row = b'{"table":"product_day","row":{"service":"s","day":"%s","metric":"m","value":%d}}'
    lines = [framed(row % spelt) for spelt in ((b"2025-06-01", 1), (b"20250601", 2))]
    (tmp_path / "segment-0000000001.jsonl").write_bytes(b"".join(lines))
    with through(proxy, tmp_path) as metrics:
        assert metrics.flush()
        assert metrics.refused == 0
    with store.engine(Role.APP).connect() as connection:
        assert list(
            connection.execute(text("select value from metrics.product_day")).scalars()
        ) == [2]


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


def test_two_writers_cannot_share_a_folder(database: URL, store: Store, tmp_path: Path) -> None:
    with MetricWriter(store, service="s", buffer=tmp_path):
        with pytest.raises(BufferInUseError, match="a folder of its own"):
            MetricWriter(store, service="s", buffer=tmp_path)
        script = (
            "import sys; from pathlib import Path; from db.writer import MetricWriter; "
            "MetricWriter(sys.argv[1], service='s', buffer=Path(sys.argv[2]))"
        )
        other = subprocess.run(
            [sys.executable, "-c", script, address(database), str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert other.returncode == 1
        assert f"in use by process {os.getpid()}" in other.stderr


def test_a_program_that_forgets_to_close_still_sends_its_rows(
    database: URL, store: Store, tmp_path: Path
) -> None:
    script = SERVING_STACK.replace("range(1_000_000)", "range(3)") + (
        "\nmetrics.heartbeat(component='inference', instance='a')\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, address(database), str(tmp_path)],
        check=True,
        capture_output=True,
    )
    assert letters_stored(store) == [1, 2, 3]
    with store.engine(Role.APP).connect() as connection:
        stopped = connection.execute(text("select stopped_at from metrics.heartbeat")).scalars()
        assert list(stopped) == [None]


def test_a_forked_child_is_told_to_make_a_writer_of_its_own(store: Store, tmp_path: Path) -> None:
    with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                write_minute(metrics, 0)
            except RuntimeError as error:
                os.write(writer, str(error).encode())
            metrics.close()  # must leave the parent's alone
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as told:
            assert "after the fork" in told.read()
        assert os.waitpid(child, 0)[1] == 0
        write_minute(metrics, 1)
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
                assert metrics.load("serving_minute", minute_columns(3, letters=7)) == 3
            assert letters_stored(store) == [7, 7, 7, *range(3, 200)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
