"""A project manager begins with nothing: no row, no service, no goal; and ends with a review."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import URL

from core.timeframe import DAY, MINUTE, floor_to, parse_as_of
from db.engine import Role, Store
from db.readers.criteria import SqlGoalReader
from db.readers.milestones import SqlPlanReader
from db.readers.risks import SqlRiskReader
from db.team.risks import end_plan_b
from db.worker import Worker
from db.writer import MetricWriter
from tests.bench.streamlit_server import serve
from tests.browser.chromium import click, open_page, redrawn, settle
from tests.browser.conftest import ROOT, environment
from tests.browser.planning import (
    add_a_criterion,
    button,
    choose,
    fill,
    make_a_goal,
    set_a_target,
    type_day,
)
from tests.browser.visits import HEADING, table, visit, words
from tests.conftest import administer, open_store
from tests.fakes_risks import P999

pytestmark = pytest.mark.browser

SERVICE = "дайджест"
WHO = "Полина"
TASK = "Купить GPU-серверы"
#: Far above the red line of 20 ms.
SLOW_MS = 400.0
#: What becomes of the statements.
LATE, SLOW = "Не произойдёт: привезены до середины проекта", "Произойдёт: медленные письма"
#: Where the columns of the table of drafts are, px from its left side.
LEFT = {"Probability": 450, "Consequence": 590, "Owner": 710}
#: The heights of a table's heading and of its rows, px.
HEAD, ROW = 38, 35
_CELL = """(column, row) =>
    document.querySelectorAll('[data-testid=stDataFrame] tr')[row + 1].cells[column]"""
_SELECTED = f"([column, row]) => ({_CELL})(column, row).ariaSelected === 'true'"
_EDITED = "() => document.activeElement.matches('#portal input, #portal textarea')"
_TAKEN = f"""([column, row, typed]) => !document.querySelector('#portal input, #portal textarea')
    && ({_CELL})(column, row).textContent.includes(typed)"""


class Beginning:
    """A dashboard over a migrated store that holds nothing at all."""

    def __init__(self, address: str, store: Store, buffer: Path) -> None:
        self.address = address
        self.store = store
        self._buffer = buffer

    def link(self, page: str) -> str:
        """The address of a page of now."""
        return f"{self.address}/{page}?service={SERVICE}"

    def slow_minutes(self, begin: datetime, minutes: int) -> None:
        """The service writes some minutes; the worker looks at them."""
        answered = np.full(1_000, 3.0)
        answered[:5] = SLOW_MS
        with MetricWriter(self.store, service=SERVICE, buffer=self._buffer) as writer:
            for number in range(minutes):
                writer.serving_minute(
                    minute=begin + number * MINUTE,
                    datacenter="dc1",
                    instance="i1",
                    model_version="v1",
                    milliseconds=answered,
                )
        worker = Worker(self.store, now=lambda: datetime.now(UTC))
        while worker.tick().pending:
            pass
        worker.close()


@pytest.fixture(scope="module")
def nothing(
    server_url: URL, migrated: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Beginning]:
    """The dashboard over an empty store; its first page, which imports much, has been drawn."""
    name = f"greenlight_nothing_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    database = server_url.set(database=name)
    with (
        open_store(database) as store,
        serve(ROOT / "app.py", environment(database)) as server,
    ):
        address = f"http://localhost:{server.port}"
        page = open_page(browser, "light")
        page.goto(address)
        settle(page)
        page.context.close()
        yield Beginning(address, store, tmp_path_factory.mktemp("buffer"))
    administer(server_url, f'drop database "{name}" with (force)')


def today() -> date:
    return datetime.now(UTC).date()


def article(page: Page) -> str:
    """All text of a review."""
    return page.locator(".review").inner_text()


def name_the_service(page: Page) -> None:
    """An empty store greets; whoever plans names a service all the same."""
    assert page.locator(HEADING).inner_text() == "No service has written anything yet"
    click(button(page, "Begin its plan"))
    page.get_by_text("Is missing.").wait_for()
    page.get_by_label("Name of the service").fill(SERVICE)
    click(button(page, "Begin its plan"))
    page.get_by_text("has no goal yet").first.wait_for()


def go_to(page: Page, name: str) -> None:
    """Choose a page in the navigation, as people do."""
    click(page.get_by_test_id("stSidebarNav").get_by_role("link", name=name))


def open_tab(page: Page, name: str) -> None:
    """Open a tab."""
    click(page.get_by_role("tab", name=name))


def plan_the_milestone(page: Page) -> None:
    """Its hands and tasks, and the baseline."""
    page.get_by_text("Change Q1").click()
    page.get_by_text("Its day comes from its targets").wait_for()
    open_tab(page, "Tasks")
    for title, start, end in ((TASK, 0, 30), ("Обучить BERT", 31, 60)):
        page.get_by_label("What is to be done").fill(title)
        type_day(page, "Planned from", today() + start * DAY)
        type_day(page, "Planned to", today() + end * DAY)
        fill(page, [("Ideal days of one person", "15"), ("Who adds it", WHO)])
        click(button(page, "Add the task"))
        page.get_by_text("Added as task").wait_for()
        page.get_by_test_id("stDataFrame").filter(has_text=title).first.wait_for(state="attached")
    open_tab(page, "Plan")
    page.get_by_text("Freeze the plan as a baseline").click()
    fill(page, [("Name of the baseline", "Начало")])
    click(button(page, "Freeze the plan as it stands"))
    page.get_by_text("Начало is frozen").wait_for()


def type_in_cell(page: Page, column: str, row: int, typed: str) -> None:
    """Type into a cell of the table of drafts as the keyboard does."""
    rows = table(page, "Keep", column)
    at = rows[0].index(column)
    grid = page.get_by_test_id("stDataFrame").first
    grid.click(position={"x": LEFT[column], "y": HEAD + ROW * row + ROW // 2})
    page.wait_for_function(_SELECTED, arg=[at, row])
    page.keyboard.press("Enter")
    page.wait_for_function(_EDITED)
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_function(_TAKEN, arg=[at, row, typed])


def find_the_risks(page: Page) -> None:
    """What must and what must not happen to a task of the plan becomes two risks."""
    open_tab(page, "Find risks")
    choose(page, "The task", TASK)
    page.get_by_label("What must happen", exact=True).fill("привезены до середины проекта")
    page.get_by_label("What must not happen", exact=True).fill("медленные письма")
    click(button(page, "Draft the risks"))
    page.get_by_text("The drafts: correct the words").wait_for()
    page.get_by_label("Who keeps them").fill(WHO)
    for row in range(2):
        for column, typed in (("Probability", "3"), ("Consequence", "3"), ("Owner", "Борис")):
            type_in_cell(page, column, row, typed)
    click(button(page, "Keep the ticked ones"))
    page.get_by_text("2 kept").wait_for()


def draw_a_red_line(
    page: Page, title: str, plan_b: str, *, due_on: date | None = None, above: str = ""
) -> None:
    """What rank 9 asks for, with a red line on a day or on a measure."""
    rows = table(page, "Rank", "Risk")
    at = [row[rows[0].index("Risk")] for row in rows].index(title)
    register = page.get_by_test_id("stDataFrame").first
    with redrawn(page):
        register.click(position={"x": 20, "y": HEAD + ROW * (at - 1) + ROW // 2})
    panel = page.locator(".st-key-risk_panel")
    panel.get_by_text(title, exact=True).wait_for()
    form = page.get_by_test_id("stExpander").filter(has_text="Change it")
    prevention = form.get_by_label("Prevention: what is done so that it does not happen")
    if not prevention.is_visible():  # it may be open since the risk before
        page.get_by_text("Change it", exact=True).click()
        settle(page)
    prevention.fill("Заказать раньше")
    form.get_by_label("Mitigation: how its consequences are dealt with").fill("Взять взаймы")
    form.get_by_label("Plan B: what is done once the red line is crossed").fill(plan_b)
    choose(page, "Milestone that it endangers", "Q1", within=form)
    if due_on is not None:
        type_day(page, "Red line: a day that is still in time", due_on, within=form)
    else:
        choose(page, "or a measure of any report", P999, within=form)
        choose(page, "Crossed where it is", ">", within=form)
        form.get_by_label("Than this value").fill(above)
        choose(page, "Over", "1h", within=form)
    click(button(page, "Store the change"))
    page.get_by_text("Stored: rank 9").wait_for()
    assert "missing, rank 9 asks for it" not in panel.inner_text()


def test_from_an_empty_store_to_a_plan_b_that_opens_and_a_review_that_stays(
    browser: Browser, nothing: Beginning
) -> None:
    goals = SqlGoalReader(nothing.store.engine(Role.APP))
    plan = SqlPlanReader(nothing.store.engine(Role.APP))
    risks = SqlRiskReader(nothing.store.engine(Role.APP))
    tomorrow = datetime.now(UTC) + DAY
    with visit(browser, nothing.address) as page:
        name_the_service(page)
        make_a_goal(page, today() + 120 * DAY, WHO)
        add_a_criterion(page, "Скорость", "Latency and SLA")
        set_a_target(page, "99 %", "Q1", today() + 60 * DAY)
        set_a_target(page, "99.99 %", "Q2", today() + 120 * DAY)
        go_to(page, "Milestones")
        plan_the_milestone(page)
        go_to(page, "Risks")
        find_the_risks(page)
        open_tab(page, "Register")
        draw_a_red_line(page, LATE, "Арендовать", due_on=today() + 20 * DAY)
        draw_a_red_line(page, SLOW, "Вернуть старую модель", above="20")
    (goal,) = goals.goals(SERVICE, tomorrow)
    assert [one.milestone for one in goal.criteria[0].targets] == ["Q1", "Q2"]
    assert [one.title for one in plan.tasks(SERVICE, tomorrow)] == [TASK, "Обучить BERT"]
    made = {one.title: one for one in risks.risks(SERVICE, tomorrow)}
    assert {title: one.rank for title, one in made.items()} == {LATE: 9, SLOW: 9}
    task = plan.tasks(SERVICE, tomorrow)[0]
    assert {one.task_id for one in made.values()} == {str(task.task_id)}

    nothing.slow_minutes(floor_to(datetime.now(UTC), MINUTE) - 20 * MINUTE, 20)
    with visit(browser, nothing.link("risks")) as page:
        page.get_by_text("Plan B was opened at").wait_for()
        assert SLOW in words(page)
    with visit(browser, nothing.link("alerts")) as page:
        page.get_by_text(f"The red line of “{SLOW}”").first.wait_for()

    with visit(browser, nothing.link("review")) as page:
        fill(page, [("Who keeps it", WHO)])
        click(button(page, "Keep this review"))
        page.get_by_text("Kept as review").wait_for()
        kept = page.get_by_role("link", name="Open").get_attribute("href")
        read = page.get_by_role("link", name="Read it as a page").get_attribute("href")
    assert kept is not None
    assert read is not None
    with visit(browser, f"{nothing.address}/{read.removeprefix('./')}") as page:
        sent, seen = page.url, article(page)
    with visit(browser, f"{nothing.address}/{kept.removeprefix('./')}") as page:
        seen_kept = article(page)
    assert all(said in seen for said in ("Скорость", "Q1", SLOW))

    open_risk = next(one for one in risks.risks(SERVICE, tomorrow) if one.title == SLOW)
    at = datetime.now(UTC)
    end_plan_b(nothing.store.engine(Role.APP), open_risk, "Вернули", by=WHO, at=at)
    seen_at = parse_as_of(parse_qs(urlparse(sent).query)["as_of"][0])
    nothing.slow_minutes(floor_to(seen_at, MINUTE) + MINUTE, 2)
    with visit(browser, sent, theme="dark", width=1920) as page:
        assert article(page) == seen
    with visit(browser, f"{nothing.address}/{kept.removeprefix('./')}", theme="dark") as page:
        assert article(page) == seen_kept
