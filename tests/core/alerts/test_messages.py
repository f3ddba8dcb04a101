"""What notifications say, and that nothing in them is more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.messages import (
    LINE_LENGTH,
    Background,
    compose,
    key_of,
    mood_of,
    page_link,
    plain,
    runbook_link,
    trial_message,
)
from core.alerts.routing import EVENTS
from tests.core.alerts.test_routing import NOW, PAGE

BACKGROUND = Background("Availability burns", "Анна", "runbook-slo-burn", "https://green.example/")
KEY = key_of(1, "firing", NOW, "ops")


def body(event: str, **options: str) -> list[str]:
    later = NOW + timedelta(hours=3)
    episode = replace(PAGE, state=event if event in {"unknown", "resolved"} else "firing")
    message = compose(episode, event, at=later, key=KEY, background=BACKGROUND, **options)
    return message.body.splitlines()


def test_a_call_says_what_where_who_and_what_to_do():
    message = compose(
        replace(PAGE, where=("dc2", "i-07")), "firing", at=NOW, key=KEY, background=BACKGROUND
    )
    assert message.title == "FIRING page: newsletters: Availability burns"
    assert message.mood == "failure"
    assert message.key == KEY
    assert message.body.splitlines() == [
        "Availability burns.",
        "Firing since 1 Jun 2026 12:00 UTC.",
        "Where: dc2, i-07",
        "Owner: Анна",
        f"Page: https://green.example/alerts?service=newsletters&episode={PAGE.episode_id}",
        "Runbook: https://green.example/alerts?service=newsletters&runbook=runbook-slo-burn",
        f"Key: {KEY}",
    ]


@pytest.mark.parametrize(
    ("event", "options", "first"),
    [
        ("unknown", {}, "Its data are missing: whether it still holds is unknown."),
        ("known", {}, "Its data are back, and it still fires."),
        ("resolved", {}, "Resolved at 1 Jun 2026 15:00 UTC after 3 hours."),
        ("escalated", {"to": "Вера"}, "Nobody has acknowledged it: Вера is called."),
        ("escalated", {}, "Nobody has acknowledged it."),
        ("acknowledged", {"by": "Борис"}, "Борис has it in hand since 1 Jun 2026 15:00 UTC."),
    ],
)
def test_news_come_before_the_sentence_of_the_alert(
    event: str, options: dict[str, str], first: str
):
    assert body(event, **options)[:2] == [first, "Availability burns."]


def test_who_resolved_by_hand_and_what_they_said_is_told():
    episode = replace(PAGE, state="resolved", resolved_by="Борис")
    message = compose(
        episode, "resolved", at=NOW, key=KEY, background=BACKGROUND, note="rolled back"
    )
    assert message.body.splitlines()[:2] == [
        "Resolved at 1 Jun 2026 12:00 UTC after less than a minute, by hand: Борис.",
        "rolled back",
    ]


def test_a_drill_says_so_first_in_title_and_body():
    message = compose(replace(PAGE, drill=True), "firing", at=NOW, key=KEY, background=BACKGROUND)
    assert message.title.startswith("[DRILL] FIRING page")
    assert message.body.startswith("This is a drill.\n")


def test_what_is_unknown_of_a_rule_is_left_out_or_said():
    message = compose(PAGE, "firing", at=NOW, key=KEY, background=Background())
    assert message.title == "FIRING page: newsletters: slo-availability"
    assert message.body.splitlines()[2:] == ["Owner: nobody", f"Key: {KEY}"]
    bare = compose(PAGE, "firing", at=NOW, key=KEY, background=Background(runbook_id="r"))
    assert "Runbook: r" in bare.body.splitlines()


def test_a_test_says_that_nothing_is_the_matter():
    message = trial_message("Ops", by="Анна", at=NOW, key=KEY, base_url="https://green.example")
    assert message.title == "Greenlight: a test"
    assert message.body.splitlines() == [
        "Анна tries whether notifications arrive in Ops. Nothing is the matter.",
        "Sent 1 Jun 2026 12:00 UTC.",
        "Greenlight: https://green.example",
        f"Key: {KEY}",
    ]


def test_every_event_has_a_mood():
    assert {event: mood_of(event) for event in EVENTS} == {
        "firing": "failure",
        "unknown": "warning",
        "known": "warning",
        "resolved": "success",
        "escalated": "failure",
        "acknowledged": "info",
        "test": "info",
    }


def test_the_key_belongs_to_transition_and_channel():
    assert key_of(1, "firing", NOW, "ops") == KEY
    assert re.fullmatch("[0-9a-f]{32}", KEY)
    others = {
        key_of(2, "firing", NOW, "ops"),
        key_of(1, "resolved", NOW, "ops"),
        key_of(1, "firing", NOW + timedelta(microseconds=1), "ops"),
        key_of(1, "firing", NOW, "дежурные"),
    }
    assert len(others | {KEY}) == 5


def test_links_carry_names_of_any_kind_and_open_the_alert_where_it_can_be_acted_upon():
    asked = parse_qs(urlsplit(page_link("https://g.example/green", "а&б=в #", 17)).query)
    assert asked == {"service": ["а&б=в #"], "episode": ["17"]}
    assert page_link("", "newsletters", 17) == ""
    assert runbook_link("", "s", "r") == runbook_link("https://g.example", "s", "") == ""


@pytest.mark.parametrize(
    "wicked",
    [
        "@everyone come",
        "<!channel> come",
        "<@U024BE7LH>",
        "<https://evil.example|the runbook>",
        "[the runbook](https://evil.example)",
        "[the runbook][1]",
        "</title><script>",
    ],
)
def test_no_foreign_text_mentions_anybody_or_hides_an_address(wicked: str):
    active = re.compile(r"@\w|<[!@#:a-zA-Z/]|\][^\S\n]*[(\[]")
    assert active.search(wicked)
    episode = replace(PAGE, sentence=wicked, service=wicked, where=(wicked,))
    told = compose(
        episode,
        "acknowledged",
        at=NOW,
        key=KEY,
        background=Background(wicked, wicked, wicked),
        by=wicked,
        note=wicked,
        to=wicked,
    )
    assert not active.search(told.title.replace("[DRILL]", ""))
    assert not active.search(told.body)
    trial = trial_message(wicked, by=wicked, at=NOW, key=KEY, base_url="")
    assert not active.search(trial.body)


def test_foreign_text_stays_on_its_line():
    note = "one\r\nKey: 00000000000000000000000000000000\n\u2028Owner: nobody"
    lines = body("acknowledged", by="Анна", note=note)
    assert [line for line in lines if line.startswith("Key:")] == [f"Key: {KEY}"]
    assert len(body("acknowledged", by="Анна", note="x")) == len(lines)


@given(st.text())
def test_plain_text_is_one_printable_line_that_stays_as_it_is(foreign: str):
    shown = plain(foreign)
    assert len(shown.replace("\u200b", "")) <= LINE_LENGTH
    assert shown.replace("\u200b", "").isprintable()
    assert plain(shown.replace("\u200b", "")) == shown
