"""Waiting for a page: a re-run that was asked for is waited for, however late it begins."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.bench.streamlit_server import Server, serve
from tests.browser.chromium import click, open_page, redrawn, settle

pytestmark = pytest.mark.browser

#: A whole page that counts how often it is drawn, and a part of it that is drawn by itself; what
#: is slow is so after the page has been told that it is drawn anew.
SCRIPT = """
import time
import streamlit as st

st.title("Counts")
held = st.session_state
held.whole = held.get("whole", 0) + 1
if st.button("Slow"):
    time.sleep(1)
    st.rerun()
st.button("Whole")

@st.fragment
def part():
    held.part = held.get("part", 0) + 1
    if st.button("Part"):
        time.sleep(1)
    if st.button("Part, then whole"):
        st.rerun()
    st.text(f"{held.whole} whole, {held.part} part")

part()

@st.fragment(run_every=3)
def news():
    time.sleep(1.5)
    st.text("News")

if st.toggle("News"):
    news()
st.text_input("Name")
"""
#: Longer than a page must have stood still.
LATE_SECONDS = 1.5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("counts") / "counts.py"
    script.write_text(SCRIPT)
    with serve(script, {}) as running:
        yield running


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    page = open_page(browser, "light")
    page.goto(f"http://localhost:{server.port}")
    settle(page)
    yield page
    page.context.close()


def counts(page: Page) -> tuple[int, int]:
    """How often the whole page and its part were drawn."""
    whole, _, part, _ = page.get_by_text(" whole, ").inner_text().split()
    return int(whole), int(part)


def halted(server: Server) -> None:
    """The server does nothing for a while, as on a machine that has other things to do."""
    server.process.send_signal(signal.SIGSTOP)
    threading.Timer(LATE_SECONDS, server.process.send_signal, [signal.SIGCONT]).start()


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_page_that_has_asked_is_not_finished_before_its_server_answers(
    page: Page, server: Server
) -> None:
    assert counts(page) == (1, 1)
    halted(server)
    button(page, "Whole")
    settle(page)
    assert counts(page) == (2, 2)
    halted(server)
    button(page, "Part")
    settle(page)
    assert counts(page) == (2, 3)


def test_a_run_that_begins_another_is_followed_to_the_end(page: Page) -> None:
    button(page, "Slow")
    settle(page)
    assert counts(page) == (3, 2)
    button(page, "Part, then whole")
    settle(page)
    assert counts(page)[0] == 4


def test_of_two_that_were_asked_for_at_once_the_later_is_waited_for(page: Page) -> None:
    button(page, "Slow")
    button(page, "Whole")
    settle(page)
    before = counts(page)
    settle(page)
    assert counts(page) == before


def test_what_asks_a_moment_later_is_waited_for(page: Page) -> None:
    with redrawn(page):
        page.evaluate(
            "() => setTimeout(() => [...document.querySelectorAll('button')]"
            ".find(one => one.innerText === 'Whole').click(), 1500)"
        )
    assert counts(page) == (2, 2)


def test_a_part_that_looks_for_news_by_itself_all_the_time_keeps_nobody_waiting(
    page: Page,
) -> None:
    click(page.get_by_text("News", exact=True))
    page.get_by_label("Name").fill("Анна")
    with redrawn(page):
        page.keyboard.press("Tab")
    assert counts(page)[0] == 3


def test_a_page_that_is_opened_anew_is_waited_for_from_its_beginning(
    page: Page, server: Server
) -> None:
    halted(server)
    page.goto(f"http://localhost:{server.port}/?again=1")
    settle(page)
    assert counts(page) == (1, 1)
