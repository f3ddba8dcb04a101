"""The gate where nobody signs in, and what is kept while somebody is away to do so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st
from sqlalchemy import URL
from streamlit import config
from streamlit.testing.v1 import AppTest

from core.access import Person, Role
from db.engine import Store
from db.readers.members import SqlMemberReader
from pages.parts.access import links
from pages.parts.access.exposure import exposed
from pages.parts.data import access
from tests.pages.operate import APP, SERVICE, Desk, app_of, known

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LOCAL = {"Host": "localhost:8501"}
COOKIE = "2|01020304|aabbccddeeff0011|1780000000"


@pytest.fixture(autouse=True)
def address(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.render_as_string(hide_password=False))
    for name in ("GREENLIGHT_OPEN", "GREENLIGHT_OIDC_METADATA_URL"):
        monkeypatch.delenv(name, raising=False)
    st.cache_data.clear()
    links._kept().clear()
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize("listens_on", ["localhost", "127.0.0.1", "::1", "[::1]", "127.8.8.8"])
def test_a_machine_may_serve_itself(listens_on: str):
    for host in ("localhost:8501", "LOCALHOST", "127.0.0.1:8501", "[::1]:8501"):
        assert exposed({}, listens_on, {"Host": host}) == ""
        assert exposed({}, listens_on, {"Host": host, "Origin": f"http://{host}"}) == ""
    assert exposed({}, listens_on, {}) == ""


@pytest.mark.parametrize("listens_on", ["", "0.0.0.0", "::", "10.0.0.7", "greenlight.example"])
def test_whoever_listens_elsewhere_is_exposed(listens_on: str):
    assert exposed({}, listens_on, LOCAL)
    assert exposed({"GREENLIGHT_OPEN": "0"}, listens_on, LOCAL)
    assert exposed({"GREENLIGHT_OPEN": "1"}, listens_on, LOCAL) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "greenlight.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "localhost@evil.example"},
        {"Host": "[broken"},
        {"Host": ""},
        LOCAL | {"Origin": "http://localhost:3000"},
        LOCAL | {"Origin": "null"},
        LOCAL | {"Origin": "http://[broken"},
        LOCAL | {"X-Forwarded-For": "127.0.0.1, 10.0.0.7"},
        LOCAL | {"X-Real-IP": "10.0.0.7"},
    ],
)
def test_a_proxy_or_a_foreign_name_in_front_is_exposed_too(headers: dict[str, str]):
    assert exposed({}, "localhost", headers)


def test_a_proxy_for_this_machine_alone_is_not():
    assert exposed({}, "localhost", LOCAL | {"X-Forwarded-For": "127.0.0.1"}) == ""


def test_a_link_is_kept_for_its_browser_once_and_not_for_ever():
    link = links.Link("oncall", {"service": "mail"}, NOON)
    cookies = {links.COOKIE: COOKIE}
    links.keep(link, cookies)
    assert links.take({links.COOKIE: COOKIE.replace("aabb", "bbaa")}, NOON) is None
    assert links.take(cookies, NOON) == link
    assert links.take(cookies, NOON) is None
    links.keep(link, cookies)
    assert links.take(cookies, NOON + timedelta(hours=1)) is None


def test_links_of_strangers_do_not_pile_up():
    for number in range(links.MOST + 5):
        cookie = f"2|01020304|{number:016x}|1780000000"
        links.keep(links.Link("oncall", {}, NOON), {links.COOKIE: cookie})
    assert len(links._kept()) == links.MOST
    links.keep(links.Link("oncall", {"q": "x" * 5000}, NOON), {links.COOKIE: COOKIE})
    assert links.take({links.COOKIE: COOKIE}, NOON) is None


@pytest.mark.parametrize("cookie", ["", "1|a|b", "2|zz|zz|1", "2||aa|1", "2|aa||1"])
def test_a_cookie_that_is_none_names_no_browser(cookie: str):
    assert links.browser_of(cookie) == ""


def gate() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    assert not app.exception
    return app


def test_an_open_dashboard_says_that_it_is(store: Store):
    known(store)
    said = [one.value for one in gate().sidebar.caption]
    assert any("Open: nobody signs in" in one for one in said)


@pytest.mark.parametrize("told", ["0.0.0.0", ""])
def test_a_dashboard_without_sign_in_that_listens_to_others_shows_nothing(store: Store, told: str):
    known(store)
    before = config.get_option("server.address")
    config.set_option("server.address", told or None)
    try:
        app = gate()
    finally:
        config.set_option("server.address", before)
    assert [one.value for one in app.title] == ["This dashboard is closed"]
    assert len(app.sidebar) == 0


def test_sign_in_that_was_asked_for_and_is_not_there_closes_the_dashboard(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    known(store)
    monkeypatch.setenv("GREENLIGHT_OIDC_METADATA_URL", "https://id.example/")
    app = gate()
    assert [one.value for one in app.title] == ["This dashboard is closed"]


def test_members_are_kept_on_the_page(store: Store):
    known(store)
    page = Desk("members")
    assert page.title == "Nobody is a member yet"
    page.app.text_input(key="member·new·email").input("Anna@example.org")
    page.app.text_input(key="member·new·name").input("Анна")
    page.app.radio(key="member·new·role").set_value("admin")
    page.app.text_input(key="member·new·by").input("Mara")
    next(one for one in page.app.button if one.label == "Let them in").click()
    page.run()
    (member,) = SqlMemberReader(app_of(store)).members()
    assert (member.email, member.role, member.changed_by) == ("anna@example.org", "admin", "Mara")
    assert page.title == "1 member, 1 of them an admin"
    page.app.selectbox(key="member_chosen").select("anna@example.org")
    page.run()
    next(one for one in page.app.button if one.label == "Revoke the membership").click()
    page.run()
    assert "Nobody would be an admin any more" in "".join(one.value for one in page.app.text)


def test_the_log_tells_what_was_done_a_moment_ago(store: Store):
    known(store)
    page = Desk("oncall")
    page.app.text_area(key=_key(page, "members")).input("Анна")
    page.app.text_input(key=_key(page, "by")).input("Борис")
    next(one for one in page.app.button if one.label == "Make the rota").click()
    page.run()
    log = Desk("audit")
    assert log.title.startswith("The last change here is by Борис")
    table = log.app.dataframe[0].value
    assert list(table["Who"]) == ["Борис"]
    assert list(table["What"]) == ["rota"]


def _key(page: Desk, field: str) -> str:
    fields = [*page.app.text_area, *page.app.text_input]
    return next(str(one.key) for one in fields if str(one.key).endswith(f"·{field}"))


def test_a_service_that_others_have_just_looked_at_is_not_shown_to_who_may_not_see_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    known(store)
    assert Desk("oncall").title == f"Nobody is on call now for {SERVICE}"
    limited = Person("", "", Role.VIEWER, ("search",))  # AppTest has no cookies to look through
    monkeypatch.setattr(access, "judged", lambda *_, **__: limited)
    known(store, "search")
    st.cache_data.clear()
    page = Desk("oncall")
    assert SERVICE not in page.said().replace("“mail”", "")
    assert page.title == "Nobody is on call now for search"


@pytest.mark.parametrize("part", ["rules", "notifications"])
def test_who_may_not_change_rules_and_channels_sees_them_without_forms(
    part: str, store: Store, monkeypatch: pytest.MonkeyPatch
):
    known(store)
    viewer = Person("", "Вера", Role.VIEWER)
    monkeypatch.setattr(access, "judged", lambda *_, **__: viewer)
    page = Desk("alerts", tab=part)
    assert "yours is viewer" in page.said()
    assert len(page.app.text_input) == 0
