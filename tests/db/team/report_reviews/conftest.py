"""One store for the tests of a module, with forty groups and no votes before each."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from db.engine import Role, Store
from tests.db.team.report_reviews.forty_groups import NUMBERS, SERVICE
from tests.db.team.report_rows import Report, put_reports


@pytest.fixture(scope="module")
def engines(kept_store: Store) -> dict[Role, Engine]:
    """One store for all of a module: the tests take seconds together, with one each a minute."""
    return {role: kept_store.engine(role) for role in (Role.OWNER, Role.APP, Role.WORKER)}


@pytest.fixture
def app(engines: dict[Role, Engine]) -> Engine:
    """Forty groups of one report each, numbered from 1, and no votes."""
    with engines[Role.OWNER].begin() as connection:
        connection.execute(
            text("truncate team.report_group, team.report_letter restart identity cascade")
        )
        connection.execute(text("alter sequence team.report_draw restart"))
        connection.execute(text("truncate team.retraining_set cascade"))
        made = put_reports(connection, SERVICE, (Report(f"r{number}") for number in NUMBERS))
    assert list(made.values()) == NUMBERS.tolist()
    return engines[Role.APP]


@pytest.fixture
def worker(engines: dict[Role, Engine]) -> Engine:
    return engines[Role.WORKER]
