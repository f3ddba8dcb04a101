"""What a form shows is what it sends: nothing is lost on the way to a browser that is slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import text

from core.ports.plan import DIRECTIONS, STAGES, PlannedMilestone
from core.timeframe import MINUTE, floor_to
from db.engine import Role
from db.readers.milestones import SqlPlanReader
from db.team.milestones import add_milestone, change_milestone
from db.team.tasks import add_task
from tests.browser.chromium import click, open_page, redrawn, settle
from tests.browser.conftest import Site
from tests.browser.planning import button
from tests.browser.visits import until_known, until_pages_look_again, visit

pytestmark = pytest.mark.browser

SERVICE, MILESTONE = "charts", "Бета"
DAY = timedelta(days=1)
#: The scripts that draw fields, each of its own file: a browser asks for one once it needs it.
FIELDS = "**/static/js/{TextInput,TextArea,NumberInput,DateInput,Selectbox,Multiselect}.*.js"


def now() -> datetime:
    return floor_to(datetime.now(UTC), MINUTE)


@pytest.fixture
def planned(site: Site, browser: Browser) -> Iterator[Site]:
    """The site with a service that has one milestone with one task."""
    app, at = site.store.engine(Role.APP), now() - DAY
    given = {"name": MILESTONE, "due_on": at.date() + 40 * DAY, "hands": 3, "note": "for Kazan"}
    add_milestone(app, SERVICE, given, by="Анна", at=at, request_id="milestone")
    write_task(site, "collect letters")
    until_known(browser, address(site))
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text(
                "delete from team.baseline_task where task_id in "
                "(select task_id from team.task where service = :service)"
            ),
            {"service": SERVICE},
        )
        for name in ("baseline", "task", "milestone", "plan_frame", "audit"):
            owner.execute(
                text(f"delete from team.{name} where service = :service"), {"service": SERVICE}
            )


def address(site: Site) -> str:
    return f"{site.address}/milestones?service={SERVICE}"


def write_task(site: Site, title: str) -> None:
    """Write a task down, as somebody else does meanwhile."""
    given = {"title": title, "stage": STAGES[0], "direction": DIRECTIONS[0]}
    given |= {"milestone": MILESTONE, "ideal_days": 2, "priority": 3}
    begun = (now() - DAY).date()
    given |= {"planned_start": begun, "planned_end": begun + 20 * DAY, "started_on": begun}
    add_task(
        site.store.engine(Role.APP),
        SERVICE,
        given,
        by="Анна",
        at=now() - DAY,
        request_id=title,
    )


def stored(site: Site) -> PlannedMilestone:
    """The milestone as it is now."""
    (found,) = SqlPlanReader(site.store.engine(Role.APP)).milestones(SERVICE, now() + DAY)
    return found


@contextmanager
def fields_held_up(page: Page) -> Iterator[None]:
    """What draws the fields arrives at the end of the block, as over a slow line."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(FIELDS, hold)
    yield
    assert waiting, "no field was asked for"
    page.unroute(FIELDS)  # and go on with all that wait


@contextmanager
def drawn_anew(page: Page) -> Iterator[None]:
    """What happens in the block makes the page draw itself anew, by itself: wait for that."""
    page.wait_for_function("() => seenOfPage.ended > 0")
    before = page.evaluate("() => seenOfPage.ended")
    yield
    page.wait_for_function("before => seenOfPage.ended > before", arg=before)


def form(page: Page, label: str) -> Locator:
    """The expander of a form."""
    return page.locator("[data-testid=stExpander]").filter(has_text=label)


def opened(page: Page, label: str) -> Locator:
    """The same, opened."""
    found = form(page, label)
    found.locator("summary").click()
    expect(found.locator("details")).to_have_attribute("open", "")
    return found


def field(within: Locator, label: str) -> Locator:
    return within.get_by_label(label, exact=True)


def expect_what_is_stored(change: Locator, site: Site) -> None:
    one = stored(site)
    expect(field(change, "Name")).to_have_value(one.name)
    expect(field(change, "People who work on it")).to_have_value(str(one.hands))
    expect(field(change, "Note")).to_have_value(one.note)
    day = field(change, "Due on").get_by_role("spinbutton")
    assert [day.nth(at).inner_text() for at in range(3)] == f"{one.due_on:%Y %m %d}".split()


def test_fields_that_are_drawn_late_show_what_the_form_was_filled_with(
    browser: Browser, planned: Site
) -> None:
    before = stored(planned)
    page = open_page(browser, "light")
    with fields_held_up(page):
        page.goto(address(planned))
        form(page, f"Change {MILESTONE}").wait_for()
        with drawn_anew(page):
            write_task(planned, "label letters")
    settle(page)
    change = opened(page, f"Change {MILESTONE}")
    expect_what_is_stored(change, planned)

    field(change, "Note").fill("for Kazan and Perm")
    field(change, "Who").fill("Полина")
    with redrawn(page):
        button(page, "Store the change").click()
    after = stored(planned)
    assert (after.note, after.changed_by) == ("for Kazan and Perm", "Полина")
    assert (after.name, after.due_on, after.hands) == (before.name, before.due_on, before.hands)
    page.context.close()


def test_what_somebody_types_outlives_what_others_store(browser: Browser, planned: Site) -> None:
    with visit(browser, address(planned)) as page:
        change = opened(page, f"Change {MILESTONE}")
        field(change, "Note").fill("for Omsk")
        field(change, "People who work on it").fill("5")
        with drawn_anew(page):
            write_task(planned, "label letters")
        settle(page)
        expect(field(change, "Note")).to_have_value("for Omsk")

        field(change, "Who").fill("Полина")
        with redrawn(page):
            button(page, "Store the change").click()
    assert (stored(planned).note, stored(planned).hands) == ("for Omsk", 5)


def test_a_name_given_in_one_form_is_there_in_one_that_was_closed_before(
    browser: Browser, planned: Site
) -> None:
    with visit(browser, address(planned)) as page:
        freeze = opened(page, "Freeze the plan as a baseline")
        expect(field(freeze, "Who freezes it")).to_have_value("")
        freeze.locator("summary").click()
        change = opened(page, f"Change {MILESTONE}")
        field(change, "Who").fill("Полина")
        with redrawn(page):
            button(page, "Store the change").click()
        with drawn_anew(page):
            write_task(planned, "label letters")
        settle(page)

        freeze = opened(page, "Freeze the plan as a baseline")
        expect(field(freeze, "Who freezes it")).to_have_value("Полина")
        field(freeze, "Name of the baseline").fill("Начало")
        settle(page)  # what moves while it is pressed is not pressed
        with redrawn(page):
            button(page, "Freeze the plan as it stands").click()
        page.get_by_text("Начало is frozen").wait_for()


def test_a_form_that_takes_over_what_is_stored_sends_that_and_not_what_was_typed_before(
    browser: Browser, planned: Site
) -> None:
    with visit(browser, address(planned)) as page:
        change = opened(page, f"Change {MILESTONE}")
        field(change, "Note").fill("for Omsk")
        field(change, "People who work on it").fill("5")
        seen = stored(planned)
        given = {"name": seen.name, "due_on": seen.due_on, "hands": 7, "note": "for Perm"}
        with drawn_anew(page):
            change_milestone(
                planned.store.engine(Role.APP), seen, given, by="Анна", at=now() - MINUTE
            )
            until_pages_look_again()
        expect(field(change, "Note")).to_have_value("for Omsk")

        click(button(page, "Take over what is stored"))
        change = form(page, f"Change {MILESTONE}")
        expect(field(change, "Note")).to_have_value("for Perm")
        expect(field(change, "People who work on it")).to_have_value("7")
        field(change, "Who").fill("Полина")
        with redrawn(page):
            button(page, "Store the change").click()
    assert (stored(planned).note, stored(planned).hands) == ("for Perm", 7)


def test_what_a_field_was_filled_with_can_be_taken_out_of_it(
    browser: Browser, planned: Site
) -> None:
    (task,) = SqlPlanReader(planned.store.engine(Role.APP)).tasks(SERVICE, now() + DAY)
    assert task.started_on is not None
    with visit(browser, f"{address(planned)}&part=Tasks&task={task.task_id}") as page:
        with drawn_anew(page):
            write_task(planned, "label letters")
        settle(page)
        change = page.locator(".st-key-task_opened")
        started = change.get_by_test_id("stDateInput").filter(has_text="Started on")
        started.get_by_role("button", name="Clear date").click()
        field(change, "Who").fill("Полина")
        with redrawn(page):
            button(page, "Store the change").click()
    (task, *_) = SqlPlanReader(planned.store.engine(Role.APP)).tasks(SERVICE, now() + DAY)
    assert task.started_on is None
