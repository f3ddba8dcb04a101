"""On-call, incidents and documentation as people meet them, from the alert to the retrospective."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from core.timeframe import MINUTE, floor_to
from db.engine import Role
from db.readers.incidents import SqlIncidentReader
from db.team.incidents import open_incident
from db.team.rotas import save_rota
from db.team.runbooks import save_runbook
from tests.browser.chromium import click, settle
from tests.browser.conftest import Site
from tests.browser.planning import button, type_day
from tests.browser.visits import HEADING, table, until_known, until_pages_look_again, visit, words
from tests.db.team.oncall_rows import DAY, HOUR, fire

pytestmark = pytest.mark.browser

SERVICE = "search"
HOSTILE = r"""It costs $5 and then $6. `echo $HOME $PATH`

$\includegraphics{https://evil.example/k.png}$ $x^2$

![x](https://evil.example/p.png) <img src=https://evil.example/q.png>

```sh
curl <b> $A $B
```"""


_DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values (:service, 'd', :at, 'v1', 'production')""")
#: Whatever a test writes, what refers to others first.
_WRITTEN = (
    "delete from team.incident_note where incident_id in (select incident_id {of})",
    "delete from team.incident_alert where incident_id in (select incident_id {of})",
    *(
        f"delete from team.{table} where service = :service"
        for table in (
            *("action", "retrospective", "incident", "rota", "rota_override", "audit"),
            *("alert_transition", "alert_episode", "runbook"),
        )
    ),
)
_OF = "from team.incident where service = :service"


@pytest.fixture(scope="module")
def ours(site: Site, browser: Browser) -> Iterator[Site]:
    """The site with a service about which nobody has written anything."""
    asked = {"service": SERVICE, "at": now() - DAY}
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(_DEPLOYED, asked)
    until_known(browser, live(site, "oncall"))
    yield site
    with site.store.engine(Role.OWNER).begin() as owner:
        owner.execute(text("delete from metrics.deployment where service = :service"), asked)


@pytest.fixture
def untouched(ours: Site) -> Iterator[Site]:
    """The same; what a test writes is taken back."""
    yield ours
    with ours.store.engine(Role.OWNER).begin() as owner:
        for statement in _WRITTEN:
            owner.execute(text(statement.format(of=_OF)), {"service": SERVICE})


def now() -> datetime:
    return floor_to(datetime.now(UTC), MINUTE)


def live(site: Site, page: str, **query: Any) -> str:
    """The address of a page of now, where things are changed."""
    asked = {"service": SERVICE} | query
    return f"{site.address}/{page}?" + "&".join(f"{key}={asked[key]}" for key in asked)


def test_a_rota_is_made_and_its_shifts_downloaded_as_a_calendar(
    browser: Browser, untouched: Site
) -> None:
    with visit(browser, live(untouched, "oncall")) as page:
        assert "Nobody is on call" in page.locator(HEADING).inner_text()
        page.get_by_label("Members, one a line").fill("Анна, lead\nBoris")
        page.get_by_label("Who", exact=True).fill("Анна")
        click(button(page, "Make the rota"))
        page.get_by_text("Handed over on Monday at 10:00, UTC.").wait_for()
        shifts = next(row for row in table(page, "From (UTC)") if "Анна, lead" in row)
        with page.expect_download() as download:
            button(page, "Download .ics").click()
        feed = download.value.path().read_text(encoding="utf-8")
        file_name = download.value.suggested_filename
    assert shifts.count("Анна, lead") == 2  # by the rota, and on call
    assert file_name == "on-call.ics"
    assert feed.startswith("BEGIN:VCALENDAR")
    assert "SUMMARY:On call for search: Анна\\, lead" in feed


def test_the_chart_of_shifts_has_words_for_who_cannot_see_it(
    browser: Browser, untouched: Site
) -> None:
    given = {
        "zone": "Europe/Moscow",
        "handover_weekday": 0,
        "handover_time": time(10),
        "starts_on": (now() - 7 * DAY).date(),
        "members": ["Анна", "Boris"],
        "escalate_after_minutes": 15,
    }
    app = untouched.store.engine(Role.APP)
    save_rota(app, SERVICE, None, given, by="Анна", at=now() - HOUR)
    until_pages_look_again()
    with visit(browser, live(untouched, "oncall"), theme="dark", width=1920) as page:
        page.locator("[data-testid=stVegaLiteChart]").first.wait_for()
        settle(page)
        charts = page.locator("[data-testid=stVegaLiteChart]")
        said = " ".join(charts.evaluate_all("them => them.map(one => one.outerHTML)"))
    assert "Somebody is on call in each of the next 8 weeks" in said
    assert "Анна until" in said


def test_from_an_alert_to_the_retrospective(browser: Browser, untouched: Site) -> None:
    app = untouched.store.engine(Role.APP)
    episode = fire(app, now() - timedelta(minutes=20), SERVICE)
    until_pages_look_again()
    reader = SqlIncidentReader(app)
    with visit(browser, live(untouched, "incidents", from_episode=episode)) as page:
        page.get_by_label("Who opens it").fill("Boris")
        click(button(page, "Open the incident"))
        page.get_by_text("What was good?").wait_for()
        assert page.locator(HEADING).inner_text().startswith("It burns has not recovered")
        page.get_by_role("tab", name="Recovery").click()
        click(button(page, "It has recovered"))
        page.get_by_text("It recovered on").wait_for()
        page.get_by_label("What was good?").fill("Быстро")
        page.get_by_label("What can be improved?").fill("Alerts")
        page.get_by_label("How will we improve it?").fill("Sooner")
        page.get_by_label("Actions: what is to be done").fill("Alert sooner")
        click(button(page, "Store the retrospective"))
        page.get_by_text("an action without an owner is refused").wait_for()
        assert page.get_by_label("What was good?").input_value() == "Быстро"
        page.get_by_label("Owner", exact=True).fill("Вера")
        type_day(page, "By", (now() + DAY).date())
        click(button(page, "Store the retrospective"))
        page.get_by_text("Correct what it says").wait_for()
        assert "Быстро" in words(page)
    at = now() + HOUR
    (held,) = reader.retrospectives(SERVICE, at)
    assert held.good == "Быстро"
    assert [(one.text, one.owner) for one in reader.actions(SERVICE, at)] == [
        ("Alert sooner", "Вера")
    ]


def test_what_is_typed_survives_what_others_store(browser: Browser, untouched: Site) -> None:
    app = untouched.store.engine(Role.APP)
    with visit(browser, live(untouched, "incidents", incident="new")) as page:
        field = page.get_by_label("What happens, in one line")
        field.press_sequentially("Half a sen")
        given = {"title": "Почта стоит", "severity": "major", "began_at": now() - HOUR}
        open_incident(app, SERVICE, given, by="Вера", at=now(), request_id="theirs")
        page.get_by_text("Почта стоит has not recovered").first.wait_for()
        settle(page)
        assert field.input_value() == "Half a sen"


def test_who_writes_a_runbook_keeps_the_text_and_sees_what_somebody_else_stored(
    browser: Browser, untouched: Site
) -> None:
    app = untouched.store.engine(Role.APP)
    given = {"runbook_id": "ours", "title": "Ours", "body": "Wait."}
    first = save_runbook(app, SERVICE, None, given, by="Анна", at=now() - HOUR)
    until_pages_look_again()
    with visit(browser, live(untouched, "documentation", runbook="ours")) as page:
        page.get_by_text("Change it", exact=True).click()
        field = page.get_by_label("What to do (markdown)")
        field.fill("Restart it.")
        page.locator("[data-testid=stExpander]").filter(has=field).get_by_label("Who").fill("Глеб")
        save_runbook(app, SERVICE, first, given | {"body": "Wait more."}, by="Вера", at=now())
        page.get_by_text("What you typed stays.").wait_for()
        settle(page)
        assert field.input_value() == "Restart it."
        click(button(page, "Store it"))
        page.get_by_text("Вера has changed this runbook meanwhile.").wait_for()
        shown = words(page)
        assert field.input_value() == "Restart it."
    assert "Wait more." in shown
    assert "+Restart it." in shown


def test_a_runbook_is_shown_without_a_request_and_its_dollars_are_dollars(
    browser: Browser, untouched: Site
) -> None:
    given = {"runbook_id": "ours", "title": "Ours <b>", "body": HOSTILE}
    app = untouched.store.engine(Role.APP)
    save_runbook(app, SERVICE, None, given, by="Анна", at=now() - HOUR)
    until_pages_look_again()
    with visit(browser, live(untouched, "documentation", runbook="ours")) as page:
        shown = page.locator(".st-key-runbook_text")
        shown.get_by_text("curl <b> $A $B").wait_for()
        said = shown.inner_text()
        formulas = shown.locator(".katex").count()
        images = shown.locator("img").count()
    assert "It costs $5 and then $6. echo $HOME $PATH" in said
    assert "curl <b> $A $B" in said
    assert "Ours <b>" in said
    assert (formulas, images) == (0, 0)
