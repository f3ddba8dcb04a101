"""Reading alerts: what a report said of a moment, it says of that moment for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from core.alerts import report as alerts_report
from core.ports.alerts import Acknowledgement, Act, Episode, Silence, Transition
from core.timeframe import write_time
from db.engine import Store
from db.readers.alert_inputs import SqlWatchReader
from db.team.alert_acknowledgements import acknowledge
from db.team.alert_episodes import add_note, escalate, resolve_by_hand
from db.team.alert_silences import end_silence, silence
from db.team.incidents import add_alert, open_incident
from tests.db.alert_world import SERVICE, World, minutes
from tests.db.serving_rows import HOUR

AVAILABILITY = "slo-availability"


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def burning(world: World) -> World:
    """All letters fail in minutes 0 to 9 and 20 to 24; the rows of 30 to 39 never come."""
    world.keep(AVAILABILITY, "rows", "errors")
    world.write(-60, 0)
    world.write(0, 10, errors=100)
    world.write(10, 20)
    world.write(20, 25, errors=100)
    world.write(25, 30)
    return world


def lasting(episode: Episode) -> Episode:
    """An episode without what an evaluation says anew every minute."""
    return replace(
        episode,
        sentence="",
        value=None,
        evidence={},
        where=(),
        quiet_since=None,
        seen_at=episode.began_at,
    )


def as_told(world: World, minute: float) -> tuple[tuple[Episode, ...], ...]:
    """What is known of all episodes at a minute, the newest and the open ones."""
    at = world.at(minute)
    return (
        tuple(map(lasting, world.reader.episodes(SERVICE, world.at(-60), at))),
        tuple(map(lasting, world.reader.open_episodes(SERVICE, at))),
    )


def test_what_was_known_at_a_minute_stays_known_of_it(world: World):
    burning(world)
    told: dict[float, Any] = {}
    for minute in range(-1, 40):
        world.run([minute])
        told[minute] = as_told(world, minute)
        if minute == 12:
            (fast, *_) = world.reader.open_episodes(SERVICE, world.at(12))
            by_hand: dict[str, Any] = {"by": "Анна", "reason": "known", "request_id": "1"}
            resolve_by_hand(world.app, fast.episode_id, at=world.at(12.5), **by_hand)
            told[12.5] = as_told(world, 12.5)
    world.write(40, 60)
    world.run(range(40, 60))
    states = {one.state for found, _ in told.values() for one in found}
    assert states == {"pending", "firing", "unknown", "resolved"}
    assert any(one.flaps for found, _ in told.values() for one in found)
    assert any(one.inhibited_by for found, _ in told.values() for one in found)
    assert {minute: as_told(world, minute) for minute in told} == told


def test_a_later_look_does_not_change_what_an_alert_said(world: World):
    world.keep(AVAILABILITY)
    world.write(-60, 0)
    world.write(0, 5, errors=50)
    world.write(5, 10, errors=100)
    world.run([1])
    (before, *_) = world.reader.open_episodes(SERVICE, world.at(1))
    world.run(range(2, 10))
    (after, *_) = world.reader.open_episodes(SERVICE, world.at(9))
    assert after.episode_id == before.episode_id
    assert after.value != before.value
    (again, *_) = world.reader.open_episodes(SERVICE, world.at(1))
    assert again == before


def test_an_episode_that_has_not_been_seen_yet_is_not_there(world: World):
    """It began when its data say so, before anybody could know."""
    world.keep(AVAILABILITY)
    world.write(-60, 0)
    world.write(0, 10, errors=100)
    world.run([-1])
    world.run([8])
    (fast, *_) = world.reader.open_episodes(SERVICE, world.at(8))
    assert fast.began_at == world.at(0)
    assert world.reader.open_episodes(SERVICE, world.at(7)) == ()
    assert world.reader.episodes(SERVICE, world.at(-60), world.at(7)) == ()


def test_a_span_has_the_episodes_that_ran_in_it(world: World):
    burning(world)
    world.run(range(-1, 30))

    def ran(first: int, last: int) -> set[tuple[str, str]]:
        found = world.reader.episodes(SERVICE, world.at(first), world.at(last))
        return {(one.labels.get("policy", one.rule_id), one.state) for one in found}

    assert ran(-5, 0) == set()
    assert ("page_fast", "resolved") in ran(16, 17) | ran(15, 16)
    assert "page_fast" not in {name for name, _ in ran(17, 18)}
    begun = [one.began_at for one in world.reader.episodes(SERVICE, world.at(-5), world.at(29))]
    assert begun == sorted(begun, reverse=True)


def test_transitions_of_a_span_include_its_end(world: World):
    burning(world)
    world.run(range(-1, 17))
    named = {one.episode_id for one in world.episodes() if one.labels.get("policy") == "page_fast"}

    def moved(first: int, last: int) -> list[tuple[int, str, str]]:
        found = world.reader.transitions(SERVICE, world.at(first), world.at(last))
        return [
            ((one.at - world.begin) // minutes(1), one.before, one.after)
            for one in found
            if one.episode_id in named
        ]

    assert moved(-5, 0) == []
    assert moved(1, 1) == [(1, "", "firing")]
    assert moved(2, 15) == [(15, "firing", "resolved")]
    found = world.reader.transitions(SERVICE, world.at(1), world.at(1))
    first = next(one for one in found if one.episode_id in named)
    assert first == Transition(first.episode_id, world.at(1), "", "firing", first.sentence)
    assert "burns" in first.sentence


def test_another_service_is_another_matter(world: World):
    burning(world)
    world.run([1])
    for found in (
        world.reader.rules("other"),
        world.reader.open_episodes("other", world.at(1)),
        world.reader.episodes("other", world.at(-60), world.at(1)),
        world.reader.transitions("other", world.at(-60), world.at(1)),
        world.reader.evaluations("other", world.at(1)),
    ):
        assert found == ()
    everywhere = world.reader.open_everywhere(world.at(1))
    assert everywhere == world.reader.open_episodes(SERVICE, world.at(1))


def test_what_people_did_comes_back_in_its_span(world: World):
    burning(world)
    world.run([1])
    fast, slow, *_ = world.episodes()
    taken = acknowledge(
        world.app,
        fast.episode_id,
        by="Анна",
        at=world.at(1.5),
        note="смотрю",
        until=world.at(60),
        request_id="1",
    )
    note = add_note(
        world.app, fast.episode_id, by="Анна", at=world.at(2), note="dc1?", request_id="2"
    )
    called = escalate(
        world.app, slow.episode_id, by="Анна", at=world.at(3), to="Борис", request_id="3"
    )
    assert world.reader.acknowledgements(SERVICE, world.at(0), world.at(2)) == (taken,)
    assert taken == Acknowledgement(fast.episode_id, "Анна", world.at(1.5), "смотрю", world.at(60))
    assert world.reader.acts(SERVICE, world.at(0), world.at(2)) == (note,)
    assert world.reader.acts(SERVICE, world.at(0), world.at(3)) == (note, called)
    assert called == Act(slow.episode_id, "escalated", "Анна", world.at(3), "", "Борис")
    assert world.reader.handled(SERVICE, world.at(0), world.at(2)) == frozenset()
    assert world.reader.handled(SERVICE, world.at(0), world.at(3)) == {slow.episode_id}


def test_what_was_added_to_an_incident_is_handled(world: World):
    burning(world)
    world.run([1])
    fast, *_ = world.episodes()
    form = {"title": "Всё горит", "severity": "major", "began_at": world.at(0)}
    incident = open_incident(world.app, SERVICE, form, by="Анна", at=world.at(2), request_id="1")
    add_alert(world.app, incident, fast.episode_id, by="Анна", at=world.at(3))
    assert world.reader.handled(SERVICE, world.at(0), world.at(2.5)) == frozenset()
    assert world.reader.handled(SERVICE, world.at(0), world.at(3)) == {fast.episode_id}


def test_a_silence_that_is_ended_early_was_meant_to_last_before_that(world: World):
    form = {"matchers": {"rule": AVAILABILITY}, "reason": "a move", "ends_at": world.at(60)}
    made = silence(world.app, form, by="Анна", at=world.at(0), request_id="1")
    end_silence(world.app, made.silence_id, by="Борис", at=world.at(10))
    assert world.reader.silences(world.at(-1)) == ()
    assert world.reader.silences(world.at(5)) == (made,)
    assert world.reader.silences(world.at(11)) == ()
    assert world.reader.silences_between(world.at(5), world.at(20)) == (
        replace(made, ended_at=world.at(10), ended_by="Борис"),
    )
    assert world.reader.silences_between(world.at(11), world.at(20)) == ()


def test_a_silence_that_begins_later_is_known(world: World):
    form = {
        "matchers": {"severity": "ticket"},
        "reason": "a move",
        "starts_at": world.at(30),
        "ends_at": world.at(60),
    }
    made = silence(world.app, form, by="Анна", at=world.at(0), request_id="1")
    assert made == Silence(
        made.silence_id, {"severity": "ticket"}, "a move", "Анна", world.at(30), world.at(60)
    )
    assert world.reader.silences(world.at(5)) == (made,)


def test_a_notification_was_on_its_way_before_it_was_sent(world: World):
    burning(world)
    world.add_channel()
    world.run([1])
    with world.worker.begin() as connection:
        connection.execute(
            text(
                "update team.notification set status = 'sent', sent_at = :at, attempts = 1, "
                "next_attempt_at = null where event = 'firing' and status = 'waiting'"
            ),
            {"at": world.at(2)},
        )

    def delivered(minute: int) -> set[tuple[str, str, datetime | None]]:
        found = world.reader.deliveries(SERVICE, world.at(0), world.at(minute))
        return {(one.channel, one.status, one.sent_at) for one in found}

    assert delivered(0) == set()
    assert delivered(1) == {("ops", "waiting", None), ("ops", "held", None)}
    assert delivered(2) == {("ops", "sent", world.at(2)), ("ops", "held", None)}


def test_the_report_is_put_together_from_the_store(world: World):
    burning(world)
    world.add_channel()
    world.run(range(-1, 4))
    fast, *_ = world.episodes()
    acknowledge(
        world.app,
        fast.episode_id,
        by="Анна",
        at=world.at(3.5),
        until=world.at(60),
        request_id="1",
    )
    note = add_note(
        world.app, fast.episode_id, by="Анна", at=world.at(3.6), note="dc1?", request_id="2"
    )
    found = alerts_report.report(world.reader, SERVICE, world.at(4))
    assert not found.health.late
    assert found.open[0].episode.labels["policy"] in {"page_fast", "page_slow"}
    (held,) = [one for one in found.open if one.episode.episode_id == fast.episode_id]
    assert held.acts == (note,)
    assert held.acknowledgement is not None
    assert held.acknowledgement.by == "Анна"
    assert [one.event for one in held.deliveries] == ["acknowledged", "firing"]
    assert found.errors == ()
    late = alerts_report.report(world.reader, SERVICE, world.at(7))
    assert late.health.late
    assert late.health.age == minutes(4)


# What rules are evaluated from


def test_every_component_that_ever_beat_is_watched(world: World):
    with world.serving.begin() as connection:
        for component, instance in (("labelling", "l-1"), ("inference", "и-2"), ("inference", "a")):
            connection.execute(
                text(
                    "insert into metrics.heartbeat values ('mail', :component, :instance, 'dc1', "
                    ":at, :at, null), ('other', :component, :instance, 'dc1', :at, :at, null)"
                ),
                {"component": component, "instance": instance, "at": world.at(0)},
            )
    found = SqlWatchReader(world.app).heartbeats(SERVICE)
    assert [(one.component, one.instance) for one in found] == [
        ("inference", "a"),
        ("inference", "и-2"),
        ("labelling", "l-1"),
    ]
    assert {one.beat_at for one in found} == {world.at(0)}


def test_shadow_runs_are_summed_over_segments_or_taken_from_the_whole(world: World):
    hour = world.begin.replace(minute=0)
    rows = [
        ("v1", "v2", hour - 2 * HOUR, "ru", 1),
        ("v1", "v2", hour - HOUR, "ru", 0),
        ("v1", "v2", hour - HOUR, "en", 2),
        ("v1", "v2", hour - HOUR, "all", 2),
        ("v1", "v3", hour - HOUR, "ru", 0),
        ("v1", "v3", hour - 9 * HOUR, "ru", 9),
    ]
    with world.serving.begin() as connection:
        for production, candidate, at, segment, visible in rows:
            connection.execute(
                text(
                    "insert into metrics.shadow_hour values ('mail', :hour, :production, "
                    ":candidate, :segment, 10, 2, 3, 85, 4, 5, :visible)"
                ),
                {
                    "hour": at,
                    "production": production,
                    "candidate": candidate,
                    "segment": segment,
                    "visible": visible,
                },
            )
    found = SqlWatchReader(world.app).shadow_runs(SERVICE, hour - 5 * HOUR, hour)
    assert [
        (one.candidate_version, one.letters, one.user_visible, write_time(one.first_hour))
        for one in found
    ] == [
        ("v2", 200, 3, write_time(hour - 2 * HOUR)),
        ("v3", 100, 0, write_time(hour - HOUR)),
    ]
    assert {one.last_hour for one in found} == {hour - HOUR}
