"""A real browser: Debian's chromium or a chrome where one is found, else Playwright's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.debian import program

#: The browser makes no connection of its own: tests must pass on a closed network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: A page is finished when its script has ended, nothing is pending, and every chart is drawn.
FINISHED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    if (!app || app.dataset.testScriptState !== 'notRunning') return false;
    if (app.dataset.testConnectionState !== 'CONNECTED') return false;
    // Before the first run of a cold server has begun, an empty page looks finished.
    if (!document.querySelector('[data-testid=stMain] h1')) return false;
    const pending = '[data-testid=stSkeleton], [data-testid=stSpinner], [data-stale=true]';
    if (document.querySelector(pending)) return false;
    const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart]')];
    return charts.every(chart => chart.querySelector('svg, canvas'));
}"""


def executable() -> str | None:
    """The path of an installed browser, None to use Playwright's own."""
    return program("chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, theme: str, width: int = 1280, height: int = 900) -> Page:
    """A page in a theme and a size; it fails the test if a script of the page throws."""
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": height},
    )
    return context.new_page()


def settle(page: Page, seconds: float = 60) -> None:
    """Wait until the page is finished, twice in a row half a second apart."""
    page.wait_for_function(FINISHED, timeout=seconds * 1000)
    page.wait_for_timeout(500)
    page.wait_for_function(FINISHED, timeout=seconds * 1000)
