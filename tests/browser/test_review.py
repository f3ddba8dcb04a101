"""A review as its readers meet it: a link, a kept review, and the files that are sent on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import text

from db.engine import Role
from db.readers.review import SqlReviewReader
from db.team.reviews import add_decision
from tests.browser.chromium import click, open_page, settle
from tests.browser.conftest import Site
from tests.browser.visits import visit, words

pytestmark = pytest.mark.browser

SERVICE = "newsletters"
DECISION = "Катим на всех <b>пользователей</b> & *сразу*"
HEADINGS = ("Criteria", "that matter", "Milestones", "Top risks", "Decisions taken", "Actions")
_WRITTEN = (
    "delete from team.review_file where review_id in (select review_id from team.review_pack)",
    "delete from team.review_pack where service = :service",
    "delete from team.audit where service = :service and subject = 'review'",
    "delete from team.decision where service = :service and request_id = 'browser'",
)


@pytest.fixture(scope="module", autouse=True)
def _warm(site: Site, browser: Browser) -> None:
    """The first review of a server's life waits for the library that draws charts."""
    page = open_page(browser, "light")
    page.goto(site.link(view="review"))
    settle(page)
    page.context.close()


@pytest.fixture
def ours(site: Site) -> Iterator[Site]:
    """The site; what a test keeps is taken away again."""
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        for statement in _WRITTEN:
            owner.execute(text(statement), {"service": SERVICE})


def article(page: Page) -> str:
    """All text of a review; a percent sign stays with its number by a space of its own kind."""
    return page.locator(".review").inner_text().replace("\u00a0", " ")


def kept(browser: Browser, site: Site) -> tuple[int, str]:
    """Somebody keeps the review of this moment; its number, and what they see of it."""
    with visit(browser, f"{site.address}/review?service={SERVICE}") as page:
        page.get_by_label("Who keeps it").fill("Анна")
        click(page.get_by_role("button", name="Keep this review"))
        page.get_by_text("Kept as review").wait_for()
        address = page.get_by_role("link", name="Open").get_attribute("href")
    assert address is not None
    (number,) = re.findall(r"review=(\d+)", address)
    with visit(browser, f"{site.address}/{address.removeprefix('./')}") as page:
        return int(number), article(page)


def violations(page: Page, scope: str | None = None) -> list[str]:
    """What axe finds wrong, one line each."""
    found = Axe().run(page, scope) if scope else Axe().run(page)
    return [f"{one['id']}: {one['help']}" for one in found["violations"]]


def test_a_stakeholder_sees_exactly_what_the_sender_saw(site: Site, browser: Browser):
    with visit(browser, site.link(view="review")) as page:
        sent = page.url
        seen = article(page)
        assert page.locator("[data-testid=stSidebar]").count() == 0
        assert page.locator("[data-testid=stMain] button").count() == 0
    assert all(heading in seen for heading in HEADINGS)
    with visit(browser, sent, theme="dark", width=1920) as page:
        assert article(page) == seen
    for verdict in site.terminal("verdicts"):
        assert verdict["name"] in seen


def test_a_review_without_a_moment_takes_the_present_one_into_its_address(
    site: Site, browser: Browser
):
    with visit(browser, f"{site.address}/?view=review&service={SERVICE}") as page:
        assert re.search(r"as_of=\d{4}-\d\d-\d\dT", page.url)
        assert article(page).startswith("Review of newsletters, ")


def test_a_kept_review_stays_what_it_was(ours: Site, browser: Browser):
    number, seen = kept(browser, ours)
    now = datetime.now(UTC)
    given = {"text": DECISION, "why": "", "decided_by": "Мария", "decided_on": now.date()}
    app = ours.store.engine(Role.APP)
    add_decision(app, SERVICE, given, by="Анна", at=now, request_id="browser")
    later = (now + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with visit(browser, ours.link(view="review", as_of=later)) as page:
        assert DECISION in article(page)
        assert "Changes since the review of" in article(page)
    with visit(browser, f"{ours.address}/?review={number}", theme="dark") as page:
        assert article(page) == seen
        assert DECISION not in seen


def test_the_files_open_with_the_network_off_and_pass_the_check(
    ours: Site, browser: Browser, tmp_path: Path
):
    number, seen = kept(browser, ours)
    with visit(browser, f"{ours.address}/review?service={SERVICE}") as page:
        paths = {}
        for kind in ("HTML", "PDF"):
            with page.expect_download() as waiting:
                page.get_by_role("button", name=f"Download {kind}").click()
            paths[kind] = tmp_path / waiting.value.suggested_filename
            waiting.value.save_as(paths[kind])
    reader = SqlReviewReader(ours.store.engine(Role.APP))
    assert paths["HTML"].read_bytes() == reader.file(number, "html")
    assert paths["PDF"].read_bytes() == reader.file(number, "pdf")
    assert paths["HTML"].stat().st_size < 2_000_000
    with pypdfium2.PdfDocument(paths["PDF"]) as written:
        assert len(written) >= 2
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, offline=True)
        page, asked = context.new_page(), []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(paths["HTML"].as_uri())
        assert _same(article(page), seen)
        assert page.locator("figure svg:visible").count() == page.locator("figure").count()
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Roboto'))")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert violations(page) == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_review_inside_of_the_dashboard_passes_the_check(
    site: Site, browser: Browser, theme: str
):
    with visit(browser, site.link(view="review"), theme=theme) as page:
        assert violations(page, ".review") == []
        assert page.locator(".review img").count() == 3


def test_a_link_to_a_review_that_nobody_kept_says_so(site: Site, browser: Browser):
    page = open_page(browser, "light")
    page.goto(f"{site.address}/?review=999999")
    settle(page)
    assert "There is no such review" in words(page)
    page.context.close()


def _same(one: str, other: str) -> bool:
    """Whether two texts have the same words: charts are text in a file, and pictures on a page."""
    lines = {" ".join(line.split()) for line in other.splitlines()}
    return all(line in " ".join(one.split()) for line in lines)
