"""The night path: from a notification's link to a resolved alert, in few clicks, in both themes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import URL, text

from core.ports.alerts import Episode
from core.timeframe import DAY, HOUR, MINUTE
from db.engine import Role, Store
from db.readers.incidents import SqlIncidentReader
from db.team.alert_acknowledgements import acknowledge
from tests.bench.streamlit_server import serve
from tests.browser.chromium import click, settle
from tests.browser.visits import HEADING, until_pages_look_again, visit, words
from tests.conftest import administer, open_store
from tests.db.alert_world import SERVICE, World

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
#: What an engineer at night may need at most.
MOST_CLICKS = 6
#: So many minutes are written in advance: a slow test must not look like a service gone quiet.
AHEAD = 3
FRESH = """
    update team.alert_evaluation set at = date_trunc('minute', now())
    where at = (select max(at) from team.alert_evaluation)"""
#: What takes back everything that somebody did about alerts.
TAKEN_BACK = (
    "delete from team.incident_alert",
    "delete from team.incident",
    "delete from team.alert_acknowledgement",
    "delete from team.alert_act",
    "delete from team.alert_transition where sentence like 'Resolved by hand%'",
    "delete from team.notification where event in ('acknowledged', 'resolved')",
    (
        "update team.alert_episode set state = 'firing', resolved_at = null, resolved_by = '', "
        "changed_at = fired_at where resolved_by <> ''"
    ),
    "update team.alert_rule set owner = 'on-call'",
)


class Night:
    """A dashboard over a service that burns.

    Attributes:
        address: where it is.
    """

    def __init__(self, address: str, store: Store, world: World) -> None:
        self.address = address
        self.store = store
        self.world = world
        self.written = 360

    def burning(self) -> Episode:
        """The gravest page that fires, evaluated just now, its minutes written up to now."""
        minutes = (datetime.now(UTC) - self.world.begin) // MINUTE
        self.world.write(self.written, minutes + AHEAD, errors=22)
        self.written = minutes + AHEAD
        with self.store.engine(Role.OWNER).begin() as owner:
            owner.execute(text(FRESH))
        until_pages_look_again()
        found = self.world.reader.open_episodes(SERVICE, datetime.now(UTC))
        return next(one for one in found if one.severity == "page" and one.state == "firing")

    def told(self, episode: Episode) -> str:
        """The link of the alert's notification, at this dashboard."""
        (body,) = self.world.table(
            "select body from team.notification where episode_id = :number and event = 'firing'",
            number=episode.episode_id,
        )[0]
        (line,) = [line for line in body.splitlines() if line.startswith("Page: ")]
        asked = urlparse(line.removeprefix("Page: "))
        return f"{self.address}{asked.path}?{asked.query}"


@pytest.fixture(scope="module")
def burning(server_url: URL, migrated: str) -> Iterator[Night]:
    name = f"greenlight_night_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    database = server_url.set(database=name)
    with open_store(database) as store:
        world = World(store)
        world.alerting = type(world.alerting)(world.worker, base_url="https://green.example")
        world.keep("slo-availability")
        world.add_channel()
        world.write(0, 300)
        world.write(300, 360, errors=22)
        world.run((299, 320, 340, 359))
        environment = {"DATABASE_URL": database.render_as_string(hide_password=False)}
        with serve(ROOT / "app.py", environment) as server:
            yield Night(f"http://localhost:{server.port}", store, world)
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def night(burning: Night) -> Iterator[Night]:
    """The night; what a test does in it is taken back."""
    yield burning
    with burning.store.engine(Role.OWNER).begin() as owner:
        for statement in TAKEN_BACK:
            owner.execute(text(statement))


class Fingers:
    """Whoever clicks, and how often."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, target: Locator) -> None:
        """One click that changes nothing but what the page shows."""
        target.click()
        self.clicks += 1

    def send(self, target: Locator) -> None:
        """One click by which the page is drawn anew."""
        click(target)
        self.clicks += 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_night_path_takes_at_most_six_clicks(browser: Browser, night: Night, theme: str):
    it = night.burning()
    with visit(browser, night.told(it), theme) as page:
        fingers = Fingers(page)
        # Understand: the sentence, its chart, what changed, the runbook: all there, unasked.
        shown = words(page)
        assert it.sentence in shown
        assert "Burn rate: still" in shown
        assert "Runbook: The error budget burns" in shown
        assert "Nobody has it in hand." in shown
        page.get_by_label("Who takes it").fill("Анна")
        fingers.send(page.get_by_role("button", name="Acknowledge").first)
        page.get_by_text("acknowledged by Анна until").first.wait_for()
        fingers.click(page.get_by_role("tab", name="Resolve").first)
        page.get_by_label("Why it is over").fill("rolled <b>v2</b> back")
        fingers.send(page.get_by_role("button", name="Resolve by hand").first)
        page.get_by_text("by Анна after").wait_for()
        fingers.send(page.get_by_role("button", name="Add to the incident").first)
        fingers.send(page.get_by_role("link", name="Timeline and retrospective").first)
        page.wait_for_url("**/incidents?**")
        asked = urlparse(page.url)
        assert "retrospective" in words(page).lower()
        assert fingers.clicks <= MOST_CLICKS
    now = datetime.now(UTC)
    (made, *_) = sorted(
        SqlIncidentReader(night.world.app).incidents(SERVICE, now - DAY, now),
        key=lambda one: one.opened_at,
        reverse=True,
    )
    query = parse_qs(asked.query)
    assert (query["service"], query["incident"]) == ([SERVICE], [str(made.incident_id)])
    over = next(one for one in night.world.episodes() if one.episode_id == it.episode_id)
    assert (over.state, over.resolved_by) == ("resolved", "Анна")


def test_news_come_by_themselves_and_take_nothing_from_who_is_typing(
    browser: Browser, night: Night
):
    it = night.burning()
    with visit(browser, night.told(it)) as page:
        note = page.get_by_label("Note (may stay empty)")
        note.click()
        note.press_sequentially("I look at ")
        now = datetime.now(UTC)
        other = next(
            one
            for one in night.world.reader.open_episodes(SERVICE, now)
            if one.episode_id != it.episode_id
        )
        acknowledge(
            night.world.app,
            other.episode_id,
            by="Борис",
            at=now,
            until=now + HOUR,
            request_id=uuid.uuid4().hex,
        )
        with night.store.engine(Role.APP).begin() as app:
            app.execute(
                text(
                    "update team.alert_rule set owner = '', revision = revision + 1 "
                    "where rule_id = 'slo-availability'"
                )
            )
        page.get_by_text("acknowledged by Борис until").wait_for()
        page.get_by_text("set up wrongly").wait_for()
        settle(page)
        assert note.input_value() == "I look at "
        page.keyboard.type("dc2")
        assert note.input_value() == "I look at dc2"


def test_a_page_that_is_left_open_says_that_nobody_evaluates(browser: Browser, night: Night):
    night.burning()
    with visit(browser, f"{night.address}/alerts?service={SERVICE}") as page:
        assert "Do not trust the silence" not in words(page)
        with night.store.engine(Role.OWNER).begin() as owner:
            owner.execute(text("update team.alert_evaluation set at = at - interval '1 hour'"))
        page.get_by_text("Do not trust the silence").wait_for()
        settle(page)
        assert "have not been evaluated since" in page.locator(HEADING).inner_text()


@pytest.mark.parametrize(("tab", "width"), [("now", 1920), ("rules", 1280)])
def test_no_part_of_the_page_is_wider_than_the_window(
    browser: Browser, night: Night, tab: str, width: int
):
    night.burning()
    address = f"{night.address}/alerts?service={SERVICE}&tab={tab}"
    with visit(browser, address, "dark", width) as page:
        overflow = page.evaluate(
            """() => {
                const main = document.querySelector('[data-testid=stMain]');
                return main.scrollWidth - main.clientWidth;
            }"""
        )
        assert overflow <= 0
        assert page.locator("[data-testid=stSidebar]").inner_text().count("On call:") == 1
        assert SERVICE in page.locator(HEADING).inner_text()
