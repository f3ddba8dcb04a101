"""The store as the worker and the serving stack see it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.engine import Role, Store


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)
