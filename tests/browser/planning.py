"""What a project manager does on the plan's pages, field by field, as a browser does it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.browser.chromium import click, pick

#: What the parts of a field for days hold, year first, once they hold all of a day.
_DAY = """([field, day]) => {
    const parts = ['year', 'month', 'day'].map(
        part => field.querySelector(`[role=spinbutton][data-type=${part}]`));
    return parts.every((part, at) => part && Number(part.ariaValueNow) === day[at]);
}"""


def button(page: Page, name: str) -> Locator:
    """The button of exactly this name."""
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Page, label: str, option: str, within: Locator | None = None) -> None:
    """Choose from a list; a page that is drawn anew closes it: then it is opened again."""
    offered = page.get_by_role("option", name=option).first
    for _ in range(6):
        (within or page).get_by_label(label, exact=True).click()
        with suppress(NotInTime):
            offered.click(timeout=10_000)
            offered.wait_for(state="hidden")
            return
    raise AssertionError(f"{label} offers no {option}")


def type_day(page: Page, label: str, day: date, within: Locator | None = None) -> None:
    """Type a day into a field as the keyboard does: part by part."""
    field = (within or page).get_by_label(label, exact=True)
    field.get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{day:%Y%m%d}")
    page.wait_for_function(_DAY, arg=[field.element_handle(), [day.year, day.month, day.day]])
    page.keyboard.press("Tab")


def change(page: Page, what: str) -> None:
    """Choose what to set or change on the page of goals and criteria."""
    pick(page.get_by_role("radio", name=what, exact=True))


def make_a_goal(page: Page, due: date, who: str = "Полина") -> None:
    """Fill in the goal's form, on a page of a service without one."""
    page.get_by_label("Goal, in one line").fill("Меньше жалоб «это спам»")
    page.get_by_label("Why: which problem does it solve?").fill("Письма засоряют Inbox")
    page.get_by_label("For whom", exact=True).fill("users")
    page.get_by_label("What users gain").fill("a newsletters folder")
    page.get_by_label("What we gain").fill("an embedding of letters")
    page.get_by_label("Key results, one a line, each with its number").fill("Жалоб −5 %")
    type_day(page, "Due on", due)
    page.get_by_label("Who", exact=True).fill(who)
    click(button(page, "Make the goal"))
    page.get_by_text("No criterion measures it").wait_for()


def add_a_criterion(page: Page, name: str, report: str) -> None:
    """Fill in a criterion's form."""
    change(page, "A criterion")
    page.get_by_label("Criterion, in one line").fill(name)
    choose(page, "Judged by", report)
    click(button(page, "Add the criterion"))
    page.get_by_text(f"“{name}” has no target").wait_for()


def set_a_target(page: Page, value: str, milestone: str, due: date) -> None:
    """Fill in a target's form, look at what it would change, and store it."""
    change(page, "A target")
    page.get_by_label("Value", exact=True).fill(value)
    page.get_by_label("Milestone", exact=True).fill(milestone)
    type_day(page, "Due on (empty: the milestone's)", due)
    click(button(page, "Show what it would change"))
    page.get_by_text("Understood, and not stored yet").wait_for()
    click(button(page, "Store the target"))
    page.get_by_text("Stored at").wait_for()


def fill(page: Page, fields: Sequence[tuple[str, str]], within: Locator | None = None) -> None:
    """Type into fields by their labels."""
    for label, typed in fields:
        (within or page).get_by_label(label, exact=True).fill(typed)
