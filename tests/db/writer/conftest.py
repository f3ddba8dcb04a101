"""A writer on a store of the test's own, and a way to the store that can be cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from db.engine import Store
from db.writer import MetricWriter
from tests.db.writer_proxy import CuttableProxy


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Iterator[MetricWriter]:
    with MetricWriter(store, service="почта", buffer=tmp_path / "buffer") as opened:
        yield opened


@pytest.fixture
def proxy(database: URL) -> Iterator[CuttableProxy]:
    with CuttableProxy(database) as opened:
        yield opened
