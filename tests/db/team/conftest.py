"""Tests of what people write share a database by module."""

import pytest
from sqlalchemy import URL


@pytest.fixture
def database(emptied_database: URL) -> URL:
    """One for all tests of a module, emptied before each."""
    return emptied_database
