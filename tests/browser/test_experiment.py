"""The Experiment page as a reader meets it, against what the terminal says and what is true."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import text

from core import wording
from core.experiment.settings import default_definition
from core.experiment.words import range_words, signed
from db.engine import Role
from db.readers.experiment import SqlExperimentReader
from db.team.experiments import create
from tests.browser.chromium import click, redrawn, settle
from tests.browser.conftest import Site
from tests.browser.planning import choose
from tests.browser.visits import HEADING, table, until_pages_look_again, visit, words

pytestmark = pytest.mark.browser

SERVICE, EXPERIMENT, NEXT = "newsletters", "newsletters-folder", "следующий <b>тест</b>"


@pytest.fixture
def untouched(site: Site) -> Iterator[Site]:
    """The site; what a test writes about experiments is taken back."""
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        for table in ("experiment_decision", "experiment_amendment", "experiment"):
            owner.execute(text(f"delete from team.{table}"))


def live(site: Site, **query: str) -> str:
    """The address of the page of now, where definitions are changed."""
    asked = {"service": SERVICE} | query
    return f"{site.address}/experiment?" + "&".join(f"{key}={asked[key]}" for key in asked)


def card(page: Page, at: int) -> str:
    return page.locator(f".st-key-experiment_{at}").inner_text()


def test_sentence_cards_and_tables_say_what_the_terminal_says(browser: Browser, site: Site) -> None:
    found = site.terminal("evidence", "experiment")
    with visit(browser, site.link("experiment")) as page:
        assert page.locator(HEADING).inner_text() == found["sentence"]
        shown = words(page)
        lift, days, split, guardrail, users = (card(page, at) for at in range(5))
        planned = table(page, "If the true lift were")
        listed = table(page, "Experiment")
    assert found["days"] >= 14
    assert signed(found["lift"], "down", 2) in lift
    band = found["always_valid"]
    assert range_words(band["low"], band["high"], 2) in lift
    assert f"{found['days']} of {found['definition']['planned_days']}" in days
    assert found["settles"] in days
    counts = found["srm"]["users"]
    for name, count in counts.items():
        share = wording.percent(count / sum(counts.values()), 2).removesuffix(" %")
        assert share in split, name
    worst = min(
        (held for held in found["guardrails"] if held["state"] == "open"),
        key=lambda held: held["always_valid"]["low"] / abs(held["margin"]),
    )
    assert signed(worst["lift"], "up", 2) in guardrail
    assert wording.count(found["users"]) in users
    for warning in found["warnings"]:
        assert warning in shown
    assert "nobody has defined it" in shown
    told = [(row[0], row[2].split(",")[0]) for row in planned[1:] if row]
    assert told == [
        (signed(part["lift"], "down"), f"day {part['days']}") for part in found["planning"]
    ]
    (row,) = [row for row in listed[1:] if EXPERIMENT in row]
    assert found["verdict"] in row
    assert signed(found["lift"], "down", 2) in row


def test_the_intervals_contain_the_truth_of_the_simulation(site: Site) -> None:
    found = site.terminal("evidence", "experiment")
    with site.store.engine(Role.APP).connect() as connection:
        asked = text(
            "select value from team.simulated_truth "
            "where service = 'newsletters' and quantity = 'lift'"
        )
        truth = float(connection.execute(asked).scalar_one())
    for interval in ("fixed", "always_valid", "deciding"):
        assert found[interval]["low"] <= truth <= found[interval]["high"]
    assert math.isclose(found["lift"], truth, abs_tol=0.02)


def test_charts_have_words_for_who_cannot_see_them(browser: Browser, site: Site) -> None:
    found = site.terminal("evidence", "experiment")
    with visit(browser, site.link("experiment")) as page:
        charts = page.locator("[data-testid=stVegaLiteChart]")
        said = " ".join(charts.evaluate_all("them => them.map(one => one.outerHTML)"))
        assert charts.count() >= 7
    assert range_words(found["fixed"]["low"], found["fixed"]["high"]) in said
    for held in found["guardrails"]:
        assert f"{signed(held['lift'], held['direction'])} · {held['state']}" in said


def test_the_list_leads_to_every_experiment_and_the_url_says_which(
    browser: Browser, untouched: Site
) -> None:
    site, at = untouched, datetime.now(UTC)
    starts_on = (at + timedelta(days=5)).date()
    wanted = default_definition(SERVICE, NEXT, ("control", "treatment"), starts_on)
    create(site.store.engine(Role.APP), wanted, by="Анна", at=at)
    until_pages_look_again()
    with visit(browser, live(site)) as page:
        listed = table(page, "Experiment")
        links = {row[0]: row[1] for row in listed[1:] if row}
        assert set(links) == {EXPERIMENT, NEXT}
        asked = parse_qs(urlparse(links[NEXT]).query)
        assert asked["experiment"] == [NEXT]
        page.goto(f"{site.address}{links[NEXT]}")
        settle(page)
        heading = page.locator(HEADING).inner_text()
        assert heading.startswith(f"{NEXT} begins on {starts_on.day} ")
        assert "defined by Анна" in words(page)
        page.goto(f"{site.address}{links[EXPERIMENT]}")
        settle(page)
        assert "Complete days" in words(page)


def test_an_unknown_experiment_is_a_sentence_and_the_default_one(
    browser: Browser, site: Site
) -> None:
    with visit(browser, site.link("experiment", experiment="folders")) as page:
        assert "No experiment of newsletters is called “folders”" in words(page)
        assert "Complete days" in words(page)


def test_defining_from_the_page_refuses_slips_and_keeps_what_is_right(
    browser: Browser, untouched: Site
) -> None:
    site = untouched
    reader = SqlExperimentReader(site.store.engine(Role.APP))
    with visit(browser, live(site)) as page:
        click(page.get_by_role("button", name="Define this experiment"))
        page.get_by_label("Days before any verdict").fill("3")
        page.get_by_label("Planned days").fill("35")
        page.get_by_label("Who", exact=True).fill("Анна")
        click(page.get_by_role("button", name="Define the experiment"))
        page.get_by_text("Must be a whole number from 7 to 366, and is 3.").wait_for()
        assert reader.definitions(SERVICE) == ()
        assert page.get_by_label("Planned days").input_value() == "35"
        page.get_by_label("Days before any verdict").fill("14")
        page.get_by_label("Why now").fill("it ran <b>undefined</b>")
        click(page.get_by_role("button", name="Define the experiment"))
        page.get_by_text("defined by Анна").wait_for()
        shown = words(page)
    assert "of 35" in shown
    assert "Анна: Defined after the start. Why: it ran <b>undefined</b>" in shown
    (made,) = reader.definitions(SERVICE)
    assert (made.planned_days, made.minimum_days, made.created_by) == (35, 14, "Анна")


def test_a_decision_is_recorded_with_the_evidence_of_the_page(
    browser: Browser, untouched: Site
) -> None:
    site = untouched
    with visit(browser, site.link("experiment")) as page:
        page.get_by_label("Who decides").fill("Борис")
        choose(page, "Decision", "extend")
        page.get_by_label("Note", exact=True).fill("*wait* for the last look")
        click(page.get_by_role("button", name="Record the decision"))
        page.get_by_text("Recorded on").wait_for()
    (made,) = SqlExperimentReader(site.store.engine(Role.APP)).decisions(SERVICE, EXPERIMENT)
    assert (made.decided_by, made.decision, made.note) == (
        "Борис",
        "extend",
        "*wait* for the last look",
    )
    assert made.as_of == site.as_of
    told = site.terminal("evidence", "experiment")
    assert dict(made.evidence) == told
    with visit(browser, live(site)) as page:
        row = table(page, "When")[1]
        assert "extend" in row
        assert "*wait* for the last look" in row
        assert signed(told["lift"], "down", 2) in row
        click(page.get_by_text("The evidence as it was"))
        page.get_by_text("frozen then").wait_for()
        assert told["sentence"] in words(page)


def test_the_planner_answers_while_numbers_are_changed(browser: Browser, site: Site) -> None:
    with visit(browser, site.link("experiment")) as page:
        before = [row for row in table(page, "True lift")[1:] if row]
        field = page.get_by_label("Hoped-for true lift, %")
        field.fill("-5.5")
        with redrawn(page):
            field.press("Enter")
        after = [row for row in table(page, "True lift")[1:] if row]
    assert [row[0] for row in before] != [row[0] for row in after]
    assert after[2][0] == "−5.5 %"
