"""Stores that the tests of a module share, emptied before each: faster than one of their own."""

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine

from db.engine import Role, Store
from tests.db.emptied import empty


@pytest.fixture
def emptied_database(kept_database: URL) -> URL:
    """The address of the module's database, which holds no row. See `empty` for what it keeps."""
    engine = create_engine(kept_database, poolclass=NullPool)
    with engine.begin() as connection:
        empty(connection)
    return kept_database


@pytest.fixture(scope="module")
def shared_engines(kept_store: Store) -> dict[Role, Engine]:
    """The module's store as each of its roles sees it."""
    roles = (Role.OWNER, Role.APP, Role.WORKER)
    return {role: kept_store.engine(role, pool_size=8) for role in roles}


@pytest.fixture
def oncall_engines(shared_engines: dict[Role, Engine]) -> dict[Role, Engine]:
    """The module's store without any row."""
    with shared_engines[Role.OWNER].begin() as connection:
        empty(connection)
    return shared_engines


@pytest.fixture
def oncall_app(oncall_engines: dict[Role, Engine]) -> Engine:
    """The emptied store as the web server sees it."""
    return oncall_engines[Role.APP]
