"""Server CPU of a page's warm re-run, as a multiple of an empty Streamlit page's, in one run.

`python -m tests.bench.bench_pages` prints one JSON object. The target is at most 3.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.timeframe import MINUTE, floor_to, write_time
from db.demo.fill import fill
from db.worker import Worker
from db.writer import MetricWriter
from tests.bench.databases import database
from tests.bench.streamlit_server import Server, rerun, serve

ROOT = Path(__file__).parents[2]
EMPTY = "import streamlit as st\nst.set_page_config(layout='wide')\nst.title('empty')\n"
WARM_UP, ROUNDS, RERUNS = 5, 7, 12
TARGET = 3.0


@contextmanager
def filled(folder: Path) -> Iterator[tuple[str, datetime]]:
    """An embedded store with a month of the demo, its address and the end of its history."""
    as_of = floor_to(datetime.now(UTC), MINUTE)
    with database(folder) as store:
        with MetricWriter(store, service="newsletters", buffer=folder / "buffer") as writer:
            fill(store, as_of, writer=writer, days=31)
        worker = Worker(store, now=lambda: datetime.now(UTC))
        while worker.tick().pending:
            pass
        worker.close()
        address = store.url().render_as_string(hide_password=False)
        yield address, as_of


def cpu_of_reruns(server: Server, query: str, page: str) -> list[float]:
    """Server CPU seconds a re-run, one figure a round."""
    found = []
    with server.session() as connection:
        for _ in range(WARM_UP):
            rerun(connection, query, page)
        for _ in range(ROUNDS):
            before = server.cpu_seconds
            for _ in range(RERUNS):
                rerun(connection, query, page)
            found.append((server.cpu_seconds - before) / RERUNS)
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        script = folder / "empty.py"
        script.write_text(EMPTY)
        with filled(folder) as (address, as_of):
            query = f"service=newsletters&as_of={write_time(as_of)}"
            with serve(script, {}) as server:
                empty = statistics.median(cpu_of_reruns(server, "", ""))
            figures = {}
            with serve(ROOT / "app.py", {"DATABASE_URL": address}) as server:
                for page in ("", "quality", "experiment", "reliability", "false_reports"):
                    cpu = statistics.median(cpu_of_reruns(server, query, page))
                    figures[page or "overview"] = cpu
    print(
        json.dumps(
            {
                "bench": "pages",
                "empty_page_ms": empty * 1000,
                **{f"{page}_ms": cpu * 1000 for page, cpu in figures.items()},
                **{f"{page}_ratio": cpu / empty for page, cpu in figures.items()},
                "target_ratio": TARGET,
                "met": all(cpu / empty <= TARGET for cpu in figures.values()),
            }
        )
    )


if __name__ == "__main__":
    main()
