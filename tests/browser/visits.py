"""Visits of a page as a reader makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from urllib.parse import urlparse

from playwright.sync_api import Browser, Page

from tests.browser.chromium import PATIENCE_SECONDS, open_page, settle

HEADING = "h1"
BELIEVED_SECONDS = 2.1
_TABLE = """headings => {
    const rows = table => [...table.querySelectorAll('table tr')].map(
        row => [...row.querySelectorAll('th, td')].map(cell => cell.textContent));
    const drawn = document.querySelectorAll('[data-testid=stDataFrame], [data-testid=stTable]');
    const tables = [...drawn].map(rows);
    return tables.find(
        rows => rows.length && headings.every(heading => rows[0].includes(heading))) || null;
}"""


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


def until_pages_look_again() -> None:
    """Wait until every page sees what a test has written by another road than the web server's.

    For two seconds a web server believes that nothing was written since it looked
    (`_watermark` of pages/parts/data), and a page that was drawn before may be shown again.
    """
    sleep(BELIEVED_SECONDS)


def until_known(browser: Browser, address: str) -> None:
    """Wait until a page knows its new service: the web server looks for one every few seconds."""
    page = open_page(browser, "light")
    deadline = monotonic() + PATIENCE_SECONDS
    try:
        while True:
            page.goto(address)
            settle(page)
            if "No service is called" not in words(page):
                return
            assert monotonic() < deadline, words(page)
    finally:
        page.context.close()


def table(page: Page, *headings: str) -> list[list[str]]:
    """The cells of the table that has these headings, once it is drawn.

    They are as assistive technology reads them, heading row first.
    """
    page.wait_for_function(_TABLE, arg=headings)
    settle(page)  # what has begun to be drawn may lack columns and rows
    found: list[list[str]] = page.evaluate(_TABLE, headings)
    return found
