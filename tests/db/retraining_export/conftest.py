"""A store with two sets that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine

from db.engine import Role
from tests.conftest import open_store
from tests.db.retraining_export.exported import MANY, MANY_LETTERS, STRANGE, stored
from tests.db.team.report_rows import REPORTED, Report, put_reports


@pytest.fixture(scope="module")
def app(kept_database: URL) -> Iterator[Engine]:
    """A store with a small set of strange letters and one of many."""
    with open_store(kept_database) as opened:
        engine = opened.engine(Role.APP)
        strange = [
            Report(name, text=said, score=0.1 + 0.2, threshold=0.3, language="he")
            for name, said in STRANGE.items()
        ]
        missed = Report(
            "missed", text="a newsletter", kind="false_negative", threshold=float("inf")
        )
        stored(engine, "newsletters", [*strange, missed])
        (group_id,) = put_reports(engine, "many", [Report("r0", text="exemplar")]).values()
        with engine.begin() as connection:
            asked = {"group_id": group_id, "at": REPORTED, "many": MANY - 1}
            connection.execute(MANY_LETTERS, asked)
        stored(engine, "many", [])
        yield engine
