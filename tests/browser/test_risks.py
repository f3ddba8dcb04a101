"""The Risks page in a real browser: from an empty register to a risk with a red line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from core.timeframe import MINUTE, floor_to
from db.engine import Role
from db.readers.risks import SqlRiskReader
from db.team.risks import add_risk
from tests.browser.chromium import click, settle
from tests.browser.conftest import Site
from tests.browser.planning import choose
from tests.browser.visits import HEADING, table, until_known, until_pages_look_again, visit
from tests.fakes_risks import DAY, P999, form

pytestmark = pytest.mark.browser

SERVICE = "risky"
_DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""")


@pytest.fixture(scope="module")
def ours(site: Site, browser: Browser) -> Iterator[Site]:
    """The site with a service about which nobody has written anything."""
    asked = {"service": SERVICE, "at": now() - DAY}
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(_DEPLOYED, asked)
    until_known(browser, live(site))
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        for of in ("metrics.deployment", "team.risk", "team.audit"):
            owner.execute(text(f"delete from {of} where service = :service"), asked)


def now() -> datetime:
    return floor_to(datetime.now(UTC), MINUTE)


def live(site: Site, **query: str) -> str:
    """The address of the page of now, where risks are written."""
    asked = {"service": SERVICE} | query
    return f"{site.address}/risks?" + "&".join(f"{key}={asked[key]}" for key in asked)


def test_a_manager_writes_a_risk_with_a_red_line_from_an_empty_register(
    browser: Browser, ours: Site
) -> None:
    with visit(browser, live(ours, part="Find+risks")) as page:
        assert page.locator(HEADING).inner_text() == "No risk of risky is written down"
        page.get_by_text("Or write one risk down").click()
        settle(page)  # it opens slowly
        whole = page.locator("[data-testid=stExpander]")
        whole.get_by_label("What may go wrong, in one line").fill("Серверы поздно")
        whole.get_by_label("Owner", exact=True).fill("Борис")
        for label, choice in (("Probability", "3: frequent"), ("Consequence", "3: destructive")):
            choose(page, label, choice, within=whole)
        choose(page, "or a measure of any report", P999, within=whole)
        choose(page, "Crossed where it is", ">", within=whole)
        whole.get_by_label("Than this value").fill("20")
        whole.get_by_label("Who writes it").fill("Анна")
        click(page.get_by_role("button", name="Write the risk down"))
        page.get_by_text("Written down, rank 9.").wait_for()
    (made,) = SqlRiskReader(ours.store.engine(Role.APP)).risks(SERVICE, now() + DAY)
    assert (made.title, made.rank, made.owner) == ("Серверы поздно", 9, "Борис")
    assert made.line is not None
    assert (made.line.path, made.line.operator, made.line.value) == (P999, ">", 20)
    with visit(browser, live(ours), theme="dark", width=1920) as page:
        page.get_by_text("missing, rank 9 asks for it").first.wait_for()
        (row,) = table(page, "Rank")[1:]
        charts = page.locator("[data-testid=stVegaLiteChart]")
        said = " ".join(charts.evaluate_all("them => them.map(one => one.outerHTML)"))
    assert "Серверы поздно" in row
    assert "unknown" in row
    assert "The one open risk has rank 9" in said


def test_the_demos_register_says_in_its_first_line_how_the_risks_stand(
    browser: Browser, site: Site
) -> None:
    with visit(browser, site.link("risks")) as page:
        heading = page.locator(HEADING).inner_text()
        rows = table(page, "Rank")
    said = site.terminal("evidence", "risks")
    assert heading == said["sentence"].removesuffix(".")
    assert [int(row[rows[0].index("Rank")]) for row in rows[1:]] == [
        risk["rank"] for risk in said["risks"]
    ]


def test_what_others_store_shows_and_a_deep_link_opens_the_risk(
    browser: Browser, ours: Site
) -> None:
    app = ours.store.engine(Role.APP)
    given = form(title="Power is cut", line_due_on=now().date(), review_on=now().date())
    made = add_risk(app, SERVICE, given, by="Вера", at=now(), request_id="theirs")
    until_pages_look_again()
    with visit(browser, live(ours, risk=str(made.risk_id))) as page:
        panel = page.locator(".st-key-risk_panel")
        panel.get_by_text("Power is cut").wait_for()
        settle(page)
        shown = panel.inner_text()
    assert "Rent machines" in shown
    assert "done by" in shown
