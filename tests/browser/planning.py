"""What a project manager does on the plan's pages, field by field, as a browser does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from playwright.sync_api import Page

from tests.browser.chromium import settle


def button(page: Page, name: str) -> Any:
    """The button of exactly this name."""
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Page, label: str, option: str, within: Any = None) -> None:
    """Choose from a list, again where the page was drawn anew and closed it."""
    offered = page.get_by_role("option", name=option).first
    for _ in range(6):
        (within or page).get_by_label(label, exact=True).click()
        page.wait_for_timeout(1_000)
        if offered.is_visible():
            break
    offered.click()


def type_day(page: Page, label: str, day: date, within: Any = None) -> None:
    """Type a day into a field as the keyboard does: part by part."""
    field = (within or page).get_by_label(label, exact=True)
    field.get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{day:%Y%m%d}")
    page.keyboard.press("Tab")


def change(page: Page, what: str) -> None:
    """Choose what to set or change on the page of goals and criteria."""
    page.get_by_text(what, exact=True).first.click()
    settle(page)


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
    button(page, "Make the goal").click()
    page.get_by_text("No criterion measures it").wait_for()
    settle(page)


def add_a_criterion(page: Page, name: str, report: str) -> None:
    """Fill in a criterion's form."""
    change(page, "A criterion")
    page.get_by_label("Criterion, in one line").fill(name)
    choose(page, "Judged by", report)
    button(page, "Add the criterion").click()
    page.get_by_text(f"“{name}” has no target").wait_for()
    settle(page)


def set_a_target(page: Page, value: str, milestone: str, due: date) -> None:
    """Fill in a target's form, look at what it would change, and store it."""
    change(page, "A target")
    page.get_by_label("Value", exact=True).fill(value)
    page.get_by_label("Milestone", exact=True).fill(milestone)
    type_day(page, "Due on (empty: the milestone's)", due)
    button(page, "Show what it would change").click()
    page.get_by_text("Understood, and not stored yet").wait_for()
    settle(page)
    button(page, "Store the target").click()
    page.get_by_text("Stored at").wait_for()
    settle(page)


def fill(page: Page, fields: Sequence[tuple[str, str]], within: Any = None) -> None:
    """Type into fields by their labels."""
    for label, typed in fields:
        (within or page).get_by_label(label, exact=True).fill(typed)
