"""The store as the worker and the serving stack see it, and days by its clock."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from db.engine import Role, Store
from tests.db.serving_rows import DAY, HOUR, store_time


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def now(worker: Engine) -> datetime:
    return store_time(worker)


@pytest.fixture
def midnight(now: datetime) -> datetime:
    """The beginning of this day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def old(midnight: datetime) -> datetime:
    """An hour of a day that retention takes away."""
    return midnight - 20 * DAY + 9 * HOUR
