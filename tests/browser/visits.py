"""Visits of a page as a reader makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlparse

from playwright.sync_api import Browser, Page

from tests.browser.chromium import open_page, settle

HEADING = "h1"


@contextmanager
def visit(
    browser: Browser, address: str, theme: str = "light", width: int = 1280
) -> Iterator[Page]:
    """A finished page that showed no exception and asked nobody outside for anything."""
    page = open_page(browser, theme, width)
    errors: list[str] = []
    asked: set[str] = set()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.add(urlparse(request.url).hostname or ""))
    try:
        page.goto(address)
        settle(page)
        yield page
        assert page.locator("[data-testid=stException]").count() == 0
        assert errors == []
        assert asked <= {"localhost", ""}, "the page asked for something from outside"
    finally:
        page.context.close()


def words(page: Page) -> str:
    """All text of the page's main part."""
    return page.locator("[data-testid=stMain]").inner_text()


def cells(page: Page, table: int) -> list[list[str]]:
    """The text of a table's cells, heading first, as assistive technology reads them."""
    found: list[list[str]] = (
        page.locator("[data-testid=stDataFrame]")
        .nth(table)
        .evaluate(
            """element => [...element.querySelectorAll('table tr')].map(
            row => [...row.querySelectorAll('th, td')].map(cell => cell.textContent))"""
        )
    )
    return found


def table(page: Page, first: str) -> list[list[str]]:
    """The cells of the table whose first heading is given, once it is drawn."""
    tables = page.locator("[data-testid=stDataFrame]")
    for _ in range(40):
        for at in range(tables.count()):
            found = cells(page, at)
            if found and first in found[0]:
                return found
        page.wait_for_timeout(250)
    raise AssertionError(f"no table begins with {first}")
