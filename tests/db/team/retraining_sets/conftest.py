"""The store as the web server sees it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.engine import Role, Store


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)
