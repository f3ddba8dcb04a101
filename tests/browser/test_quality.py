"""The Quality page as a reader meets it, against what the terminal says and what is true."""

import csv
import io
import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from core import wording
from db.engine import Role
from tests.browser.chromium import click, pick, redrawn
from tests.browser.conftest import Site
from tests.browser.visits import HEADING, table, visit, words

pytestmark = pytest.mark.browser


def truth(site: Site, quantity: str) -> float:
    """What the simulated letters really are."""
    with site.store.engine(Role.APP).connect() as connection:
        asked = text(
            "select value from team.simulated_truth "
            "where service = 'newsletters' and quantity = :quantity"
        )
        return float(connection.execute(asked, {"quantity": quantity}).scalar_one())


def test_sentence_cards_and_table_say_what_the_terminal_says(browser: Browser, site: Site) -> None:
    found = site.terminal("evidence", "quality")
    with visit(browser, site.link("quality")) as page:
        heading = page.locator(HEADING).inner_text()
        shown = words(page)
        slices = table(page, "Slice")
    assert found["labels"] > 1_000
    assert heading.startswith("99/70")
    for measure in ("precision", "recall"):
        part = found[measure]
        assert wording.percent(part["value"], 2) in shown
        low = wording.percent(part["low"], 2).removesuffix(" %")
        assert f"{low} to {wording.percent(part['high'], 2, good='low')}" in shown
        assert f"{part['n']:,} labels" in shown
    assert f"{found['labels']:,} labels" in shown
    if found["labels_to_settle"]:
        assert f"about {wording.about(found['labels_to_settle'])} more labels" in heading
    for warning in found["warnings"]:
        assert warning in shown
    named = {row[0]: row for row in slices[1:] if row}
    for kind in ("versions", "segments"):
        for part in found[kind]:
            row = named[f"{kind.removesuffix('s')} {part['key']}"]
            assert int(row[2]) == part["labels"]
            told = [float(cell) for cell in row[3:9]]
            precision, recall = part["precision"], part["recall"]
            assert told == pytest.approx(
                [
                    100 * share
                    for interval in (precision, recall)
                    for share in (interval["value"], interval["low"], interval["high"])
                ],
                abs=0.0100001,  # cut to two digits
            )


def test_the_intervals_contain_the_truth_of_the_simulation(site: Site) -> None:
    found = site.terminal("evidence", "quality")
    for measure in ("precision", "recall"):
        assert found[measure]["low"] <= truth(site, measure) <= found[measure]["high"]
        for version in found["versions"]:
            true = truth(site, f"{measure}:{version['key']}")
            assert version[measure]["low"] <= true <= version[measure]["high"]


def test_the_slider_shows_another_threshold_and_says_that_it_is_not_certified(
    browser: Browser, site: Site
) -> None:
    found = site.terminal("evidence", "quality")
    with visit(browser, site.link("quality")) as page:
        before = page.get_by_text(re.compile("^At .*: precision")).inner_text()
        slider = page.get_by_role("slider").first
        slider.focus()
        with redrawn(page):
            for _ in range(4):
                slider.press("ArrowRight")
        after = page.get_by_text(re.compile("^At .*: precision")).inner_text()
        assert after != before
        assert "not certified" in words(page)
    chosen = after.removeprefix("At ").split(":")[0]
    point = next(part for part in found["curve"] if wording.score(part["threshold"]) == chosen)
    assert wording.percent(point["precision"]["value"], 2) in after
    assert wording.percent(point["recall"]["value"], 2) in after


def test_a_link_of_the_table_narrows_the_page_and_the_way_back_widens_it(
    browser: Browser, site: Site
) -> None:
    narrowed = site.terminal("evidence", "quality", "--segment", "ru")
    with visit(browser, site.link("quality", segment="ru")) as page:
        assert "segment ru" in page.locator(HEADING).inner_text()
        assert f"{narrowed['labels']:,} labels" in words(page)
        click(page.get_by_role("button", name="Show all"))
        page.wait_for_url(lambda url: "segment" not in parse_qs(urlparse(url).query))
        assert "segment ru" not in page.locator(HEADING).inner_text()


def test_the_label_plan_downloads_as_csv_that_adds_up(browser: Browser, site: Site) -> None:
    found = site.terminal("evidence", "quality")
    with visit(browser, site.link("quality")) as page:
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download the plan as CSV").click()
        written = waiting.value.path().read_text()
    rows = list(csv.DictReader(io.StringIO(written)))
    assert sum(int(row["labels_to_add"]) for row in rows) == found["plan"]["suggested"]
    assert {row["model_version"] for row in rows} == {found["version"]}
    assert [float(row["score_from"]) for row in rows] == [
        part["score_from"] for part in found["plan"]["rows"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_versions_and_windows_can_be_compared(browser: Browser, site: Site, theme: str) -> None:
    with visit(browser, site.link("quality", window="7d"), theme) as page:
        pick(page.get_by_role("radio", name="with the 7 days before"))
        rows = table(page, "Second minus first")
    assert [row[0] for row in rows[1:]] == ["Precision", "Recall", "F1", "False positive rate"]
    assert all("points" in row[3] for row in rows[1:])


def test_a_part_that_nobody_wrote_becomes_a_sentence(browser: Browser, site: Site) -> None:
    with visit(browser, site.link("quality", version="bert-9")) as page:
        assert "Nothing is called bert-9" in words(page)
        assert page.locator(HEADING).inner_text()
