"""The calendar feed, read back by a parser that takes RFC 5545 at its word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.oncall.calendar import calendar
from core.oncall.rota import Shift, shifts
from tests.fakes_oncall import DAY, HANDOVER, HOUR, WEEK, override, rota

STAMP = HANDOVER - DAY
#: RFC 5545, section 3.1: name, parameters (there are none here), value without control characters.
LINE = re.compile(r"([A-Z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
NEEDED = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"}


def parse(feed: str) -> list[dict[str, str]]:
    """The events of a feed; whatever the format forbids fails."""
    assert feed.endswith("\r\n")
    physical = feed.encode().split(b"\r\n")[:-1]
    lines: list[str] = []
    for octets in physical:
        assert len(octets) <= 75
        assert b"\r" not in octets
        assert b"\n" not in octets
        line = octets.decode()  # a fold within a character would not decode
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    pairs = []
    for line in lines:
        match = LINE.fullmatch(line)
        assert match is not None, line
        pairs.append((match[1], match[2]))
    assert pairs[:2] == [("BEGIN", "VCALENDAR"), ("VERSION", "2.0")]
    assert pairs[-1] == ("END", "VCALENDAR")
    assert [name for name, _ in pairs].count("PRODID") == 1
    return events_of(pairs[1:-1])


def events_of(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    events: list[dict[str, str]] = []
    inside = False
    for name, value in pairs:
        if (name, value) == ("BEGIN", "VEVENT"):
            assert not inside
            inside = True
            events.append({})
        elif (name, value) == ("END", "VEVENT"):
            inside = False
            assert events[-1].keys() >= NEEDED
        elif inside:
            assert name not in events[-1], f"{name} twice"
            events[-1][name] = unescaped(value) if name in {"SUMMARY", "DESCRIPTION"} else value
    assert not inside
    assert len({event["UID"] for event in events}) == len(events)
    return events


def unescaped(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), "unescaped separator"
    assert set(ESCAPE.findall(value)) <= {"\\", ";", ",", "n"}
    return ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], value)


def moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_every_shift_is_an_event():
    found = shifts(rota("Анна", ""), (), HANDOVER, HANDOVER + 2 * WEEK)
    first, second = parse(calendar({"mail": found}, {"mail": STAMP}))
    assert first["SUMMARY"] == "On call for mail: Анна"
    assert (moment(first["DTSTART"]), moment(first["DTEND"])) == (HANDOVER, HANDOVER + WEEK)
    assert moment(first["DTSTAMP"]) == STAMP
    assert (second["SUMMARY"], second["DESCRIPTION"]) == (
        "On call for mail: nobody",
        "Nobody has this week.",
    )


def test_the_same_shift_keeps_its_name_when_somebody_else_gets_it():
    before = calendar({"mail": shifts(rota("a"), (), HANDOVER, HANDOVER + HOUR)}, {"mail": STAMP})
    swapped = override("b", HANDOVER, HANDOVER + WEEK, reason="holidays")
    other = shifts(rota("a"), (swapped,), HANDOVER, HANDOVER + HOUR)
    (old,), (new,) = parse(before), parse(calendar({"mail": other}, {"mail": STAMP}))
    assert old["UID"] == new["UID"]
    assert (old["SUMMARY"], new["SUMMARY"]) == ("On call for mail: a", "On call for mail: b")
    assert new["DESCRIPTION"] == "Instead of a. holidays"
    assert moment(new["DTSTAMP"]) == swapped.created_at


def test_two_services_never_share_an_event():
    found = shifts(rota("a"), (), HANDOVER, HANDOVER + HOUR)
    events = parse(calendar({"mail": found, "search": found}, {"mail": STAMP, "search": STAMP}))
    assert len(events) == 2


def test_a_feed_of_ones_own_holds_ones_own_shifts():
    found = shifts(rota("Анна", "Борис", ""), (), HANDOVER, HANDOVER + 3 * WEEK)
    (event,) = parse(calendar({"mail": found}, {"mail": STAMP}, member="Борис"))
    assert event["SUMMARY"] == "On call for mail: Борис"


def test_a_feed_without_shifts_is_a_feed():
    assert parse(calendar({}, {})) == []


@pytest.mark.parametrize(
    "name", ["a, b; c\\d", "Иван " * 30, "x" * 74, "ы" * 37, "\\n", "END:VEVENT\r\nBEGIN:VALARM"]
)
def test_names_come_back_as_they_were_and_nothing_in_them_is_a_line(name: str):
    shift = Shift(HANDOVER, HANDOVER + DAY, name)
    (event,) = parse(calendar({"mail": [shift]}, {"mail": STAMP}))
    assert event["SUMMARY"] == f"On call for mail: {name}".replace("\r\n", "\n")


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_makes_a_feed_that_can_be_read(name: str, reason: str):
    name, reason = (said.encode("utf-8", "ignore").decode() for said in (name, reason))
    made = override("b", HANDOVER, HANDOVER + timedelta(hours=1), reason=reason)
    shift = Shift(HANDOVER, HANDOVER + DAY, name, "a", made)
    assert len(parse(calendar({name: [shift]}, {name: STAMP}))) == 1
