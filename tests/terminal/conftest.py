"""Commands on a store of the test's own."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import URL

from tests.terminal.running import Terminal, run


@pytest.fixture
def terminal(database: URL) -> Terminal:
    """Runs a command on the test's store."""
    return partial(run, database.render_as_string(hide_password=False))


@pytest.fixture
def as_of() -> datetime:
    """The minute that has just begun: whole minutes lie behind it."""
    return datetime.now(UTC).replace(second=0, microsecond=0)
