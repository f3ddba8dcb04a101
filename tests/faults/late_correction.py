"""A million rows of the last week are corrected at once: when the rollups are right again."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from core.timeframe import MINUTE, floor_to
from db.engine import Role, Store
from db.worker import Worker
from db.writer import MetricWriter
from tests.bench.streamlit_server import serve
from tests.conftest import open_store
from tests.faults.findings import Finding
from tests.faults.outage import ROOT, Viewer
from tests.faults.server import OwnServer

SERVICE = "corrected"
INSTANCES = 100
#: Rows of one call of the writer.
_PIECE = 50_000
_WRONG = text("""
    with written as (
        select date_trunc('hour', minute) as hour, sum(letters) as letters
        from metrics.serving_minute where service = :service group by 1)
    select count(*) from written left join rollup.serving_hour as rolled
        on rolled.service = :service and rolled.hour = written.hour
    where rolled.letters is distinct from written.letters""")


def late_correction(
    server: OwnServer,
    buffer: Path,
    *,
    rows: int = 1_000_000,
    viewers: int = 3,
    say: Callable[[str], None] = print,
) -> Finding:
    """Write a week of rows, roll it up, then write all of it anew with other numbers.

    Args:
        server: with a migrated store.
        buffer: the writer's folder.
        rows: how many.
        viewers: how many sessions look at the service meanwhile.
        say: told how it goes.
    """
    address = server.url.render_as_string(hide_password=False)
    with (
        open_store(server.url) as store,
        MetricWriter(store, service=SERVICE, buffer=buffer) as metrics,
    ):
        worker = Worker(store, now=lambda: datetime.now(UTC))
        worker.tick()  # makes the days
        end = floor_to(datetime.now(UTC), MINUTE) - 10 * MINUTE
        took = _load(metrics, end, rows, letters=100)
        say(f"{rows:,} rows written in {took:.0f} s")
        while worker.tick().pending:
            pass
        worker.close()
        app = store.engine(Role.APP)
        assert _wrong_hours(app) == 0
        with serve(ROOT / "app.py", {"DATABASE_URL": address}) as web, _working(address):
            watching = [Viewer() for _ in range(viewers)]
            stop = threading.Event()
            threads = [
                threading.Thread(target=one.watch, args=(web, f"service={SERVICE}", stop))
                for one in watching
            ]
            for thread in threads:
                thread.start()
            try:
                began = time.monotonic()
                took = _load(metrics, end, rows, letters=140)
                written = time.monotonic()
                say(f"corrected in {took:.0f} s")
                while _wrong_hours(app):
                    time.sleep(0.5)
                right = time.monotonic()
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
        kept = _corrected(store, letters=140)
    looks = [look for viewer in watching for look in viewer.looks if look[0] >= began]
    broken = sum(viewer.broken for viewer in watching)
    return Finding(
        f"{rows:,} rows of the last week are corrected at once",
        f"{viewers} viewers, {len(looks)} looks meanwhile; the correction took "
        f"{took:.0f} s ({rows / took:,.0f} rows a second)",
        f"pages as always: median look {np.median([took for _, took, _ in looks]):.1f} s, slowest "
        f"{max(took for _, took, _ in looks):.1f} s, tracebacks: {broken}",
        f"every rollup right {right - written:.0f} s after the last row",
        rows,
        kept,
    )


def _load(metrics: MetricWriter, end: datetime, rows: int, *, letters: int) -> float:
    """Write rows back from a moment, minute by minute; how long it took, s."""
    began = time.monotonic()
    for first in range(0, rows, _PIECE):
        metrics.load("serving_minute", _columns(end, first, min(_PIECE, rows - first), letters))
    return time.monotonic() - began


def _columns(end: datetime, first: int, count: int, letters: int) -> dict[str, Any]:
    number = np.arange(first, first + count)
    # A week, however many rows there are.
    minutes = (number // INSTANCES) % (7 * 24 * 60 - 60)
    latency = np.zeros((count, 162), dtype=np.int32)
    latency[:, 40] = letters
    return {
        "minute": np.datetime64(end.replace(tzinfo=None), "us") - minutes * np.timedelta64(60, "s"),
        "datacenter": "dc1",
        "instance": [f"i{one}" for one in number % INSTANCES],
        "model_version": "v1",
        "letters": letters,
        "errors": 0,
        "slow": 0,
        "latency": latency,
    }


def _wrong_hours(app: Engine) -> int:
    with app.connect() as connection:
        return int(connection.execute(_WRONG, {"service": SERVICE}).scalar_one())


def _corrected(store: Store, *, letters: int) -> int:
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(
            text(
                "select count(*) from metrics.serving_minute "
                "where service = :service and letters = :letters"
            ),
            {"service": SERVICE, "letters": letters},
        )
        return int(found.scalar_one())


@contextmanager
def _working(address: str) -> Iterator[None]:
    """A worker as it runs in production, beside this process."""
    worker = subprocess.Popen(
        [sys.executable, "cli.py", "worker"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(timeout=30)
