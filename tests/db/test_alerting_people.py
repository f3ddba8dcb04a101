"""Evaluations and what people do meanwhile: rules, silences, drills, acknowledgements, rotas."""

from __future__ import annotations

from typing import Any

import pytest

from db.alerting import Outcome, evaluate
from db.alerting.evaluation import SETTLE
from db.engine import Store
from db.team.alert_acknowledgements import acknowledge
from db.team.alert_episodes import resolve_by_hand
from db.team.alert_rules import delete, set_enabled
from db.team.alert_silences import silence
from db.team.drills import plan_drill, start_drill
from db.team.rotas import save_rota
from tests.db.alert_world import SERVICE, World, minutes

AVAILABILITY = "slo-availability"


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def down(world: World) -> World:
    """All letters of minutes 0 to 9 fail; those before and after are well."""
    world.keep(AVAILABILITY)
    world.add_channel()
    world.write(-120, 0)
    world.write(0, 10, errors=100)
    world.write(10, 60)
    return world


def test_a_new_service_is_given_its_rules_and_runbooks_once(world: World):
    world.write(-5, 1)
    world.run([1])
    rules = world.reader.rules(SERVICE)
    assert len(rules) == 18
    books = world.table("select count(*) from team.runbook where service = :s", s=SERVICE)
    assert books == [(6,)]
    delete(world.app, world.rule("drift"), by="Анна", at=world.at(1))
    set_enabled(world.app, world.rule("load"), False, by="Анна", at=world.at(1))
    outcome = evaluate(world.worker, world.at(2) + SETTLE)
    assert isinstance(outcome, Outcome)
    assert len(world.reader.rules(SERVICE)) == 17
    assert not world.rule("load").enabled


def test_a_rule_that_is_switched_off_resolves_what_it_watched(down: World):
    down.run([1])
    set_enabled(down.app, down.rule(AVAILABILITY), False, by="Анна", at=down.at(1))
    down.run([2])
    assert {one.state for one in down.episodes()} == {"resolved"}
    assert {one.sentence for one in down.transitions() if one.after == "resolved"} == {
        "Its rule was deleted or switched off."
    }


def test_what_is_resolved_by_hand_and_still_holds_begins_anew(down: World):
    down.run([1])
    (fast, *_) = down.episodes()
    by_hand: dict[str, Any] = {"by": "Анна", "reason": "ложная тревога", "request_id": "1"}
    resolve_by_hand(down.app, fast.episode_id, at=down.at(1.4), **by_hand)
    down.run([2])
    again = [one for one in down.episodes() if one.fingerprint == fast.fingerprint]
    assert [(one.state, one.resolved_by) for one in again] == [("resolved", "Анна"), ("firing", "")]
    told = [one for one in down.outbox() if one[0] == "resolved"]
    assert told == [("resolved", 1, "waiting")]


def test_a_silenced_alert_fires_and_calls_nobody(down: World):
    silence(
        down.app,
        {"matchers": {"rule": AVAILABILITY}, "reason": "a move", "ends_at": down.at(30)},
        by="Анна",
        at=down.at(0),
        request_id="1",
    )
    down.run([1])
    assert {one.state for one in down.episodes()} == {"firing"}
    assert {status for _, _, status in down.outbox()} == {"held"}


def test_the_alert_of_a_drill_is_left_alone(down: World):
    form = {"scenario": "bad_model", "title": "", "due_on": down.at(0).date(), "owner": "Вера"}
    drill = plan_drill(down.app, SERVICE, form, by="Вера", at=down.at(-5), request_id="1")
    started = start_drill(down.app, drill, by="Вера", at=down.at(0.5))
    down.run([1, 2, 30])
    (rehearsed,) = [one for one in down.episodes() if one.drill]
    assert (rehearsed.episode_id, rehearsed.state) == (started.episode_id, "firing")
    assert rehearsed.seen_at == down.at(0.5)


# Escalation


@pytest.fixture
def watched(down: World) -> World:
    """Анна is on call, Борис comes after her, after ten minutes."""
    form = {
        "zone": "UTC",
        "handover_weekday": 0,
        "handover_time": "09:00",
        "starts_on": (down.begin - minutes(9 * 24 * 60)).date(),
        "members": ["Анна", "Борис"],
        "escalate_after_minutes": 10,
        "escalate_to": "Дежурный",
    }
    save_rota(down.app, SERVICE, None, form, by="Анна", at=down.at(-30))
    down.write(10, 40, errors=100)
    return down


def escalations(world: World) -> list[tuple[str, int]]:
    found = world.table(
        "select distinct escalate_to, at from team.alert_act where kind = 'escalated' order by at"
    )
    return [(to, (at - world.begin) // minutes(1)) for to, at in found]


def test_a_page_that_nobody_acknowledges_calls_the_next_once(watched: World):
    watched.run(range(1, 14))
    assert escalations(watched) == [("Дежурный", 11)]
    told = [one for one in watched.outbox() if one[0] == "escalated"]
    assert [(event, minute) for event, minute, _ in told] == [("escalated", 11)] * 2
    assert watched.reader.handled(SERVICE, watched.begin, watched.at(14)) == frozenset()


def test_who_acknowledges_a_moment_before_stops_the_escalation(watched: World):
    watched.run(range(1, 11))
    for episode in watched.episodes():
        if episode.severity == "page":
            acknowledge(
                watched.app,
                episode.episode_id,
                by="Анна",
                at=watched.at(11.1),
                until=watched.at(90),
                request_id=str(episode.episode_id),
            )
    watched.run(range(11, 20))
    assert escalations(watched) == []
