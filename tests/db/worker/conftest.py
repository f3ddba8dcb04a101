"""A worker whose clock the test turns, and the store as others see it."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine

from db.engine import Role, Store
from db.worker import Worker
from tests.db.serving_rows import HOUR, floor_hour, store_time
from tests.db.worker.clocks import Clock


@pytest.fixture
def reader(store: Store) -> Engine:
    return store.engine(Role.APP)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def hour(reader: Engine) -> datetime:
    return floor_hour(store_time(reader)) - 3 * HOUR


@pytest.fixture
def clock(reader: Engine) -> Clock:
    return Clock(store_time(reader))


@pytest.fixture
def worker(store: Store, clock: Clock) -> Iterator[Worker]:
    made = Worker(store, now=clock, is_steadied=False)  # days go by that the store does not see
    yield made
    made.close()
