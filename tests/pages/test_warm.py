"""What a page costs that many look at: drawn once more, it asks the store nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from sqlalchemy import URL, Engine, event

from db.engine import Store
from tests.pages.operate import Desk, known

#: Every page of the navigation that shows a report.
PAGES = (
    *("overview", "quality", "experiment", "reliability", "false_reports"),
    *("alerts", "oncall", "incidents", "documentation"),
    *("criteria", "milestones", "scope", "risks", "life_cycle", "review"),
)
#: What the store said is kept for two seconds, and a live page has a new minute: a run in which
#: that is over asks. A page that asks in so many runs in a row does so in all of them.
RUNS = 12


@pytest.fixture(autouse=True)
def address(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.render_as_string(hide_password=False))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What the store is asked by anybody in this process."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_drawn_once_more_asks_the_store_nothing(
    store: Store, statements: list[str], page: str
) -> None:
    known(store)
    desk = Desk(page)
    assert statements, "nothing is counted"
    for _ in range(RUNS):
        statements.clear()
        desk.run()
        if not statements:
            return
    pytest.fail(f"asked in every run, in the last one: {statements}")
