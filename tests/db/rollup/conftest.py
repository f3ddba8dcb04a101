"""The store as the worker and the serving stack see it, and an hour that is over."""

from datetime import datetime

import pytest
from sqlalchemy import URL, Engine

from db.engine import Role, Store
from tests.db.serving_rows import HOUR, floor_hour, store_time


@pytest.fixture
def database(emptied_database: URL) -> URL:
    """One for all tests of a module, emptied before each."""
    return emptied_database


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def hour(worker: Engine) -> datetime:
    """An hour that is over, in the store's time."""
    return floor_hour(store_time(worker)) - 3 * HOUR
