"""Goals and criteria in a real browser: from an empty store to a verdict, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from core.timeframe import DAY, MINUTE, floor_to
from db.engine import Role
from db.readers.criteria import SqlGoalReader
from tests.browser.conftest import Site
from tests.browser.planning import add_a_criterion, make_a_goal, set_a_target
from tests.browser.visits import HEADING, table, until_known, visit

pytestmark = pytest.mark.browser

SERVICE = "digest"
DUE = date(2031, 3, 31)
_DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""")
_WRITTEN = ("team.goal_node", "team.goal", "team.audit", "metrics.deployment")


@pytest.fixture(scope="module")
def ours(site: Site, browser: Browser) -> Iterator[Site]:
    """The site with a service about which nobody has written anything."""
    asked = {"service": SERVICE, "at": floor_to(datetime.now(UTC), MINUTE) - DAY}
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(_DEPLOYED, asked)
    until_known(browser, live(site))
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        for of in _WRITTEN:
            owner.execute(text(f"delete from {of} where service = :service"), asked)


def live(site: Site, **query: str) -> str:
    """The address of the page of now, where goals are written."""
    asked = {"service": SERVICE} | query
    return f"{site.address}/criteria?" + "&".join(f"{key}={asked[key]}" for key in asked)


def test_a_manager_makes_a_goal_with_a_criterion_and_targets_by_milestone(
    browser: Browser, ours: Site
) -> None:
    reader = SqlGoalReader(ours.store.engine(Role.APP))
    with visit(browser, live(ours)) as page:
        assert page.locator(HEADING).inner_text() == "Digest has no goal yet"
        make_a_goal(page, DUE)
        add_a_criterion(page, "Точность", "Quality")
        set_a_target(page, "97 %", "Q1", DUE - timedelta(days=90))
        set_a_target(page, "99 %", "Q2", DUE)
        heading = page.locator(HEADING).inner_text()
        row = next(row for row in table(page, "Criterion") if "Точность" in row)
    assert heading == "Digest: the goal is complete; one criterion without data"
    assert {"precision", "≥ 97 %", "≥ 99 %"} <= set(row)
    (goal,) = reader.goals(SERVICE)
    assert (goal.title, goal.due_on, goal.changed_by) == ("Меньше жалоб «это спам»", DUE, "Полина")
    (criterion,) = goal.criteria
    assert [one.value for one in criterion.targets] == [Decimal("0.97"), Decimal("0.99")]


def test_a_reviewer_sees_whether_the_goal_can_be_told_and_the_way_down_to_numbers(
    browser: Browser, site: Site
) -> None:
    with visit(browser, site.link("criteria")) as page:
        heading = page.locator(HEADING).inner_text()
        milestones = table(page, "Criterion")[0]
    with visit(browser, site.link("criteria", part="Drill-down"), theme="dark") as page:
        chart = page.locator("[data-testid=stVegaLiteChart]")
        chart.first.wait_for()
        said = " ".join(chart.evaluate_all("them => them.map(one => one.outerHTML)"))
    assert heading.startswith("Newsletters: the goal is complete;")
    assert [name for name in milestones if name.startswith(("Q1", "Q2"))]
    for part in ("at most 20 ms", "at least 1,500,000,000 letters a day", "at least 99.99 %"):
        assert part in said


def test_the_terminal_says_what_the_page_says(browser: Browser, site: Site) -> None:
    with visit(browser, site.link("criteria")) as page:
        heading = page.locator(HEADING).inner_text()
    assert site.terminal("evidence", "criteria")["headline"] == heading
