"""Buttons of the False reports page that are pressed by somebody who must not press them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st
from sqlalchemy import text

from core.access import Person, Role
from core.timeframe import write_time
from db.engine import Role as DatabaseRole
from db.engine import Store
from pages.parts.data import access
from tests.pages.report_desk import Reader, taken

# AppTest has no cookies to look through, and does not tell app.py which page it draws.
MARA, BORIS = Person("", "Mara", Role.MANAGER), Person("", "Борис", Role.ON_CALL)


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def be(monkeypatch: pytest.MonkeyPatch, person: Person) -> None:
    monkeypatch.setattr(access, "judged", lambda *_, **__: person)


def claims(store: Store) -> list[str]:
    with store.engine(DatabaseRole.APP).connect() as connection:
        return list(connection.execute(text("select reviewer from team.report_claim")).scalars())


def test_a_button_that_is_drawn_as_disabled_does_nothing_when_it_is_pressed_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    taken(store, "a1", "b1")
    be(monkeypatch, MARA)
    page = Reader(store, as_of=write_time(datetime.now(UTC) - timedelta(hours=1)))
    button = page.button("Start reviewing")
    assert button.disabled
    button._value = True  # as a message by hand says it: `click` does what a browser would
    page.run()
    assert claims(store) == []


def test_a_review_of_somebody_whose_role_was_taken_meanwhile_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    taken(store, "a1", "b1")
    be(monkeypatch, MARA)
    page = Reader(store)
    assert not page.button("Start reviewing").disabled
    be(monkeypatch, Person("", "Mara", Role.VIEWER))
    page.press("Start reviewing")
    assert claims(store) == []
    assert page.votes() == ()
    assert "yours is viewer" in page.said()


def test_who_may_review_but_not_plan_makes_no_set_and_withdraws_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    taken(store, "a1")
    be(monkeypatch, BORIS)
    page = Reader(store, tab="Sets")
    labels = {one.label for one in page.app.button}
    assert "Make the set" not in labels
    assert "Withdraw letters" not in {one.label for one in page.app.expander}
    assert "needs the role manager, and yours is on-call" in page.said()
