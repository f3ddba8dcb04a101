"""Both pages as a reader meets them, in a real browser, against what the terminal says."""

import re
from datetime import datetime
from fractions import Fraction
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser
from sqlalchemy import URL

from core import wording
from core.timeframe import Window
from tests.browser.chromium import click, redrawn, settle
from tests.browser.conftest import Site
from tests.browser.visits import HEADING, until_pages_look_again, visit, words
from tests.conftest import administer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("name", ["", "quality", "experiment", "reliability"])
def test_every_page_is_drawn_whole_in_both_themes(
    browser: Browser, site: Site, name: str, theme: str, width: int
) -> None:
    with visit(browser, site.link(name), theme, width) as page:
        assert page.locator(HEADING).inner_text()
        charts = page.locator("[data-testid=stVegaLiteChart]")
        assert charts.count() >= 3
        assert page.locator("[data-testid=stVegaLiteChart] :is(svg, canvas)").count() >= 3
        main = page.locator("[data-testid=stMain]")
        fits = main.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
        assert fits, "the page is wider than the window"


def test_the_latency_page_says_what_the_terminal_says(browser: Browser, site: Site) -> None:
    found = site.terminal("evidence", "reliability")
    with visit(browser, site.link("reliability")) as page:
        shown = words(page)
    assert found["letters"] > 0
    for kind, bad in (("availability", found["errors"]), ("latency_sli", found["slow"])):
        total = found["letters"] - (0 if kind == "availability" else found["errors"])
        assert wording.percent(1 - Fraction(bad, total), 4) in shown
        assert found[kind] == pytest.approx(1 - bad / total, abs=1e-15)
    assert wording.percent(Fraction(found["coverage"])) in shown
    assert f"peak {wording.count(found['load']['peak_rpm'])}" in shown
    assert wording.count(found["load"]["peak_rpm_within_slo"]) in shown
    assert wording.count(found["letters"]) in shown
    worst = min(found["load"]["headroom"].values())
    assert f"{wording.count(worst)} a minute" in shown
    left = found["budget"]["remaining"]
    assert f"Availability: {wording.percent(Fraction(left), 0)} of the 30-day budget left" in shown


def test_the_overview_says_what_the_terminal_says(browser: Browser, site: Site) -> None:
    verdicts = site.terminal("verdicts")
    assert [verdict["criterion_id"] for verdict in verdicts]
    with visit(browser, site.link()) as page:
        for at, verdict in enumerate(verdicts):
            card = page.locator(f".st-key-criteria_{at}").inner_text()
            assert verdict["name"] in card
            word = verdict["status"].replace("_", " ").lower()
            assert word in card.lower()
            first = verdict["evidence"][0]
            if first["value"] is not None and first["unit"] == "share":
                good = "high" if first["operator"] == ">=" else "low"
                digits = 4 if verdict["area"] == "reliability" else 2
                shown = wording.percent(first["value"], digits, good=good)
                assert shown.removesuffix(" %") in card


def test_the_training_criterion_names_its_letters_and_when_the_rest_comes(
    browser: Browser, site: Site
) -> None:
    verdict = next(found for found in site.terminal("verdicts") if found["area"] == "training")
    with visit(browser, site.link()) as page:
        card = page.locator(".st-key-criteria_4")
        told = card.inner_text()
        assert card.locator("[data-testid=stVegaLiteChart] canvas, svg.marks").count()
    assert wording.count(verdict["evidence"][0]["value"]) in told
    assert "target at least 100M" in told
    assert "a month over the last three increases" in verdict["settles"]
    assert verdict["settles"] in told


def test_a_click_on_a_moment_narrows_the_window_and_the_url(browser: Browser, site: Site) -> None:
    with visit(browser, site.link("reliability", window="30d")) as page:
        drawing = page.locator("[data-testid=stVegaLiteChart]:has(.role-axis)").filter(
            has=page.locator("canvas, svg")
        )
        chart = drawing.nth(2)
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box is not None
        with redrawn(page):
            page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.wait_for_url(re.compile("window=3d|window=72h"))
        query = parse_qs(urlparse(page.url).query)
        assert Window.parse(query["window"][0]).length < Window.parse("30d").length
        moment = datetime.fromisoformat(query["as_of"][0])
        assert moment < site.as_of
        assert "last 3 days" in words(page)


def test_the_sidebar_changes_window_and_url_and_keeps_them_on_the_next_page(
    browser: Browser, site: Site
) -> None:
    with visit(browser, site.link("reliability")) as page:
        click(page.get_by_role("radio", name="1d"))
        page.wait_for_url(re.compile("window=1d"))
        click(page.get_by_role("link", name="Overview"))
        page.wait_for_url(re.compile("window=1d"))
        assert "last 24 hours" in words(page)
        assert "as_of=" in page.url


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"service": "newsleters"}, "No service is called"),
        ({"window": "soon"}, "is no window"),
        ({"as_of": "yesterday"}, "is no time"),
        ({"as_of": "2098-01-01T00:00Z"}, "has not come yet"),
    ],
)
def test_a_url_that_cannot_be_followed_becomes_a_sentence(
    browser: Browser, site: Site, query: dict[str, str], said: str
) -> None:
    with visit(browser, site.link("reliability", **query)) as page:
        assert said in words(page)
        assert page.locator(HEADING).inner_text()


def test_a_store_that_goes_away_leaves_the_last_report_and_comes_back(
    browser: Browser, site: Site, server_url: URL
) -> None:
    name = site.database.database
    with visit(browser, site.link("reliability", window="6h")) as page:
        heading = page.locator(HEADING).inner_text()
        administer(server_url, f'alter database "{name}" allow_connections false')
        try:
            administer(
                server_url,
                f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
            )
            until_pages_look_again()
            page.reload()
            settle(page)
            assert "The store does not answer" in words(page)
            assert "Below is the last report" in words(page)
            assert page.locator(HEADING).inner_text() == heading
        finally:
            administer(server_url, f'alter database "{name}" allow_connections true')
        answers = "() => !document.body.innerText.includes('The store does not answer')"
        page.wait_for_function(answers)
        settle(page)
        assert page.locator(HEADING).inner_text() == heading
