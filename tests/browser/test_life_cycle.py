"""The life cycle as people meet it: a switch-off that is refused until everything is saved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from core.timeframe import DAY, HOUR, floor_to
from db.engine import Role
from db.readers.life_cycle import SqlLifeCycleReader
from tests.browser.chromium import click, settle
from tests.browser.conftest import Site
from tests.browser.visits import HEADING, table, until_known, visit, words

pytestmark = pytest.mark.browser

SERVICE = "old mail"
ADDRESS = "life_cycle?service=old+mail"
_DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'bert-1', 'production')""")
_SHADOW = text("""
    insert into metrics.shadow_hour (service, hour, production_version, candidate_version, segment,
        both_positive, production_only, candidate_only, both_negative, candidate_errors,
        candidate_slow, user_visible)
    select :service, moment, 'bert-1', 'bert-2', segment, 400000, 10000, 20000, 570000, 1, 2, 0
    from generate_series(cast(:start as timestamptz), cast(:end as timestamptz),
        interval '1 hour') as moment cross join unnest(array['en', 'ru']) as segment
    where extract(hour from moment) <> 5""")
_TABLES = (
    "team.life_cycle_item",
    "team.life_cycle_gate",
    "team.audit",
    "metrics.shadow_hour",
    "metrics.deployment",
)
SAVED = ("Samples", "Raw data", "Score distributions")


@pytest.fixture(scope="module")
def ours(site: Site, browser: Browser) -> Iterator[Site]:
    """The site with a service that is to be given up, and had a shadow run with gaps."""
    end = floor_to(datetime.now(UTC), HOUR) - HOUR
    asked = {"service": SERVICE, "at": end - 20 * DAY, "start": end - 7 * DAY, "end": end}
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(_DEPLOYED, asked)
        owner.execute(_SHADOW, asked)
    until_known(browser, f"{site.address}/{ADDRESS}")
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        for name in _TABLES:
            owner.execute(text(f"delete from {name} where service = :service"), asked)


def test_a_pm_is_refused_the_switch_off_until_the_three_are_saved_and_then_may(
    browser: Browser, ours: Site
) -> None:
    reader = SqlLifeCycleReader(ours.store.engine(Role.APP))
    address = f"{ours.address}/{ADDRESS}&part=Decommissioning"
    with visit(browser, address) as page:
        assert "Greenlight switches nothing off" in words(page)
        off = page.get_by_role("button", name="Record the switch-off")
        page.get_by_label("Who decides it").fill("Анна")
        page.get_by_label("What is decided, and why").fill("Новый сервис готов")
        click(off)
        page.get_by_text("Nothing was stored. Not saved: samples").wait_for()
        assert reader.gates(SERVICE, datetime.now(UTC) + HOUR) == ()
        for number, name in enumerate(SAVED, start=1):
            card = page.locator(f".st-key-saved_{name.lower().replace(' ', '_')}")
            card.get_by_text("Say where", exact=True).click()
            card.get_by_label("Where", exact=True).fill(f"hdfs://архив/{number}")
            card.get_by_label("Who", exact=True).fill("Анна")
            click(card.get_by_role("button", name="It is saved there"))
            card.get_by_text(f"hdfs://архив/{number}").first.wait_for()
        page.get_by_text("Everything is saved: it may be switched off.").wait_for()
        assert page.get_by_label("What is decided, and why").input_value() == "Новый сервис готов"
        click(off)
        page.get_by_text("Switched off on").first.wait_for()
        assert page.locator(HEADING).inner_text().startswith("Switched off on")
    (made,) = reader.gates(SERVICE, datetime.now(UTC) + HOUR)
    assert (made.passed_by, made.reason) == ("Анна", "Новый сервис готов")
    assert [one["said"] for one in made.evidence] == [f"hdfs://архив/{at}" for at in (1, 2, 3)]


def test_the_shadow_run_is_drawn_with_its_gaps_and_told_in_words(
    browser: Browser, ours: Site
) -> None:
    with visit(browser, f"{ours.address}/{ADDRESS}", theme="dark", width=1920) as page:
        page.locator("[data-testid=stVegaLiteChart]").first.wait_for()
        settle(page)
        charts = page.locator("[data-testid=stVegaLiteChart]")
        said = " ".join(charts.evaluate_all("them => them.map(one => one.outerHTML)"))
        segments = table(page, "Segment")
        shown = words(page)
    assert "production positive and candidate negative" in said
    assert "hours have no row" in said
    assert [row[0] for row in segments[1:]] == ["all", "en", "ru"]
    assert "What happened in them nobody knows." in shown
    assert "Who is right where they differ is not known" in shown


def test_page_and_terminal_say_the_same_of_the_demo(browser: Browser, site: Site) -> None:
    values = site.terminal("evidence", "life-cycle")
    with visit(browser, site.link("life_cycle", part="Gates")) as page:
        assert page.locator(HEADING).inner_text() == values["sentence"].removesuffix(".")
        rows = table(page, "Requires")
    assert [row[1] for row in rows[1:]] == [
        one["name"] for gate in values["gates"] for one in gate["requires"]
    ]
