"""A receiver, a clock and an engine for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.engine import Role, Store
from tests.db.notifications.alert_rows import Clock
from tests.db.notifications.receiver import Receiver


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver().start()
    yield opened
    opened.answering.set()
    opened.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER, pool_size=12)


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)
