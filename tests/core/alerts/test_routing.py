"""Which channels hear of an event: at once, later or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.routing import (
    CALLS,
    EVENTS,
    Channel,
    Decision,
    QuietHours,
    Way,
    concerns,
    decide,
    event_of,
    named_channels,
    route,
)
from core.ports.alerts import Episode, Silence

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPS = Channel("ops", "Ops")
PAGE = Episode(
    1,
    "newsletters",
    "slo-availability",
    "f",
    {"sli": "availability"},
    "page",
    "firing",
    "Availability burns.",
    NOW,
    NOW,
    None,
    NOW,
    NOW,
)
TICKET = replace(PAGE, severity="ticket")
SILENCE = Silence(1, {"service": "newsletters"}, "a move", "Борис", NOW - HOUR, NOW + HOUR)
#: The state in which an episode is when an event of it is told.
STATE = {"resolved": "resolved", "unknown": "unknown"}


def as_told(event: str, episode: Episode = PAGE) -> Episode:
    return replace(episode, state=STATE.get(event, "firing"))


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ("", "pending", None),
        ("pending", "firing", "firing"),
        ("pending", "resolved", None),
        ("pending", "unknown", None),
        ("", "firing", "firing"),
        ("firing", "unknown", "unknown"),
        ("unknown", "firing", "known"),
        ("unknown", "resolved", "resolved"),
        ("firing", "resolved", "resolved"),
        ("resolved", "firing", "firing"),
        ("resolved", "pending", None),
    ],
)
def test_a_change_of_state_is_told_or_not(before: str, after: str, event: str | None):
    assert event_of(before, after) == event


def test_a_state_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="no state"):
        event_of("firing", "asleep")


@pytest.mark.parametrize(
    ("channel", "episode", "expected"),
    [
        (OPS, PAGE, True),
        (replace(OPS, enabled=False), PAGE, False),
        (replace(OPS, service="newsletters"), PAGE, True),
        (replace(OPS, service="search"), PAGE, False),
        (replace(OPS, severities=("ticket",)), PAGE, False),
        (replace(OPS, severities=("ticket",)), TICKET, True),
        (replace(OPS, drills=False), PAGE, True),
        (replace(OPS, drills=False), replace(PAGE, drill=True), False),
        (OPS, replace(PAGE, drill=True), True),
    ],
)
def test_a_channel_is_concerned_by_service_severity_drill_and_being_on(
    channel: Channel, episode: Episode, expected: bool
):
    assert concerns(channel, episode) is expected
    ways = [one.way for one in route([channel], episode, "firing", NOW)]
    assert ways == ([Way.SEND] if expected else [])


def test_news_goes_only_where_the_alert_was_announced():
    channels = (OPS, Channel("late", "Late"))
    for event in set(EVENTS) - CALLS:
        ways = [
            (one.channel_id, one.way)
            for one in route(channels, as_told(event), event, NOW, told=frozenset({"ops"}))
        ]
        assert ways == [("ops", Way.SEND), ("late", Way.DROP)]


@pytest.mark.parametrize("event", ["firing", "escalated", "unknown", "known"])
def test_a_silence_and_an_inhibition_hold_what_is_not_an_end(event: str):
    held = decide(OPS, as_told(event), event, NOW, silence=SILENCE, told=True)
    assert held == Decision(
        "ops", Way.HOLD, "Held until 13:00 UTC: silenced by Борис.", SILENCE.ends_at
    )
    inhibited = replace(as_told(event), inhibited_by="p")
    held = decide(OPS, inhibited, event, NOW, told=True)
    assert (held.way, held.until) == (Way.HOLD, None)
    assert held.reason == "Held while the page that says the same fires."


@pytest.mark.parametrize("event", ["resolved", "acknowledged"])
def test_an_end_goes_through_silences_and_inhibitions(event: str):
    episode = replace(as_told(event), inhibited_by="p")
    assert decide(OPS, episode, event, NOW, silence=SILENCE, told=True).way is Way.SEND


@pytest.mark.parametrize(
    ("event", "state", "still"),
    [
        ("firing", "firing", True),
        ("firing", "unknown", True),
        ("firing", "resolved", False),
        ("firing", "pending", False),
        ("escalated", "resolved", False),
        ("unknown", "firing", False),
        ("known", "unknown", False),
        ("resolved", "firing", False),
        ("acknowledged", "resolved", False),
    ],
)
def test_what_was_held_is_dropped_once_it_is_not_so_any_more(event: str, state: str, still: bool):
    decision = decide(OPS, replace(PAGE, state=state), event, NOW, told=True)
    assert (decision.way is Way.SEND) is still
    if not still:
        assert decision.way is Way.DROP
        assert state in decision.reason


def test_tickets_of_every_kind_wait_in_quiet_hours_and_pages_go_through():
    channel = replace(OPS, quiet=QuietHours(time(11), time(13), "UTC"))
    for event in set(EVENTS) - {"test"}:
        ticket = decide(channel, as_told(event, TICKET), event, NOW, told=True)
        assert ticket == Decision(
            "ops", Way.HOLD, "Held until 13:00 (UTC): quiet hours.", NOW + HOUR
        )
        assert decide(channel, as_told(event), event, NOW, told=True).way is Way.SEND
    assert decide(channel, TICKET, "firing", NOW + HOUR).way is Way.SEND


def test_an_escalation_goes_to_the_channel_that_it_names():
    boss = Channel("boss", "Вера", severities=("ticket",))
    off = Channel("off", "Off", enabled=False)
    channels = (OPS, boss, off)

    def reached(name: str) -> list[str]:
        return [one.channel_id for one in route(channels, PAGE, "escalated", NOW, escalate_to=name)]

    assert reached("boss") == reached("Вера") == ["boss"]
    assert reached("nobody") == reached("") == reached("off") == ["ops"]
    assert named_channels(channels, "") == []


@pytest.mark.parametrize(
    ("zone", "start", "end", "at", "until"),
    [
        ("UTC", "22:00", "08:00", "2026-06-01T22:00Z", "2026-06-02T08:00Z"),
        ("UTC", "22:00", "08:00", "2026-06-02T07:59:59Z", "2026-06-02T08:00Z"),
        ("UTC", "22:00", "08:00", "2026-06-02T08:00Z", None),
        ("UTC", "22:00", "08:00", "2026-06-01T21:59:59Z", None),
        ("UTC", "01:00", "05:00", "2026-06-01T01:00Z", "2026-06-01T05:00Z"),
        ("UTC", "01:00", "05:00", "2026-06-01T05:00Z", None),
        ("UTC", "00:00", "06:00", "2026-06-01T00:00Z", "2026-06-01T06:00Z"),
        ("UTC", "20:00", "00:00", "2026-06-01T23:00Z", "2026-06-02T00:00Z"),
        ("Asia/Vladivostok", "22:00", "08:00", "2026-06-01T20:00Z", "2026-06-01T22:00Z"),
        ("America/New_York", "22:00", "08:00", "2026-06-02T03:00Z", "2026-06-02T12:00Z"),
        # Berlin: the night of 29 March is an hour shorter, that of 25 October an hour longer.
        ("Europe/Berlin", "22:00", "08:00", "2026-03-28T21:00Z", "2026-03-29T06:00Z"),
        ("Europe/Berlin", "22:00", "08:00", "2026-10-24T20:00Z", "2026-10-25T07:00Z"),
        # 02:30 is twice on 25 October; who asks in the second hour waits for the second one.
        ("Europe/Berlin", "22:00", "02:30", "2026-10-25T00:10Z", "2026-10-25T00:30Z"),
        ("Europe/Berlin", "22:00", "02:30", "2026-10-25T01:10Z", "2026-10-25T01:30Z"),
        # 02:30 does not exist on 29 March: half past the hour that takes its place.
        ("Europe/Berlin", "22:00", "02:30", "2026-03-28T23:00Z", "2026-03-29T01:30Z"),
    ],
)
def test_quiet_hours_end_by_the_clock_of_their_zone(
    zone: str, start: str, end: str, at: str, until: str | None
):
    hours = QuietHours(time.fromisoformat(start), time.fromisoformat(end), zone)
    found = hours.until(datetime.fromisoformat(at))
    assert found == (datetime.fromisoformat(until) if until else None)


@given(
    start=st.times(),
    length=st.integers(1, 24 * 60 - 1),
    at=st.integers(0, 2 * 366 * 24 * 60 * 60).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham"]),
)
def test_quiet_hours_end_later_than_now_and_within_a_day_and_an_hour(
    start: time, length: int, at: datetime, zone: str
):
    start = start.replace(second=0, microsecond=0)
    end = (datetime.combine(NOW, start) + timedelta(minutes=length)).time()
    until = QuietHours(start, end, zone).until(at)
    if until is not None:
        assert timedelta(0) < until - at <= timedelta(hours=25)
