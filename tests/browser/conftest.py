"""One filled store and one web server for all browser tests, and a browser for each."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import URL, Engine

from core.timeframe import DAY, MINUTE, floor_to, write_time
from db.demo.fill import fill
from db.engine import Role, Store
from db.worker import Worker
from db.writer import MetricWriter
from tests.bench.streamlit_server import serve
from tests.browser.chromium import PATIENCE_SECONDS, chromium
from tests.conftest import administer

ROOT = Path(__file__).parents[2]
#: A little more than the 30 days that the pages show by default.
DAYS = 31
LONGEST_TEST = 5 * MINUTE
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


class SharedStore(Store):
    """A store that all tests ask for engines: one a role, or each would keep a connection open.

    The server lets in sixty, and by the end of the session nobody else would get any.
    """

    def __init__(self, url: URL) -> None:
        super().__init__(url.render_as_string(hide_password=False), Path("unused"))
        self._kept: dict[Role, Engine] = {}

    def engine(self, role: Role, *, watched: bool = False, **options: Any) -> Engine:
        """The engine of a role; one of its own for who wants it otherwise."""
        if watched or options:
            return super().engine(role, watched=watched, **options)
        if role not in self._kept:
            self._kept[role] = super().engine(role)
        return self._kept[role]


@dataclass(frozen=True)
class Site:
    """A running dashboard.

    Attributes:
        address: where it is, without a slash at the end.
        as_of: the end of the filled history; links carry it, so that page and terminal agree.
    """

    address: str
    database: URL
    store: Store
    as_of: datetime

    def link(self, page: str = "", **query: str) -> str:
        """The address of a page at the end of the history."""
        asked = {"service": "newsletters", "as_of": write_time(self.as_of)} | query
        return f"{self.address}/{page}?" + "&".join(f"{key}={asked[key]}" for key in asked)

    def terminal(self, *arguments: str) -> Any:
        """What cli.py says, as JSON, at the same as-of."""
        done = subprocess.run(
            [
                *(sys.executable, "cli.py", *arguments, "--service", "newsletters"),
                *("--as-of", write_time(self.as_of), "--format", "json"),
            ],
            cwd=ROOT,
            env={**os.environ, **environment(self.database)},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)


def environment(database: URL) -> dict[str, str]:
    """What tells a process where the store is."""
    return {"DATABASE_URL": database.render_as_string(hide_password=False)}


@pytest.fixture(autouse=True)
def _on_one_day() -> None:
    """What a test types as today is today until it ends: it does not begin just before midnight."""
    now = datetime.now(UTC)
    midnight = floor_to(now, DAY) + DAY
    if midnight - now < LONGEST_TEST:
        time.sleep((midnight - now).total_seconds())


@pytest.fixture(scope="session")
def site(
    server_url: URL, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The dashboard over a filled store."""
    name = f"greenlight_browser_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    database = server_url.set(database=name)
    as_of = floor_to(datetime.now(UTC), MINUTE)
    with SharedStore(database) as store:
        buffer = tmp_path_factory.mktemp("buffer")
        with MetricWriter(store, service="newsletters", buffer=buffer) as writer:
            fill(store, as_of, writer=writer, days=DAYS)
        worker = Worker(store, now=lambda: datetime.now(UTC))
        while worker.tick().pending:
            pass
        worker.close()
        with serve(ROOT / "app.py", environment(database)) as server:
            yield Site(f"http://localhost:{server.port}", database, store, as_of)
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as running:
        yield running
