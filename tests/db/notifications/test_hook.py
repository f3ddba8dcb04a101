"""Notifications as the worker sends them: at each tick, and nothing of it stops a tick."""

from __future__ import annotations

from sqlalchemy import Engine

from db.engine import Store
from db.notifications.hook import Notifier
from db.team.channels import create
from db.worker import Worker
from tests.db.notifications.alert_rows import NOW, Clock, add_episode, outbox
from tests.db.notifications.receiver import Receiver


def test_a_tick_of_the_worker_sends_what_is_due(
    store: Store, app: Engine, worker: Engine, receiver: Receiver, clock: Clock
):
    create(
        app,
        {"channel_id": "ops", "name": "Ops", "address": receiver.address()},
        by="Анна",
        at=NOW,
    )
    add_episode(worker)
    notifier = Notifier(worker, now=clock, environment={}, budget_seconds=30)
    ticking = Worker(store, now=clock, hooks=[notifier])
    try:
        assert ticking.tick().errors == ()
        assert outbox(worker, "status") == [("sent",)]
        assert len(receiver.taken()) == 1
        assert ticking.tick().errors == ()
    finally:
        ticking.close()
        notifier.close()
    assert len(receiver.taken()) == 1
