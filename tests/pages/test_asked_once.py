"""What a page costs that nobody has looked at: no question is put twice to one snapshot."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
import streamlit as st
from sqlalchemy import URL, Engine, event

from db.demo.cards import seed_cards
from db.demo.goals import seed_goals
from db.demo.newsletters.decisions import seed_decisions
from db.demo.newsletters.life_cycle import seed_life_cycle
from db.demo.newsletters.plan import seed_plan
from db.demo.newsletters.risks import seed_risks
from db.demo.newsletters.story import SERVICE, Scenario
from db.demo.on_call import seed_channel, seed_rotas
from db.engine import Role, Store
from tests.conftest import new_database, open_store
from tests.pages.operate import Desk, known, now
from tests.pages.test_warm import PAGES

#: How a snapshot begins.
_PREPARES = "set transaction"
#: Of each question the number of its snapshot, what is asked, and with which parameters.
Asked = list[tuple[int, str, str]]


@pytest.fixture(scope="module")
def planned(server_url: URL, migrated: str) -> Iterator[Store]:
    """The demo's goals, plan, risks and people; one release."""
    with new_database(server_url, migrated) as url, open_store(url) as store:
        app = store.engine(Role.APP)
        scenario = Scenario(now())
        known(store, SERVICE)
        seed_goals(app, scenario.anchor)
        seed_plan(app, scenario.anchor)
        for seed in (seed_risks, seed_decisions, seed_life_cycle, seed_rotas, seed_cards):
            seed(app, scenario)
        seed_channel(app, scenario)
        yield store


@pytest.fixture(autouse=True)
def address(planned: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", planned.url().render_as_string(hide_password=False))
    forget()
    yield
    forget()


@pytest.fixture
def asked() -> Iterator[Asked]:
    """What the store is asked by anybody in this process."""
    found: Asked = []
    snapshots = itertools.count()
    of: dict[object, int] = {}

    def note(connection: object, _cursor: object, said: str, given: object, *_: object) -> None:
        if said.startswith(_PREPARES) or connection not in of:
            of[connection] = next(snapshots)
        if not said.startswith(_PREPARES):
            found.append((of[connection], " ".join(said.split()), repr(given)))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def forget() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_nobody_has_looked_at_asks_a_snapshot_nothing_twice(
    page: str, asked: Asked
) -> None:
    desk = Desk(page, service=SERVICE)
    forget()
    asked.clear()
    desk.run()
    assert asked, "nothing is counted"
    assert {one: times for one, times in Counter(asked).items() if times > 1} == {}
