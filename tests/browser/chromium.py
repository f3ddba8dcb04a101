"""A real browser: Debian's chromium or a chrome where one is found, else Playwright's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright

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
#: How long anything may take on a machine that does ten other things, s. Every wait is for the
#: right thing, so that patience costs nothing.
PATIENCE_SECONDS = 180.0
#: For so many frames in a row a finished page must not have changed: a message that has arrived
#: is drawn within a few, and a busy machine makes fewer of them. More where it is not sure that the
#: last run was the one that was asked for last.
STILL_FRAMES, STILL_FRAMES_IN_DOUBT = 20, 120
WATCH = Path(__file__).with_name("watch.js")
#: A page is finished when every run that it asked for has ended and been drawn, nothing is
#: pending, fonts and charts and tables are there, and nothing changes any more.
FINISHED = """([frames, framesInDoubt]) => {
    const seen = seenOfPage;
    const all = selector => [...document.querySelectorAll(selector)];
    const isFinished = () => {
        // Before the first run of a cold server has begun, an empty page looks finished.
        if (!seen.ended || !document.querySelector('[data-testid=stMain] h1')) return false;
        if (seen.whole || seen.fragments.size) return false;
        const app = document.querySelector('[data-testid=stApp]');
        if (app.dataset.testConnectionState !== 'CONNECTED') return false;
        // A part that looks for news by itself keeps nobody from reading the rest.
        if (!seen.unasked) {
            if (app.dataset.testScriptState !== 'notRunning') return false;
            if (all('[data-stale=true]').length) return false;
        }
        if (all('[data-testid=stSkeleton], [data-testid=stSpinner]').length) return false;
        if (document.fonts.status !== 'loaded') return false;
        const charts = all('[data-testid=stVegaLiteChart]');
        if (!charts.every(chart => chart.querySelector('svg, canvas'))) return false;
        // In a tab that is not open a table has no size, and is not drawn.
        const tables = all('[data-testid=stDataFrame]').filter(table => table.offsetWidth);
        return tables.every(table => table.querySelector('canvas'));
    };
    const isStill = isFinished() && seen.changes === seen.changesThen;
    seen.changesThen = seen.changes;
    seen.still = isStill ? seen.still + 1 : 0;
    return seen.still > (seen.unseen ? framesInDoubt : frames);
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


def open_page(
    browser: Browser, theme: str, width: int = 1280, height: int = 900, **context: Any
) -> Page:
    """A page in a theme and a size, that is watched.

    Args:
        browser: where.
        theme: 'light' or 'dark'.
        width: of the window, px.
        height: of the window, px.
        context: what else the browser is told about it.
    """
    opened = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": height},
        **context,
    )
    opened.set_default_timeout(PATIENCE_SECONDS * 1000)
    opened.add_init_script(path=WATCH)
    return opened.new_page()


def settle(page: Page, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until the page is finished and stands still."""
    page.evaluate("() => { seenOfPage.still = 0 }")
    frames = [STILL_FRAMES, STILL_FRAMES_IN_DOUBT]
    page.wait_for_function(FINISHED, arg=frames, timeout=seconds * 1000)


@contextmanager
def redrawn(page: Page) -> Iterator[None]:
    """What is done in the block makes the page ask for a re-run: wait for that, and for its end.

    A click returns before its re-run has begun, some inputs wait a moment before they ask for one,
    and what a test looks for may well have stood there before.
    """
    page.evaluate("() => { seenOfPage.before = seenOfPage.asked }")
    yield
    page.wait_for_function("() => seenOfPage.asked > seenOfPage.before")
    settle(page)


def click(target: Locator) -> None:
    """Click what makes the page draw itself anew, and wait until it has."""
    with redrawn(target.page):
        target.click()


def pick(choice: Locator) -> None:
    """Choose one of several; what is chosen already changes nothing, and nothing is asked for."""
    if not choice.is_checked():
        click(choice)
