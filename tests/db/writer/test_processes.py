"""A serving stack that dies, forks or forgets: what its buffer held, and who may use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from db.engine import Role, Store
from db.writer import BufferInUseError, MetricWriter
from db.writer.segment import framed
from tests.db.writer.outages import address, letters_stored, through
from tests.db.writer.written_rows import write_minute
from tests.db.writer_proxy import CuttableProxy

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
