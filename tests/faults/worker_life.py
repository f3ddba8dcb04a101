"""A worker that is killed at a step of its tick, and what the store holds once another went on.

The world has something to do for every part of a tick: minutes to roll up and an alert that fires
on them, scores and labels, reports of false decisions, a criterion to judge, a letter to send.
"""

from __future__ import annotations

import os
import re
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn

import numpy as np
from sqlalchemy import URL, text

from core.timeframe import DAY, HOUR, MINUTE
from db import partitions
from db.alerting.evaluation import SETTLE
from db.backup.contents import tables_of
from db.engine import Role, Store
from db.notifications.hook import Notifier
from db.team import channels
from db.team.recorder import VerdictRecorder
from db.worker import Tick, Worker
from tests.conftest import administer, open_store
from tests.core.text.spoken import about
from tests.db.alert_world import SERVICE, World
from tests.db.any_rows import rows_of
from tests.db.notifications.receiver import Receiver
from tests.db.quality_rows import random_labels, random_scores
from tests.db.quality_rows import write as write_quality
from tests.db.serving_rows import Row, write
from tests.faults.proxies import KillingProxy

#: After this long a letter that a dead worker had begun to send is sent again.
LATER = 3 * MINUTE
#: Columns that tell when, by the store's own clock, something was looked at or done, and by whom.
TOLD_APART = {
    *("leader", "seconds", "watermark", "deep_checked_at"),  # rollup.worker
    *("scores_watermark", "scores_compared_at", "labels_watermark", "labels_compared_at"),
    "since",  # rollup.label_look
    "rolled_at",  # rollup.*_state
    # What was rolled back has used up numbers, and letters are keyed by them.
    *("episode_id", "transition_id", "notification_id", "idempotency_key", "body"),
    *("looked_from", "compared_at"),  # team.report_intake
}

_GOAL = """
    insert into team.goal (goal_id, service, title, starts_on, due_on)
        values ('g', 'mail', 'Answers come', '2025-01-01', '2030-01-01');
    insert into team.criterion values ('c', 'g', 1, 'Always up', 'reliability');
    insert into team.target
        values ('c', 'End', '2030-01-01', 'availability', '>=', 0.99, 'share')"""
_REPORTS = text("""
    insert into metrics.false_report (service, report_id, reported_at, predicted_at, kind, source,
        letter_key, reporter_key, model_version, score, threshold, text, anonymiser)
    values (:service, :id, :at, :at, 'false_positive', 'user', :id, '', 'v1', 0.9, 0.5, :said, '')
""")
#: Groups' numbers come from a sequence, of which a rolled back transaction uses up a part: what
#: must be the same is their order.
_GROUPS = text("select group_id from team.report_group order by group_id")


@dataclass(frozen=True)
class Prepared:
    """A database with much to do for a tick at a moment."""

    server: URL
    name: str
    moment: datetime


@contextmanager
def prepared(server: URL, migrated: str, receiver: Receiver) -> Iterator[Prepared]:
    """A database to copy, with a world in it that no worker has seen yet."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server, f'create database "{name}" template "{migrated}"')
    with open_store(server.set(database=name)) as store:
        moment = _fill(store, receiver)
    yield Prepared(server, name, moment)
    administer(server, f'drop database "{name}" with (force)')


def _fill(store: Store, receiver: Receiver) -> datetime:
    world = World(store)
    world.keep("slo-availability")
    given = {"channel_id": "ops", "name": "Ops", "address": receiver.address()}
    given |= {"severities": ["page", "ticket"], "drills": True, "enabled": True}
    channels.create(world.app, given, by="Анна", at=world.begin)
    rows = [
        Row(SERVICE, world.at(minute), instance="dc1-1", cells=((40, 100 - errors),), errors=errors)
        for minute in range(-70, 1)
        for errors in (90 if minute > -10 else 0,)
    ]
    write(world.serving, *rows)
    midnight = world.begin.replace(hour=0, minute=0) - 6 * DAY
    chance = np.random.default_rng(7)
    write_quality(world.serving, *random_scores(chance, midnight, 30))
    write_quality(world.serving, *random_labels(chance, midnight, 30, 200))
    partitions.ensure(world.worker, (world.begin - 20 * DAY).date(), (world.begin + 9 * DAY).date())
    with world.serving.begin() as connection:
        letters = [*about("bank", 6, seed=1), *about("school", 6, seed=1)]
        connection.execute(
            _REPORTS,
            [
                {"service": SERVICE, "id": f"r{at:02}", "at": world.begin - HOUR, "said": said}
                for at, said in enumerate(letters)
            ],
        )
        connection.execute(
            text(
                "insert into metrics.heartbeat values (:service, 'inference', 'dc1-1', 'dc1', "
                ":began, :beat, null)"
            ),
            {"service": SERVICE, "began": world.begin - DAY, "beat": world.begin},
        )
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(text(_GOAL))
        # World says that a worker was here; none was.
        owner.execute(text("update rollup.worker set ticked_at = null"))
    return world.at(1) + SETTLE


@contextmanager
def copy_of(world: Prepared) -> Iterator[URL]:
    """A database of one's own, as the world is before any tick."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(world.server, f'create database "{name}" template "{world.name}"')
    yield world.server.set(database=name)
    administer(world.server, f'drop database "{name}" with (force)')


def tick(address: URL, moment: datetime) -> Tick:
    """One tick of a worker with all its hooks, as `cli.py worker` makes it."""
    with open_store(address) as store:
        engine = store.engine(Role.WORKER)
        notifier = Notifier(engine, now=lambda: moment, environment={})
        worker = Worker(store, now=lambda: moment, hooks=[VerdictRecorder(engine), notifier])
        try:
            return worker.tick()
        finally:
            notifier.close()
            worker.close()


def killed_tick(proxy: KillingProxy, moment: datetime) -> bool:
    """A tick in a process of its own, through a proxy that may kill it; whether it was killed."""
    process = os.fork()
    if process == 0:
        _live(proxy, moment)
    proxy.victim = process
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the tick failed by itself"
    return False


def _live(proxy: KillingProxy, moment: datetime) -> NoReturn:
    failed = True
    try:
        tick(proxy.url, moment)
        failed = False
    finally:
        os._exit(failed)  # a child must never come back into its parent's stack


def go_on(address: URL, moment: datetime) -> None:
    """What the next worker does: its tick of that moment, as soon as it leads, and a later one."""
    while not tick(address, moment).leads:
        pass  # the server has not noticed yet that the leader is gone
    done = tick(address, moment + LATER)
    assert done.errors == ()
    assert (done.pending, done.reports_pending) == (0, 0)


def state(address: URL) -> dict[str, list[Any]]:
    """All that a worker wrote, apart from when and where it did."""
    with open_store(address) as store, store.engine(Role.OWNER).connect() as connection:
        found = {}
        groups = {
            str(number): f"group {order}"
            for order, number in enumerate(connection.scalars(_GROUPS), start=1)
        }
        for table in tables_of(connection):
            kept = replace(
                table, columns=tuple(name for name in table.columns if name not in TOLD_APART)
            )
            rows = (
                tuple(
                    groups[value] if column == "group_id" else _to_twelve_digits(value)
                    for column, value in zip(kept.columns, row, strict=True)
                )
                for row in rows_of(connection, kept)
            )
            found[str(table)] = sorted(rows, key=repr)
        return found


def _to_twelve_digits(value: Any) -> Any:
    """A sum of doubles depends on the order of its rows in the last digits."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d{4,}(e[+-]?\d+)?", value):
        return f"{float(value):.12g}"
    return value
