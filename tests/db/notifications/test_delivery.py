"""Delivery to a real web hook through apprise: once for each transition, whatever the hook does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError

from core.alerts.messages import Message
from db.engine import Role
from db.notifications import delivery
from db.notifications.apprise_channel import send
from db.notifications.delivery import GIVE_UP, LEASE, LONGEST_PAUSE, Deliverer, Outcome
from db.notifications.outbox import send_test
from db.team.channels import create
from tests.conftest import open_store
from tests.db.notifications.alert_rows import (
    BASE_URL,
    MINUTE,
    NOW,
    SECOND,
    Clock,
    add_episode,
    add_rule,
    move,
    outbox,
)
from tests.db.notifications.alertmanager_process import wait_for
from tests.db.notifications.receiver import Receiver
from tests.db.writer_proxy import CuttableProxy

#: A worker of its own process; 'die' ends it between sending and recording.
WORKER = """
import os, sys
from datetime import datetime, timedelta
from pathlib import Path
from db.engine import Role, Store
from db.notifications.apprise_channel import send
from db.notifications.delivery import Deliverer

def send_and_die(address, message):
    send(address, message)
    os._exit(9)

now = datetime.fromisoformat(sys.argv[2])
with Store(sys.argv[1], Path("unused")) as store:
    chosen = send_and_die if sys.argv[3] == "die" else send
    deliverer = Deliverer(
        store.engine(Role.WORKER), chosen, now=lambda: now, environment=os.environ
    )
    if sys.argv[3] == "together":
        print("ready", flush=True)
        sys.stdin.readline()
    print(deliverer.deliver(30).sent)
"""


def start_worker(database: URL, clock: Clock, how: str) -> subprocess.Popen[str]:
    address = database.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, address, clock.now.isoformat(), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["", *sys.path]).strip(os.pathsep)},
    )


def add_channel(app: Engine, address: str, channel_id: str = "ops", **fields: Any) -> None:
    form = {"channel_id": channel_id, "name": f"The {channel_id}", "address": address} | fields
    create(app, form, by="Анна", at=NOW)


@pytest.fixture
def deliverer(worker: Engine, clock: Clock) -> Deliverer:
    return Deliverer(worker, send, now=clock, environment={})


def test_a_transition_arrives_once_with_its_key_as_header_and_in_the_text(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer
):
    add_channel(app, receiver.address())
    add_rule(worker)
    episode = add_episode(worker)

    assert deliverer.deliver(10) == Outcome(sent=1)
    assert deliverer.deliver(10) == Outcome()

    (request,) = receiver.requests
    ((key, status, attempts, sent_at, error),) = outbox(
        worker, "idempotency_key", "status", "attempts", "sent_at", "error"
    )
    assert (status, attempts, sent_at, error) == ("sent", 1, NOW, "")
    assert request.headers["idempotency-key"] == request.headers["x-idempotency-key"] == key
    assert request.body["title"] == "FIRING page: newsletters: Availability burns"
    assert request.body["type"] == "failure"
    assert request.body["message"].splitlines() == [
        "Availability of newsletters burns 22 times too fast, dc2 only.",
        "Firing since 1 Jun 2026 12:00 UTC.",
        "Where: dc2",
        "Owner: Анна",
        f"Page: {BASE_URL}/alerts?service=newsletters&episode={episode.episode_id}",
        f"Runbook: {BASE_URL}/alerts?service=newsletters&runbook=runbook-slo-burn",
        f"Key: {key}",
    ]


def test_a_receiver_that_is_down_for_a_while_gets_everything_once_and_in_order(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer, clock: Clock
):
    add_channel(app, receiver.address())
    receiver.stop()
    episode = add_episode(worker)
    assert deliverer.deliver(10) == Outcome(failed=1)
    move(worker, episode, "resolved", NOW + MINUTE)
    waits = []
    for _ in range(4):
        ((due, error),) = outbox(worker, "next_attempt_at", "error")[:1]
        assert error == "JSON refused the connection."
        waits.append(due - clock.now)
        clock.now = due
        assert deliverer.deliver(10) == Outcome(failed=1)  # the second waits for the first
    assert [1.2 < after / before < 3.4 for before, after in pairwise(waits)]
    assert waits == sorted(waits)

    receiver.start()
    clock.move(LONGEST_PAUSE)
    assert deliverer.deliver(10) == Outcome(sent=2)

    assert [title.split()[0] for title in receiver.titles()] == ["FIRING", "RESOLVED"]
    assert receiver.twice() == []
    assert outbox(worker, "status", "attempts") == [("sent", 6), ("sent", 1)]


def test_a_receiver_that_answers_500_is_tried_again_until_it_takes_it(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer, clock: Clock
):
    add_channel(app, receiver.address())
    receiver.answers = [500, 503, 302]
    add_episode(worker)
    for number in (500, 503, 302):
        assert deliverer.deliver(10) == Outcome(failed=1)
        assert outbox(worker, "status", "error") == [("waiting", f"JSON answered {number}.")]
        clock.move(LONGEST_PAUSE * 2)
    assert deliverer.deliver(10) == Outcome(sent=1)
    assert [one.answered for one in receiver.requests] == [500, 503, 302, 200]
    assert len({one.key for one in receiver.requests}) == 1
    assert outbox(worker, "status", "error") == [("sent", "")]


def test_an_address_cannot_turn_a_failure_into_a_success_or_one_attempt_into_many(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer
):
    add_channel(app, receiver.address(query="optional=yes&retry=3&wait=0&redirect=yes"))
    receiver.answers = [500]
    add_episode(worker)
    assert deliverer.deliver(10) == Outcome(failed=1)
    assert [one.answered for one in receiver.requests] == [500]


def test_what_an_alert_says_arrives_as_text(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer
):
    add_channel(app, receiver.address())
    add_episode(worker, sentence="2 < 3 & *4* :smile: \\n <b>")
    assert deliverer.deliver(10) == Outcome(sent=1)
    (request,) = receiver.requests
    said = request.body["message"].splitlines()[0].replace("\u200b", "")
    assert said == "2 < 3 & *4* :smile: \\n <b>"


def test_a_slow_receiver_times_out_costs_one_attempt_and_holds_up_nobody(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer, clock: Clock
):
    quick = Receiver().start()
    try:
        add_channel(app, receiver.address(query="rto=0.3"), "a-slow")
        add_channel(app, quick.address(), "quick")
        receiver.answering.clear()
        add_episode(worker)
        assert deliverer.deliver(10) == Outcome(sent=1, failed=1)
        assert len(quick.taken()) == 1
        assert outbox(worker, "channel_id", "status", "error") == [
            ("a-slow", "waiting", "JSON did not answer in time."),
            ("quick", "sent", ""),
        ]
        receiver.answering.set()
        clock.move(LONGEST_PAUSE)
        assert deliverer.deliver(10) == Outcome(sent=1)
        # It may have noted what it was sent the first time: the key is the same.
        assert len(set(receiver.taken())) == 1
        assert len(quick.taken()) == 1
    finally:
        quick.stop()


def test_a_receiver_that_is_slow_and_answers_in_time_gets_it_once(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer
):
    add_channel(app, receiver.address())
    receiver.answering.clear()
    add_episode(worker)
    # The worker's tick goes on without it.
    wait_for(lambda: deliverer.deliver(0.2) == Outcome(running=1))
    assert receiver.arrived.acquire(timeout=30)
    receiver.answering.set()
    assert deliverer.close(10)
    assert deliverer.deliver(10) == Outcome()
    assert len(receiver.taken()) == 1
    assert outbox(worker, "status", "attempts") == [("sent", 1)]


def test_a_stuck_receiver_costs_one_attempt_and_its_late_success_counts(
    app: Engine, worker: Engine, clock: Clock
):
    let_go, came = threading.Event(), []

    def stuck(address: str, message: Message) -> None:
        came.append(message.key)
        if "stuck" in address:
            let_go.wait(30)

    add_channel(app, "json://stuck", "stuck")
    add_channel(app, "json://quick", "well")
    deliverer = Deliverer(worker, stuck, now=clock, environment={}, attempt_seconds=1.5)
    add_episode(worker)
    assert deliverer.deliver(10) == Outcome(sent=1, failed=1, running=1)
    assert outbox(worker, "channel_id", "status", "error")[0] == (
        "stuck",
        "waiting",
        "The receiver did not answer within 1.5 s.",
    )
    add_episode(worker, NOW + SECOND)
    clock.move(LONGEST_PAUSE)
    assert deliverer.deliver(10) == Outcome(sent=1, running=1)  # nothing more to the stuck one
    let_go.set()
    assert deliverer.close(10)
    assert outbox(worker, "channel_id", "status", "attempts")[0] == ("stuck", "sent", 1)
    assert deliverer.deliver(10) == Outcome(sent=1)
    assert len(came) == len(set(came)) == 4


def test_a_worker_killed_between_sending_and_recording_sends_again_with_the_same_key(
    database: URL, app: Engine, worker: Engine, receiver: Receiver, clock: Clock
):
    add_channel(app, receiver.address())
    add_episode(worker)
    killed = start_worker(database, clock, "die")
    assert killed.communicate(timeout=60) == ("", None)
    assert killed.returncode == 9
    assert len(receiver.taken()) == 1
    assert outbox(worker, "status", "attempts") == [("waiting", 1)]

    deliverer = Deliverer(worker, send, now=clock, environment={})
    assert deliverer.deliver(10) == Outcome()  # the other may still be at it
    clock.move(LEASE)
    assert deliverer.deliver(10) == Outcome(sent=1)

    first, second = receiver.taken()
    assert first == second
    assert outbox(worker, "status", "attempts") == [("sent", 2)]


def test_two_workers_at_once_send_nothing_twice(
    database: URL, app: Engine, worker: Engine, receiver: Receiver, clock: Clock
):
    for number in range(3):
        add_channel(app, receiver.address(f"hook{number}"), f"c{number}")
    for number in range(12):
        add_episode(worker, NOW + number * SECOND)
    clock.move(MINUTE)
    workers = [start_worker(database, clock, "together") for _ in range(2)]
    for one in workers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    sent = []
    for one in workers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in workers:
        said, _ = one.communicate(timeout=60)
        assert one.returncode == 0
        sent.append(int(said))
    assert sum(sent) == len(receiver.taken()) == 36
    assert receiver.twice() == []
    assert {status for (status,) in outbox(worker, "status")} == {"sent"}


def test_what_was_sent_is_not_sent_again_because_the_store_did_not_take_the_record(
    database: URL, app: Engine, worker: Engine, receiver: Receiver, clock: Clock
):
    add_channel(app, receiver.address())
    add_episode(worker)

    with CuttableProxy(database) as proxy, open_store(make_url(proxy.url)) as through:

        def send_and_lose_the_store(address: str, message: Message) -> None:
            send(address, message)
            proxy.cut()

        engine = through.engine(Role.WORKER)
        deliverer = Deliverer(engine, send_and_lose_the_store, now=clock, environment={})
        with pytest.raises(DBAPIError):
            deliverer.deliver(10)
        assert outbox(worker, "status") == [("waiting",)]
        proxy.mend()
        assert deliverer.deliver(10) == Outcome(sent=1)
    assert outbox(worker, "status", "attempts") == [("sent", 1)]
    assert len(receiver.taken()) == 1


def test_a_receiver_that_never_takes_it_is_given_up_after_a_day_with_a_sentence(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer, clock: Clock
):
    add_channel(app, receiver.address())
    receiver.answers = [500] * 2
    add_episode(worker)
    assert deliverer.deliver(10) == Outcome(failed=1)
    clock.move(GIVE_UP)
    outcome = deliverer.deliver(10)
    assert (outcome.sent, outcome.given_up) == (0, 1)
    assert outbox(worker, "status", "next_attempt_at", "error") == [
        ("failed", None, "Given up after a day: JSON answered 500.")
    ]
    assert deliverer.deliver(10) == Outcome()


def test_pages_go_before_tickets(app: Engine, worker: Engine, receiver: Receiver, clock: Clock):
    add_channel(app, receiver.address())
    for number in range(3):
        add_episode(worker, NOW + number * SECOND, severity="ticket")
    add_episode(worker, NOW + 5 * SECOND)
    clock.move(MINUTE)
    Deliverer(worker, send, now=clock, environment={}).deliver(10)
    assert [title.split()[1] for title in receiver.titles()] == [
        "page:",
        "ticket:",
        "ticket:",
        "ticket:",
    ]


def test_a_test_reaches_a_channel_even_if_it_is_off(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer
):
    add_channel(app, receiver.address(), enabled=False)
    key = send_test(app, "ops", by="Анна", at=NOW, base_url=BASE_URL)
    assert send_test(app, "ops", by="Анна", at=NOW, base_url=BASE_URL) == key
    assert deliverer.deliver(10) == Outcome(sent=1)
    (request,) = receiver.requests
    assert request.key == key
    assert request.body["title"] == "Greenlight: a test"
    assert "Анна tries whether notifications arrive in The ops." in request.body["message"]
    with pytest.raises(LookupError, match="no channel elsewhere"):
        send_test(app, "elsewhere", by="Анна", at=NOW)


def test_an_address_may_be_kept_in_the_workers_environment(
    app: Engine, worker: Engine, receiver: Receiver, deliverer: Deliverer, clock: Clock
):
    add_channel(app, "env:OPS_HOOK")
    add_episode(worker)
    assert deliverer.deliver(10) == Outcome(failed=1)
    assert outbox(worker, "error") == [("The worker's environment has no OPS_HOOK.",)]
    clock.move(MINUTE)
    found = Deliverer(worker, send, now=clock, environment={"OPS_HOOK": receiver.address()})
    assert found.deliver(10) == Outcome(sent=1)
    assert len(receiver.taken()) == 1


def test_pauses_grow_to_a_longest_and_differ_between_notifications():
    pauses = [delivery.pause_after(number, "a") for number in range(1, 40)]
    assert timedelta(seconds=4) <= pauses[0] <= timedelta(seconds=6)
    assert max(pauses) <= LONGEST_PAUSE * 1.2
    assert pauses[-1] >= LONGEST_PAUSE * 0.8
    assert delivery.pause_after(3, "a") == pauses[2] != delivery.pause_after(3, "b")
