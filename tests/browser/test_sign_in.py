"""Sign-in as people meet it, and as somebody meets it who writes messages to the server by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import URL, Engine, text

from core.access import PAGES
from db.engine import Role, Store
from db.readers.members import SqlMemberReader
from db.readers.oncall import SqlOnCallReader
from db.team.members import revoke_member, save_member
from tests.browser.chromium import PATIENCE_SECONDS, open_page, settle
from tests.browser.conftest import environment
from tests.browser.signed_people import PEOPLE, sign_in, store_of_people
from tests.browser.visits import HEADING
from tests.signed_site import SignedSite, Tab, now, signed_site

pytestmark = pytest.mark.browser

MINUTE = timedelta(minutes=1)
MEMBERS, WHO = "Members, one a line", "Who"


@pytest.fixture(scope="module")
def store(server_url: URL, migrated: str) -> Iterator[Store]:
    with store_of_people(server_url, migrated) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedSite]:
    folder = tmp_path_factory.mktemp("sign_in")
    with signed_site(environment(store.url()), folder) as running:
        yield running


@pytest.fixture
def app(store: Store) -> Iterator[Engine]:
    """The store as the web server sees it; what a test wrote is taken back."""
    yield store.engine(Role.APP)
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(text("delete from team.rota"))
        owner.execute(text("delete from team.audit where subject <> 'member'"))
        owner.execute(text("delete from team.sign_out"))


def rota_of(app: Engine, service: str = "mail") -> Any:
    return SqlOnCallReader(app).rota(service, now() + MINUTE)


def written(store: Store) -> list[Any]:
    """Everything that the people's tables hold of services."""
    with store.engine(Role.OWNER).connect() as owner:
        return list(owner.execute(text("select * from team.audit where service <> ''")))


def open_form(tab: Tab, service: str = "mail") -> None:
    """Open the page where a first rota is made, once it is no longer that of the test before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        tab.open("oncall", f"service={service}")
        if ("button", "Make the rota") in tab.widgets or time.monotonic() > deadline:
            return


def make_rota(tab: Tab, known: Tab, *, name: str, service: str = "mail") -> None:
    """Send the form of a first rota as the browser of somebody who has it would."""
    values = {
        known.widget("text_area", MEMBERS): "Борис\nВера",
        known.widget("text_input", WHO): name,
        known.widget("button", "Make the rota"): True,
    }
    tab.open("oncall", f"service={service}", **values)


def test_signing_in_leads_back_to_the_link_and_signing_out_ends_every_copy_of_it(
    browser: Browser, site: SignedSite, app: Engine
) -> None:
    page = open_page(browser, "light")
    link = f"{site.address}/oncall?service=search&window=7d"
    page.goto(link)
    settle(page)
    assert page.locator(HEADING).inner_text() == "Greenlight"
    assert "search" not in page.locator("[data-testid=stApp]").inner_text()
    sign_in(page, "boris@example.org")
    page.get_by_text("Борис, on-call").wait_for()
    settle(page)
    assert page.url.startswith(f"{site.address}/oncall?")
    assert "service=search" in page.url
    assert "window=7d" in page.url
    assert "Nobody is on call now for search" in page.locator(HEADING).inner_text()
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "_streamlit_user"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    with site.tab(cookie["value"]) as copy:
        copy.open("oncall")
        assert copy.title != "Greenlight"
    time.sleep(1.1)  # a token knows whole seconds: what is of this very second still counts
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.provider}/**")
    page.get_by_role("button", name="Log out").or_(page.locator("form button")).first.click()
    page.get_by_role("button", name="Sign in", exact=True).wait_for()
    settle(page)
    assert page.locator(HEADING).inner_text() == "Greenlight"
    page.context.close()
    with site.tab(cookie["value"]) as copy:
        copy.open("oncall")
        assert copy.title == "Greenlight"
        assert "You have signed out" in copy.said


def test_who_is_no_member_is_told_so_and_sees_nothing(browser: Browser, site: SignedSite) -> None:
    page = open_page(browser, "dark")
    page.goto(f"{site.address}/oncall")
    sign_in(page, "mallory@example.org")
    page.get_by_text("mallory@example.org is no member.").wait_for()
    settle(page)
    assert "mail" not in page.locator("[data-testid=stApp]").inner_text().replace("e-mail", "")
    page.context.close()


def test_a_cookie_that_is_forged_too_old_or_made_for_another_place_opens_nothing(
    site: SignedSite,
) -> None:
    long_ago = int(time.time()) - 13 * 3600
    refused = {
        "forged": site.cookie("anna@example.org", secret="the secret of somebody else, as long"),
        "altered": site.cookie("anna@example.org")[:-4] + "AAAA",
        "too old": site.cookie("anna@example.org", iat=long_ago),
        "of the future": site.cookie("anna@example.org", iat=int(time.time()) + 3600),
        "without a time": site.cookie("anna@example.org", iat=None),
        "of another place": site.cookie("anna@example.org", origin="http://evil.example"),
        "unverified": site.cookie("anna@example.org", email_verified=False),
        "none": None,
    }
    opened = []
    for name, cookie in refused.items():
        with site.tab(cookie) as tab:
            tab.open("oncall", "service=mail")
            if tab.title != "Greenlight" or "mail" in tab.said.replace("e-mail", ""):
                opened.append(name)
    assert opened == []
    with site.tab(site.cookie("anna@example.org")) as tab:
        tab.open("oncall", "service=mail")
        assert tab.title.startswith("Nobody is on call now")


def test_what_is_done_carries_the_name_of_who_signed_in_whatever_the_browser_sends(
    site: SignedSite, app: Engine
) -> None:
    with site.tab(site.cookie("boris@example.org")) as tab:
        open_form(tab)
        make_rota(tab, tab, name="Анна")
    assert rota_of(app).changed_by == "Борис"


def test_a_viewer_writes_nothing_with_the_messages_of_somebody_who_may(
    site: SignedSite, store: Store, app: Engine
) -> None:
    with site.tab(site.cookie("boris@example.org")) as other:
        open_form(other)
        with site.tab(site.cookie("vera@example.org")) as tab:
            tab.open("oncall", "service=mail")
            assert ("button", "Make the rota") not in tab.widgets
            make_rota(tab, other, name="Борис")
            make_rota(tab, other, name="Вера")
        assert written(store) == []
        make_rota(other, other, name="Борис")
    assert len(written(store)) == 1


def test_no_button_of_any_page_writes_for_a_viewer(
    site: SignedSite, store: Store, app: Engine
) -> None:
    pressed = set()
    with site.tab(site.cookie("boris@example.org")) as other:
        open_form(other)
        for page in sorted(PAGES):
            other.open(page, "service=mail")
            buttons = {
                label: name for (kind, label), name in other.widgets.items() if kind == "button"
            }
            del buttons["Sign out"]
            # A session of each page: it has the widgets that a viewer is shown there, at most.
            with site.tab(site.cookie("vera@example.org")) as tab:
                tab.open(page, "service=mail")
                for label, name in buttons.items():
                    tab.open(page, "service=mail", **{name: True})
                    pressed.add(label)
    assert {"Make the rota", "Open the incident", "Store the card"} <= pressed
    assert written(store) == []


def test_a_form_of_somebody_whose_role_was_taken_meanwhile_is_refused_when_it_is_sent(
    site: SignedSite, store: Store, app: Engine
) -> None:
    query = "service=mail&incident=new"
    given = {"email": "nina@example.org", "name": "Нина", "role": "on-call"}
    seen = save_member(app, None, given, by="terminal", at=now())
    with site.tab(site.cookie("nina@example.org")) as tab:
        tab.open("incidents", query)
        values = {
            tab.widget("text_input", "What happens, in one line"): "It burns",
            tab.widget("button", "Open the incident"): True,
        }
        save_member(app, seen, given | {"role": "viewer"}, by="terminal", at=now())
        # Within the two seconds that the page may go on being drawn with the form.
        tab.open("incidents", query, **values)
        assert "yours is viewer" in _until(tab, "yours is viewer")
    assert written(store) == []


def test_a_revoked_member_is_out_at_once_in_the_middle_of_a_session(
    site: SignedSite, app: Engine
) -> None:
    given = {"email": "oleg@example.org", "name": "Олег", "role": "on-call"}
    save_member(app, None, given, by="terminal", at=now())
    with site.tab(site.cookie("oleg@example.org")) as tab:
        open_form(tab)
        known = Tab(tab.connection, dict(tab.widgets))
        revoke_member(app, "oleg@example.org", by="terminal", at=now())
        # Within the two seconds that a page may go on being drawn, an act is refused already.
        make_rota(tab, known, name="Олег")
        assert rota_of(app) is None
        tab.open("oncall", "service=mail")
        assert "oleg@example.org is no longer a member" in _until(tab, "no longer a member")


def _until(tab: Tab, words: str) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while words not in tab.said and time.monotonic() < deadline:
        tab.open("oncall", "service=mail")
    return tab.said


def test_a_service_that_is_not_theirs_exists_neither_in_the_list_nor_by_its_address(
    site: SignedSite, store: Store, app: Engine
) -> None:
    with site.tab(site.cookie("boris@example.org")) as tab:  # fills the caches
        open_form(tab, "search")
        assert "search" in tab.said
        theirs = Tab(tab.connection, dict(tab.widgets))
        with site.tab(site.cookie("gleb@example.org")) as limited:
            for page in ("oncall", "reliability", "alerts", "incidents", "documentation", ""):
                limited.open(page, "service=search")
                assert "search" not in limited.said.replace("“search”", ""), page
            make_rota(limited, theirs, name="Глеб", service="search")
    assert rota_of(app, "search") is None


def test_the_pages_of_admins_are_theirs_alone(site: SignedSite) -> None:
    seen = {}
    for email, _, role, _services in PEOPLE[:4]:
        with site.tab(site.cookie(email)) as tab:
            found = []
            for page in ("members", "audit"):
                tab.open(page, "service=mail")
                if "vera@example.org" in tab.said or tab.widgets.get(("button", "Download CSV")):
                    found.append(page)
                if ("button", "Let them in") in tab.widgets:
                    found.append("letting in")
            seen[role] = found
    assert seen["viewer"] == seen["on-call"] == []
    assert "letting in" in seen["admin"]
    assert "letting in" not in seen["manager"]


def test_an_admin_lets_somebody_in_on_the_page(site: SignedSite, app: Engine) -> None:
    with site.tab(site.cookie("anna@example.org")) as tab:
        tab.open("members", "service=mail")
        values = {
            tab.widget("text_input", "E-mail, as the identity provider says it"): "New@Example.org",
            tab.widget("text_input", "Name, which everything they do will carry"): "Новый",
            tab.widget("button", "Let them in"): True,
        }
        tab.open("members", "service=mail", **values)
    member = SqlMemberReader(app).membership("new@example.org").member
    assert member is not None
    assert (member.name, member.role, member.changed_by) == ("Новый", "viewer", "Анна")
