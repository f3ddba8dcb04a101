"""Ways in that nobody is meant to take: messages, addresses and files by hand, as a stranger."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import URL, Engine, text
from websockets.exceptions import InvalidStatus

from db.engine import Role, Store
from db.team.alert_silences import silence
from db.team.rotas import save_rota
from tests.browser.chromium import PATIENCE_SECONDS, open_page, settle
from tests.browser.conftest import environment
from tests.browser.signed_people import PEOPLE, SERVICES, sign_in, store_of_people
from tests.signed_site import SignedSite, now, signed_site

pytestmark = pytest.mark.browser

#: Who is no member, but comes in by a claim of the identity provider.
CLAIMS = {"GREENLIGHT_ROLE_CLAIM": "groups", "GREENLIGHT_ROLE_MAP": "ml-duty=on-call"}
HOUR = timedelta(hours=1)
ROTA = {
    "zone": "UTC",
    "handover_weekday": 0,
    "handover_time": "10:00",
    "starts_on": "2026-06-01",
    "members": ["Борис"],
    "escalate_after_minutes": 15,
}


@pytest.fixture(scope="module")
def store(server_url: URL, migrated: str) -> Iterator[Store]:
    """Two services, each with somebody on call and a silence; five members."""
    with store_of_people(server_url, migrated) as opened:
        app = opened.engine(Role.APP)
        for service in SERVICES:
            save_rota(app, service, None, ROTA, by="Борис", at=now())
            given = {
                "matchers": {"service": service},
                "reason": f"moving {service}",
                "ends_at": now() + HOUR,
            }
            silence(app, given, by="Борис", at=now(), request_id=service)
        yield opened


@pytest.fixture(scope="module")
def site(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedSite]:
    folder = tmp_path_factory.mktemp("break_in")
    with signed_site(environment(store.url()) | CLAIMS, folder) as running:
        yield running


@pytest.fixture(scope="module")
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def written(store: Store) -> int:
    with store.engine(Role.OWNER).connect() as owner:
        return int(owner.execute(text("select count(*) from team.audit")).scalar_one())


def answer_of(
    address: str, *, method: str = "GET", content: bytes | None = None, **headers: str
) -> tuple[int, str]:
    """What the web server says to a stranger who has no cookie."""
    asked = urllib.request.Request(address, data=content, method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def test_the_servers_own_name_of_a_page_opens_it_for_nobody_who_may_not_see_it(
    site: SignedSite,
) -> None:
    with site.tab(site.cookie("anna@example.org")) as admin:
        admin.open("members", "service=mail")
        assert ("button", "Let them in") in admin.widgets
        names = {path: admin.pages[path] for path in ("members", "audit")}
    with site.tab(site.cookie("vera@example.org")) as tab:
        for path, name in names.items():
            assert path not in tab.pages
            tab.script = name
            tab.open("", "service=mail")
            assert ("button", "Let them in") not in tab.widgets
            assert ("button", "Download CSV") not in tab.widgets
            assert "vera@example.org" not in tab.said


def test_a_value_that_a_field_does_not_offer_is_not_taken(site: SignedSite) -> None:
    with site.tab(site.cookie("gleb@example.org")) as tab:
        tab.open("oncall", "service=mail")
        service = tab.widget("selectbox", "Service")
        tab.open("oncall", "service=mail", **{service: "search"})
        assert "search" not in tab.said.replace("“search”", "")
        assert "mail" in tab.title


def test_who_may_only_read_is_shown_what_is_and_one_line_in_place_of_forms(
    site: SignedSite,
) -> None:
    shown = {}
    for page in ("incidents", "oncall", "documentation", "experiment", "criteria"):
        with site.tab(site.cookie("vera@example.org")) as tab:
            tab.open(page, "service=mail")
            shown[page] = {label for kind, label in tab.widgets if kind == "text_input"}
            assert "yours is viewer" in tab.said, page
    assert set().union(*shown.values()) == set()


def test_a_field_that_is_drawn_as_disabled_says_what_the_server_knows(
    site: SignedSite, store: Store
) -> None:
    """The name is such a field: what a browser sends for it all the same is not looked at."""
    with site.tab(site.cookie("boris@example.org")) as tab:
        tab.open("documentation", "service=mail")
        name = tab.widget("text_input", "Who")
        assert name in tab.disabled
        purpose = next(one for (kind, _), one in tab.widgets.items() if kind == "text_area")
        card = tab.widget("button", "Store the card")
        tab.open("documentation", "service=mail", **{name: "Анна", purpose: "Finds", card: True})
    with store.engine(Role.OWNER).connect() as owner:
        whose = owner.execute(text("select changed_by from team.service_card")).scalars().all()
    assert whose == ["Борис"]


def test_silences_of_services_that_are_not_theirs_are_not_told(site: SignedSite) -> None:
    with site.tab(site.cookie("boris@example.org")) as tab:
        tab.open("alerts", "service=mail")
        assert "moving search" in tab.said
    with site.tab(site.cookie("gleb@example.org")) as tab:
        tab.open("alerts", "service=mail")
        assert "moving mail" in tab.said
        assert "search" not in tab.said


def test_a_page_of_another_address_gets_no_session_of_somebody_who_signed_in(
    site: SignedSite,
) -> None:
    cookie = site.cookie("anna@example.org")
    with (
        pytest.raises(InvalidStatus) as refused,
        site.tab(cookie, origin="https://evil.example"),
    ):
        pass
    assert refused.value.response.status_code == 403
    # Streamlit lets pages of every port of this machine connect; the sign-in does not come along.
    with site.tab(cookie, origin="http://localhost:3000") as tab:
        tab.open("oncall", "service=mail")
        assert tab.title == "Greenlight"


def test_nobody_goes_on_with_the_session_of_somebody_else(site: SignedSite) -> None:
    with site.tab(site.cookie("anna@example.org")) as admin:
        admin.open("members", "service=mail")
        left = admin.session
    assert left
    for cookie in (site.cookie("vera@example.org"), None):
        with site.tab(cookie, session=left) as tab:
            tab.open("members", "service=mail")
            assert tab.session != left
            assert ("button", "Let them in") not in tab.widgets


def test_a_stranger_learns_nothing_from_the_servers_own_addresses(site: SignedSite) -> None:
    core = f"{site.address}/_stcore"
    assert answer_of(f"{core}/health") == (200, "ok")
    secret = [*SERVICES, *(one[0] for one in PEOPLE), *(one[1] for one in PEOPLE)]
    for path in ("metrics", "host-config", "script-health-check"):
        _, said = answer_of(f"{core}/{path}")
        # "search" and "mail" are words; they would stand as labels, in quotes.
        assert [one for one in secret if f'"{one}"' in said] == [], path
    assert json.loads(answer_of(f"{core}/host-config")[1])["allowedOrigins"] == []
    nothing = ("/media/0000.csv", "/app/static/../app.py", "/..%2f..%2fetc/passwd", "/app.py")
    for path in nothing:
        status, said = answer_of(site.address + path)
        assert status != 200 or "<title>Streamlit</title>" in said, path
        assert "import streamlit" not in said


def test_a_stranger_uploads_nothing(site: SignedSite) -> None:
    target = f"{site.address}/_stcore/upload_file/nobody/one"
    status, _ = answer_of(target, method="PUT", content=b"x" * 10)
    assert status in {400, 403}


def test_a_sign_in_is_begun_and_ended_by_nobody_else(site: SignedSite) -> None:
    """A forged answer of the provider signs nobody in; the way back leads nowhere else."""
    for path in ("/oauth2callback?code=x&state=forged", "/oauth2callback?error=x"):
        asked = urllib.request.Request(site.address + path)
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
            assert "_streamlit_user=" not in str(answer.headers)
            assert answer.url.startswith(site.address)


def test_a_claim_of_the_identity_provider_lets_in_and_gives_the_role(
    browser: Browser, site: SignedSite, store: Store
) -> None:
    for who, groups in (("duty@example.org", ["all", "ml-duty"]), ("guest@example.org", ["all"])):
        told = json.dumps({"email": who, "email_verified": True, "groups": groups}).encode()
        kind = {"Content-Type": "application/json"}
        said = f"{site.provider}/users/{who}"
        assert answer_of(said, method="PUT", content=told, **kind)[0] == 204
    page = open_page(browser, "light")
    page.goto(f"{site.address}/oncall?service=mail")
    sign_in(page, "duty@example.org")
    page.get_by_text("Swap two shifts").wait_for()
    settle(page)
    shown = page.locator("[data-testid=stSidebar]").inner_text()
    assert ", on-call" in shown
    page.context.close()
    page = open_page(browser, "light")
    page.goto(f"{site.address}/oncall?service=mail")
    sign_in(page, "guest@example.org")
    page.get_by_text("guest@example.org is no member.").wait_for()
    page.context.close()
