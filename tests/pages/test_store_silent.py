"""The store is away or silent: who is still believed, what they see, and that nobody writes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st
from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from core.access import Policy, Role
from core.timeframe import write_time
from db.engine import Store
from db.readers.oncall import SqlOnCallReader
from db.team.members import save_member
from pages.parts import data
from pages.parts.access import gate, links
from pages.parts.data import Problem, access, reports
from pages.parts.data import store as pages_store
from tests.pages.operate import APP, SERVICE, Desk, app_of, known, now

ANNA, GLEB = "anna@example.org", "gleb@example.org"
OTHER = "search"


@pytest.fixture(autouse=True)
def address(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.render_as_string(hide_password=False))
    # The silence that a test makes lasts as long as the test.
    monkeypatch.setattr(pages_store, "TOLD_AGAIN_SECONDS", 3600)
    # AppTest has neither secrets nor cookies: sign-in is settled here, and who signs in.
    monkeypatch.setattr(gate, "settle", lambda _: data.require(Policy()))
    monkeypatch.setattr(links, "take", lambda *_: None)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who is in front of the page, the last entry; a sign-in of a minute ago."""
    people = [ANNA]

    def claims() -> dict[str, object]:
        began = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp())
        return {"email": people[-1], "iat": began, "is_logged_in": True}

    monkeypatch.setattr(access, "claims", claims)
    return people


@pytest.fixture
def members(store: Store, signed_in: list[str]) -> Store:
    """Anna keeps members and sees both services; Gleb sees the other one alone."""
    known(store)
    known(store, OTHER)
    for email, name, role, services in (
        (ANNA, "Анна", Role.ADMIN, []),
        (GLEB, "Глеб", Role.ON_CALL, [OTHER]),
    ):
        given = {"email": email, "name": name, "role": role, "services": services}
        save_member(app_of(store), None, given, by="Анна", at=now())
    return store


def fall_silent() -> None:
    """As after a question that waited for a store which did not answer."""
    said = Problem("The store does not answer: it is frozen", now())
    pages_store._silence()[:] = [(time.monotonic(), said)]


def away(*_: object, **__: object) -> None:
    raise OperationalError("select", {}, Exception("connection refused"))


class Front(Desk):
    """A new session at the first page, with the gate before it: a Desk draws a page alone."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in query.items():
            self.app.query_params[name] = value
        self.run()


def troubles(page: Desk) -> str:
    """What stands in red above a page, as a reader sees it."""
    return "\n".join(one.value.replace("\\", "") for one in page.app.error)


@pytest.mark.usefixtures("members")
def test_while_the_store_is_silent_whom_it_knew_sees_the_last_report():
    before = Front(service=SERVICE).title
    assert SERVICE in before.lower()
    fall_silent()
    page = Front(service=SERVICE)
    assert page.title == before
    assert "The store does not answer: it is frozen" in troubles(page)
    assert "Below is the last report" in troubles(page)


def test_without_sign_in_a_silent_store_leaves_the_last_report_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(gate, "settle", lambda _: data.require(None))
    known(store)
    before = Front().title
    fall_silent()
    page = Front()
    assert page.title == before
    assert "Below is the last report" in troubles(page)


@pytest.mark.usefixtures("members")
def test_a_report_of_now_does_not_stand_in_for_one_of_an_earlier_moment():
    Desk("oncall")
    fall_silent()
    past = Desk("oncall", as_of=write_time(now() - timedelta(days=1)))
    assert "The store does not answer" in troubles(past)
    assert "Below is" not in troubles(past)


def test_last_reports_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, members: Store):
    monkeypatch.setattr(reports, "MOST_LAST", 3)
    Desk("oncall")
    for days in range(4):
        Desk("oncall", as_of=write_time(now() - timedelta(days=days)))
    assert len(reports._last_good()) == 3


@pytest.mark.usefixtures("members")
def test_while_the_store_is_silent_nobody_sees_what_is_not_theirs(signed_in: list[str]):
    mail = Desk("oncall")
    assert SERVICE in mail.title
    signed_in.append(GLEB)
    Desk("oncall", service=OTHER)
    fall_silent()
    page = Front(service=SERVICE)
    assert SERVICE not in page.said().lower().replace(f"“{SERVICE}”", "")
    # The page itself asks who is in front of it, whatever the gate has let through.
    mail.refresh()
    assert "There is no such service for you." in troubles(mail)
    assert SERVICE not in mail.said()


@pytest.mark.usefixtures("members")
def test_while_the_store_is_silent_a_stranger_sees_nothing(signed_in: list[str]):
    Front()
    signed_in.append("nobody@example.org")
    fall_silent()
    page = Front()
    assert page.title == "Greenlight cannot reach its data"
    assert "Below is" not in troubles(page)


@pytest.mark.usefixtures("members")
def test_what_the_store_said_longer_ago_is_not_believed(monkeypatch: pytest.MonkeyPatch):
    Front()
    fall_silent()
    monkeypatch.setattr(access, "KEPT_WHILE_DOWN", timedelta(0))
    page = Front()
    assert page.title == "Greenlight cannot reach its data"
    assert "Below is" not in troubles(page)


def test_who_was_revoked_here_is_not_believed_when_the_store_falls_silent(
    members: Store, signed_in: list[str]
):
    signed_in.append(GLEB)
    assert OTHER in Front(service=OTHER).title.lower()
    signed_in.append(ANNA)
    page = Desk("members")
    page.app.selectbox(key="member_chosen").select(GLEB)
    page.run()
    page.press("Revoke the membership")
    fall_silent()
    signed_in.append(GLEB)
    assert Front().title == "Greenlight cannot reach its data"


def test_who_signed_out_here_is_not_believed_when_the_store_falls_silent(members: Store):
    page = Front()
    (button,) = [one for one in page.app.sidebar.button if one.label == "Sign out"]
    button.click()
    page.run()
    fall_silent()
    assert SERVICE not in Front(service=SERVICE).said().lower()


def test_nobody_writes_whom_the_store_cannot_vouch_for_at_that_moment(
    members: Store, monkeypatch: pytest.MonkeyPatch
):
    """The connections that write may well work while those do not on which it would be asked."""
    page = Desk("oncall")
    fields = [*page.app.text_area, *page.app.text_input]
    (named,) = [one for one in fields if str(one.key).endswith("·members")]
    named.input("Анна")
    monkeypatch.setattr(access, "_asked", away)
    page.press("Make the rota")
    assert "Nothing was stored" in page.said() + troubles(page)
    assert SqlOnCallReader(app_of(members)).rota(SERVICE, now()) is None


@pytest.mark.usefixtures("members")
def test_the_moment_since_when_the_store_is_away_stays():
    """What is kept answers all the time, and does not make the store one that is there."""
    page = Desk("oncall")
    event.listen(Engine, "before_cursor_execute", away)
    try:
        page.refresh()
        began = pages_store._down_since()["store"]
        page.refresh()
        assert "Below is the last report" in troubles(page)
        assert pages_store._down_since()["store"] == began
    finally:
        event.remove(Engine, "before_cursor_execute", away)
    page.refresh()
    assert troubles(page) == ""
    assert pages_store._down_since() == {}
