"""A store that holds random serving rows, rolled up, for tests that only read."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from sqlalchemy import URL

from db.engine import Role, Store
from db.readers.reliability import SqlReliabilityReader
from tests.conftest import new_database, open_store
from tests.db.readers import serving
from tests.db.readers.serving import Row


@dataclass(frozen=True)
class Filled:
    """A store, the rows of service 'mail' that went into it, and a reader on it."""

    store: Store
    rows: list[Row]
    reader: SqlReliabilityReader


@pytest.fixture(scope="session")
def filled(server_url: URL, migrated: str) -> Iterator[Filled]:
    """Five hours of random rows; a second service must never show up in the first one's numbers."""
    with new_database(server_url, migrated) as url, open_store(url) as store:
        rows = list(serving.random_rows(np.random.default_rng(20250310)))
        other = [
            serving.row(serving.BEGIN + i * serving.MINUTE, service="other") for i in range(90)
        ]
        serving.write(store, [*rows, *other])
        serving.tick(store)
        yield Filled(store, rows, SqlReliabilityReader(store.engine(Role.APP)))


@pytest.fixture
def reader(store: Store) -> SqlReliabilityReader:
    """A reader on an empty store of the test's own."""
    return SqlReliabilityReader(store.engine(Role.APP))


@pytest.fixture
def database(emptied_database: URL) -> URL:
    """One for all tests of a module, emptied before each."""
    return emptied_database
