"""A real Prometheus on a loopback port, over minutes that were written to it as OpenMetrics.

Each minute's counts are one sample of a gauge, at the half of the minute. So `sum_over_time` of a
window that ends on a whole minute adds up just the minutes of the window, whichever end of a range
a version of Prometheus leaves open, and nothing is extrapolated, as `rate` and `increase` would do
at the edges of a window and across a gap.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from core.timeframe import MINUTE
from tests.debian import needed
from tests.external_server import free_port

HALF_A_MINUTE = timedelta(seconds=30)
#: How long a start may take before it is given up.
START_SECONDS = 120
#: promtool reads its input once a block, two hours by default: here it is one block for all days.
ONE_BLOCK = "162h"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_metrics(gauges: Mapping[str, Mapping[str, Mapping[datetime, int]]]) -> str:
    """Counts by minute as OpenMetrics text: by gauge, then by service."""
    lines = []
    for name, services in gauges.items():
        lines.append(f"# TYPE {name} gauge")
        for service, counts in services.items():
            lines += [
                f'{name}{{service="{service}"}} {count} {(minute + HALF_A_MINUTE).timestamp():.0f}'
                for minute, count in counts.items()
            ]
    return "\n".join([*lines, "# EOF", ""])


class Prometheus:
    """A running server."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        """Whether it answers queries."""
        try:
            with _DIRECT.open(f"{self._url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def each_minute(self, expression: str, first: datetime, last: datetime) -> np.ndarray:
        """An expression of one series at every minute of [first, last]; NaN where it is empty."""
        asked = urllib.parse.urlencode(
            {
                "query": expression,
                "start": f"{first.timestamp():.0f}",
                "end": f"{last.timestamp():.0f}",
                "step": "60",
            }
        )
        with _DIRECT.open(f"{self._url}/api/v1/query_range?{asked}", timeout=30) as answer:
            told: Any = json.load(answer)
        result = told["data"]["result"]
        assert told["status"] == "success"
        assert len(result) <= 1, expression
        found = np.full((last - first) // MINUTE + 1, np.nan)
        for moment, value in result[0]["values"] if result else ():
            found[round((moment - first.timestamp()) / 60)] = float(value)
        return found


@contextmanager
def prometheus(written: str, folder: Path) -> Iterator[Prometheus]:
    """Backfill a server with OpenMetrics text, start it, and stop it afterwards.

    Raises:
        RuntimeError: it does not start; with the end of its log.
    """
    server, promtool = needed("prometheus"), needed("promtool")
    metrics, data, log = folder / "metrics.txt", folder / "data", folder / "prometheus.log"
    metrics.write_text(written)
    (folder / "prometheus.yml").write_text("global: {}\n")
    subprocess.run(
        [
            *(promtool, "tsdb", "create-blocks-from", f"--max-block-duration={ONE_BLOCK}"),
            *("openmetrics", str(metrics), str(data)),
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    with log.open("w") as said:
        process = subprocess.Popen(
            [
                server,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={data}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        running = Prometheus(port)
        until = time.monotonic() + START_SECONDS
        while not running.ready():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Prometheus did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
