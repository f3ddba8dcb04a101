"""A full disk, two writers with the same keys, malformed rows of every kind: no row is lost."""

from __future__ import annotations

import json
import os
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from db.engine import Role, Store
from db.writer import MetricWriter
from tests.db.writer_proxy import CuttableProxy
from tests.faults import stack

#: What a file may grow to in the process whose disk is full.
SMALL = 64 << 10


def in_a_process(work: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What a process of its own found, whose limits die with it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.write(writing, json.dumps(work()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as told:
        found = told.read()
    _, status = os.waitpid(process, 0)
    assert os.WEXITSTATUS(status) == 0
    answer: dict[str, object] = json.loads(found)
    return answer


def test_a_disk_without_room_keeps_rows_in_memory_in_order_and_loses_none(
    store: Store, tmp_path: Path
):
    """The system refuses to let the buffer's files grow, as a full disk does."""
    url = store.url(Role.OWNER)
    with CuttableProxy(url) as proxy:

        def work() -> dict[str, object]:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))
            with MetricWriter(proxy.url, service=stack.SERVICE, buffer=tmp_path) as metrics:
                stack.write(metrics, range(500))
                waits = metrics.flush(), metrics.buffered_rows, metrics.dropped_rows
                proxy_mended()
                while not metrics.flush():
                    pass
                stack.write(metrics, range(500, 600))
                metrics.flush()
                return {"waits": waits, "dropped": metrics.dropped_rows, "refused": metrics.refused}

        mended, asked = os.pipe()

        def proxy_mended() -> None:
            os.write(asked, b"now")

        def mend() -> None:
            os.read(mended, 3)
            proxy.mend()

        proxy.cut()
        mending = threading.Thread(target=mend)
        mending.start()
        found = in_a_process(work)
        mending.join()
        os.close(mended)
        os.close(asked)
    assert found == {"waits": [False, 500, 0], "dropped": 0, "refused": 0}
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * SMALL
    assert stack.fate(store, 600) == stack.Fate(600, stored=600, doubled=0, strange=0)


def test_what_neither_disk_nor_memory_holds_is_counted_and_said(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("db.writer.buffer._MEMORY_BYTES", 32 << 10)
    monkeypatch.setattr("db.writer.segment.os.write", full)
    with CuttableProxy(store.url(Role.OWNER)) as proxy:
        proxy.cut()
        with MetricWriter(proxy.url, service=stack.SERVICE, buffer=tmp_path) as metrics:
            stack.write(metrics, range(400))
            assert metrics.dropped_rows > 0
            assert metrics.buffered_rows + metrics.dropped_rows == 400
            assert "takes no rows" in caplog.text
            assert "No space left on device" in caplog.text
            dropped = metrics.dropped_rows
            monkeypatch.undo()
            proxy.mend()
            while not metrics.flush():
                pass
            assert metrics.dropped_rows == dropped
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(
            text("select letters from metrics.serving_minute order by letters")
        ).scalars()
        assert list(found) == list(range(dropped, 400)), "the newest are kept"


def test_two_writers_with_the_same_keys_store_each_row_once(store: Store, tmp_path: Path):
    """Each writes every key, one forwards and one backwards, and both are sent at once."""
    count = 1500
    folders = tmp_path / "a", tmp_path / "b"
    orders = range(count), range(count - 1, -1, -1)

    def write(folder: Path, numbers: range) -> None:
        with MetricWriter(
            store, service=stack.SERVICE, buffer=folder, batch_rows=100, flush_seconds=0.01
        ) as metrics:
            stack.write(metrics, numbers)
            while not metrics.flush():
                pass
            counts.append((metrics.refused, metrics.dropped_rows))

    counts: list[tuple[int, int]] = []
    both = [
        threading.Thread(target=write, args=given) for given in zip(folders, orders, strict=True)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert counts == [(0, 0), (0, 0)]
    assert stack.fate(store, count) == stack.Fate(count, stored=count, doubled=0, strange=0)
