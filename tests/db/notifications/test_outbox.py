"""What is queued with a transition, what waits, what is set free, and what is dropped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from db.notifications.outbox import enqueue, sweep
from db.team.channels import StoredChannel, channels, create, set_enabled
from tests.db.notifications.alert_rows import (
    HOUR,
    MINUTE,
    NOW,
    add_episode,
    add_silence,
    end_silence,
    move,
    outbox,
)

#: 22:00 in Moscow and 08:00 the next morning.
NIGHT = NOW.replace(hour=19)
MORNING = NOW.replace(hour=5) + timedelta(days=1)


def add_channel(app: Engine, channel_id: str = "ops", **fields: Any) -> StoredChannel:
    form = {"channel_id": channel_id, "name": channel_id, "address": "env:HOOK"} | fields
    return create(app, form, by="Анна", at=NOW)


def queued(worker: Engine) -> list[tuple[Any, ...]]:
    return outbox(worker, "event", "status", "next_attempt_at", "error")


def test_what_is_told_is_stored_with_the_transition_or_not_at_all(app: Engine, worker: Engine):
    add_channel(app)
    episode = add_episode(worker, event=None)
    with worker.connect() as connection:
        assert enqueue(connection, episode, "firing", at=NOW) == 1
        connection.rollback()
    assert outbox(worker, "event") == []


def test_a_transition_that_is_told_twice_is_queued_once(app: Engine, worker: Engine):
    add_channel(app, "a")
    add_channel(app, "b")
    episode = add_episode(worker, event=None)
    for expected in (2, 0):
        with worker.begin() as connection:
            assert enqueue(connection, episode, "firing", at=NOW) == expected
    with worker.begin() as connection:
        assert enqueue(connection, episode, "firing", at=NOW + MINUTE) == 2  # it fired again
    keys = [key for (key,) in outbox(worker, "idempotency_key")]
    assert len(set(keys)) == 4


def test_an_event_that_nobody_knows_is_refused(worker: Engine):
    episode = add_episode(worker, event=None)
    for event in ("pending", "test"):
        with pytest.raises(ValueError, match="must be one of"), worker.begin() as connection:
            enqueue(connection, episode, event, at=NOW)


def test_channels_hear_of_their_service_severity_and_drills(app: Engine, worker: Engine):
    add_channel(app, "all")
    add_channel(app, "other", service="search")
    add_channel(app, "ours", service="newsletters", severities=["ticket"])
    add_channel(app, "real", drills=False)
    add_channel(app, "off", enabled=False)
    add_episode(worker, severity="ticket", drill=True)
    add_episode(worker, NOW + MINUTE)
    assert outbox(worker, "channel_id", "title") == [
        ("all", "[DRILL] FIRING ticket: newsletters: slo-availability"),
        ("ours", "[DRILL] FIRING ticket: newsletters: slo-availability"),
        ("all", "FIRING page: newsletters: slo-availability"),
        ("real", "FIRING page: newsletters: slo-availability"),
    ]


def test_tickets_wait_for_the_end_of_quiet_hours_and_pages_do_not(app: Engine, worker: Engine):
    add_channel(app, quiet_from="22:00", quiet_until="08:00", zone="Europe/Moscow")
    add_episode(worker, NIGHT)
    add_episode(worker, NIGHT + MINUTE, severity="ticket")
    held = ("firing", "held", MORNING, "Held until 08:00 (Europe/Moscow): quiet hours.")
    assert queued(worker) == [("firing", "waiting", NIGHT, ""), held]
    sweep(worker, MORNING - MINUTE)
    assert queued(worker)[1] == held
    sweep(worker, MORNING)
    assert queued(worker)[1] == ("firing", "waiting", MORNING, "")
    ((body,),) = outbox(worker, "body")[1:]
    assert body.endswith("\nHeld back from 1 Jun 2026 19:01 UTC to 2 Jun 2026 05:00 UTC.")


def test_a_ticket_that_is_over_by_the_morning_wakes_nobody(app: Engine, worker: Engine):
    add_channel(app, quiet_from="22:00", quiet_until="08:00", zone="Europe/Moscow")
    episode = add_episode(worker, NIGHT, severity="ticket")
    move(worker, episode, "resolved", NIGHT + HOUR)
    sweep(worker, MORNING)
    assert queued(worker) == [
        ("firing", "held", None, "Not sent: the alert was resolved by the time it could be.")
    ]


def test_a_silence_holds_a_call_and_its_early_end_sets_it_free(app: Engine, worker: Engine):
    add_channel(app)
    until = NOW + 3 * HOUR
    silence = add_silence(worker, NOW - MINUTE, until, service="newsletters", sli="availability")
    add_silence(worker, NOW - MINUTE, until + HOUR, service="newsletters", sli="latency")
    add_silence(worker, NOW + HOUR, until + HOUR, service="newsletters")
    add_episode(worker)
    held = ("firing", "held", until, "Held until 15:00 UTC: silenced by Борис.")
    assert queued(worker) == [held]
    sweep(worker, NOW + MINUTE)
    assert queued(worker) == [held]
    end_silence(worker, silence, NOW + 2 * MINUTE)
    sweep(worker, NOW + 3 * MINUTE)
    assert queued(worker) == [("firing", "waiting", NOW + 3 * MINUTE, "")]


def test_a_silence_that_follows_another_goes_on_holding(app: Engine, worker: Engine):
    add_channel(app)
    add_silence(worker, NOW, NOW + HOUR, rule="slo-availability")
    add_silence(worker, NOW + HOUR, NOW + 2 * HOUR, severity="page")
    add_episode(worker)
    sweep(worker, NOW + HOUR)
    assert queued(worker)[0][1:3] == ("held", NOW + 2 * HOUR)
    sweep(worker, NOW + 2 * HOUR)
    assert queued(worker)[0][1] == "waiting"


def test_that_an_alert_is_over_is_told_through_a_silence_where_it_was_called_for(
    app: Engine, worker: Engine
):
    add_channel(app)
    episode = add_episode(worker)
    add_silence(worker, NOW + MINUTE, NOW + HOUR, service="newsletters")
    move(worker, episode, "unknown", NOW + 2 * MINUTE)
    move(worker, episode, "resolved", NOW + 3 * MINUTE)
    sweep(worker, NOW + HOUR)
    assert [row[:2] for row in queued(worker)] == [
        ("firing", "waiting"),
        ("unknown", "held"),
        ("resolved", "waiting"),
    ]
    assert queued(worker)[1][2:] == (
        None,
        "Not sent: the alert was resolved by the time it could be.",
    )


def test_a_ticket_is_held_while_the_page_that_says_the_same_fires(app: Engine, worker: Engine):
    add_channel(app)
    episode = add_episode(worker, severity="ticket", inhibited_by="the page")
    sweep(worker, NOW + MINUTE)
    assert queued(worker) == [
        ("firing", "held", NOW + MINUTE, "Held while the page that says the same fires.")
    ]
    with worker.begin() as connection:
        connection.execute(
            text("update team.alert_episode set inhibited_by = '' where episode_id = :id"),
            {"id": episode.episode_id},
        )
    sweep(worker, NOW + 2 * MINUTE)
    assert queued(worker) == [("firing", "waiting", NOW + 2 * MINUTE, "")]


def test_an_escalation_goes_to_whom_it_names_and_to_everybody_where_that_is_no_channel(
    app: Engine, worker: Engine
):
    add_channel(app, "ops")
    add_channel(app, "boss", severities=["ticket"], service="search")
    episode = add_episode(worker)
    for at, name in ((NOW + MINUTE, "boss"), (NOW + 2 * MINUTE, "Вера")):
        with worker.begin() as connection:
            enqueue(connection, episode, "escalated", at=at, escalate_to=name)
    assert outbox(worker, "event", "channel_id", "escalate_to") == [
        ("firing", "ops", ""),
        ("escalated", "boss", "boss"),
        ("escalated", "ops", "Вера"),
    ]
    ((body,),) = outbox(worker, "body")[2:]
    assert body.startswith("Nobody has acknowledged it: Вера is called.\n")


def test_an_acknowledgement_is_news_for_those_who_were_called(app: Engine, worker: Engine):
    add_channel(app, "ops")
    episode = add_episode(worker)
    add_channel(app, "later")
    with worker.begin() as connection:
        enqueue(
            connection, episode, "acknowledged", at=NOW + MINUTE, by="Анна", note="rolling back"
        )
    ((channel, body),) = outbox(worker, "channel_id", "body")[1:]
    assert channel == "ops"
    assert body.splitlines()[:2] == [
        "Анна has it in hand since 1 Jun 2026 12:01 UTC.",
        "rolling back",
    ]


def test_what_waits_for_a_channel_that_is_switched_off_is_dropped(app: Engine, worker: Engine):
    stored = add_channel(app)
    add_episode(worker)
    add_episode(worker, NOW + MINUTE, inhibited_by="a page")
    set_enabled(app, stored, False, by="Анна", at=NOW + MINUTE)
    sweep(worker, NOW + 2 * MINUTE)
    off = ("firing", "held", None, "Not sent: the channel is switched off or gone.")
    assert queued(worker) == [off, off]
    (now_off,) = channels(app)
    set_enabled(app, now_off, True, by="Анна", at=NOW + 3 * MINUTE)
    sweep(worker, NOW + 4 * MINUTE)
    assert queued(worker) == [off, off]


def test_two_sweeps_at_once_set_free_once(app: Engine, worker: Engine):
    add_channel(app, quiet_from="22:00", quiet_until="08:00", zone="Europe/Moscow")
    add_episode(worker, NIGHT, severity="ticket")
    with worker.begin() as connection:
        connection.execute(text("select from team.notification for update"))
        assert sweep_of_held(worker, MORNING) == "held"
    assert sweep_of_held(worker, MORNING) == "waiting"
    sweep(worker, MORNING)
    ((body,),) = outbox(worker, "body")
    assert body.count("Held back") == 1


def sweep_of_held(worker: Engine, at: datetime) -> str:
    sweep(worker, at)
    return str(queued(worker)[0][1])
