"""Milestones and scope as a project manager meets them, from an empty store on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from core.ports.plan import PlanFrame
from core.timeframe import MINUTE, floor_to
from db.engine import Role
from db.readers.milestones import SqlPlanReader
from db.team.scope import save_frame
from db.team.tasks import add_task
from tests.browser.chromium import click, redrawn
from tests.browser.conftest import Site
from tests.browser.planning import button, type_day
from tests.browser.visits import HEADING, table, until_known, until_pages_look_again, visit, words
from tests.fakes_scope import DIRECTIONS, MATRIX, STAGES

pytestmark = pytest.mark.browser

SERVICE = "maps"
DAY = timedelta(days=1)
_DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""")
#: Whatever a test writes, what refers to others first.
_WRITTEN = (
    """delete from team.baseline_task
    where task_id in (select task_id from team.task where service = :service)""",
    *(
        f"delete from team.{name} where service = :service"
        for name in (
            *("baseline", "planning_decision", "task", "milestone", "scope_cell"),
            *("plan_frame", "iteration", "audit"),
        )
    ),
)


@pytest.fixture(scope="module")
def ours(site: Site, browser: Browser) -> Iterator[Site]:
    """The site with a service about which nobody has written anything."""
    asked = {"service": SERVICE, "at": now() - DAY}
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(_DEPLOYED, asked)
    until_known(browser, live(site, "scope"))
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(text("delete from metrics.deployment where service = :service"), asked)


@pytest.fixture
def untouched(ours: Site) -> Iterator[Site]:
    """The same; what a test writes is taken back."""
    yield ours
    with ours.store.engine(Role.OWNER).begin() as owner:
        for statement in _WRITTEN:
            owner.execute(text(statement), {"service": SERVICE})


def now() -> datetime:
    return floor_to(datetime.now(UTC), MINUTE)


def live(site: Site, page: str, **query: Any) -> str:
    """The address of a page of now, where things are changed."""
    asked = {"service": SERVICE} | query
    return f"{site.address}/{page}?" + "&".join(f"{key}={asked[key]}" for key in asked)


def lecture(site: Site) -> None:
    """The lecture's matrix: three stages, five directions, 11 tasks."""
    app, at = site.store.engine(Role.APP), now() - DAY
    given: dict[str, object] = {"stages": list(STAGES), "directions": list(DIRECTIONS)}
    save_frame(app, PlanFrame(SERVICE), given, by="Анна", at=at)
    for stage, row in zip(STAGES, MATRIX, strict=True):
        for direction, title in zip(DIRECTIONS, row, strict=True):
            if title:
                given = {"title": title, "stage": stage, "direction": direction}
                given |= {"ideal_days": 2, "priority": 3}
                add_task(app, SERVICE, given, by="Анна", at=at, request_id=title)
    until_pages_look_again()


def test_a_click_on_a_cell_of_the_matrix_opens_it_and_leads_to_its_tasks(
    browser: Browser, untouched: Site
) -> None:
    lecture(untouched)
    with visit(browser, live(untouched, "scope")) as page:
        assert page.locator(HEADING).inner_text() == "11 of 15 cells hold tasks, four are gaps"
        chart = page.locator("[data-testid=stVegaLiteChart]").first
        box = chart.bounding_box()
        assert box is not None
        # The lower right cells: the last direction is a gap, the one before it is not.
        with redrawn(page):
            chart.click(position={"x": box["width"] * 0.77, "y": box["height"] - 40})
        page.get_by_text("Open these tasks on Milestones").wait_for()
        said = words(page)
        assert "Decommissioning: saving data · ML / Logics" in said
        click(page.get_by_text("Open these tasks on Milestones"))
        page.get_by_text("Of direction").wait_for()
        shown = table(page, "Task")
    assert len(shown) == 2
    assert "save the classifiers' distributions from production" in shown[1]


def test_from_an_empty_store_a_milestone_and_its_tasks_are_made_by_hand(
    browser: Browser, untouched: Site
) -> None:
    today = now().date()
    due = today + 42 * DAY
    with visit(browser, live(untouched, "milestones")) as page:
        page.get_by_label("Name", exact=True).fill("Прототип")
        type_day(page, "Due on", due)
        page.get_by_label("Who", exact=True).fill("Анна")
        click(button(page, "Store the milestone"))
        page.get_by_text("Прототип").first.wait_for()
        assert "Прототип" in page.locator(HEADING).inner_text()
        click(page.get_by_role("tab", name="Tasks"))
        page.get_by_label("What is to be done").fill("Купить серверы")
        type_day(page, "Planned from", today)
        type_day(page, "Planned to", today + 35 * DAY)
        page.get_by_label("Ideal days of one person").fill("25")
        click(button(page, "Add the task"))
        page.get_by_text("Added as task").wait_for()
        shown = table(page, "Task")
        assert "Купить серверы" in shown[1]
        click(page.get_by_role("tab", name="Plan"))
        page.get_by_text("over-committed by 1 ideal week").first.wait_for()
    reader = SqlPlanReader(untouched.store.engine(Role.APP))
    (made,) = reader.tasks(SERVICE, now() + DAY)
    assert (made.milestone, made.planned_end) == ("Прототип", today + 35 * DAY)
    (milestone,) = reader.milestones(SERVICE, now() + DAY)
    assert milestone.due_on == due
