"""The faults that need no load: what is seen and how long it takes, at their full size."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

from db import schema
from db.engine import Role
from pages.parts.data import store as pages_store
from tests.conftest import administer, open_store
from tests.db.notifications.receiver import Receiver
from tests.faults import stack
from tests.faults.findings import Finding
from tests.faults.outage import ROOT
from tests.faults.proxies import KillingProxy, SlowProxy
from tests.faults.server import OwnServer
from tests.faults.visitor import Visitor, forget
from tests.faults.worker_life import copy_of, go_on, killed_tick, prepared, state

#: Of a web server: all that it has for reading.
CONNECTIONS = 12
#: What the page does, by itself, while it can show nothing new.
RETRY_SECONDS = 3


def slow_store(server: OwnServer, *, delay_seconds: float = 2.0) -> Finding:
    """Every query takes two seconds longer."""
    forget()
    with SlowProxy(server.url) as proxy:
        reader = Visitor(proxy.url, stack.SERVICE)
        reader.look()  # imports and what Python does once
        forget()
        proxy.delay_seconds, proxy.asked = delay_seconds, 0
        cold, first = _seconds(reader.look), proxy.asked
        time.sleep(RETRY_SECONDS)
        warm, again = _seconds(reader.look), proxy.asked - first
        trouble = reader.trouble().split(" (")[0]
        proxy.delay_seconds = 0.0
        after = _seconds(reader.look)
        forget()
    return Finding(
        f"The store takes {delay_seconds:g} s a query",
        "one viewer of the overview",
        f"the same page: opened first after {cold:.0f} s ({first} queries), again "
        f"after {warm:.0f} s ({again}); what is read is drawn as it comes"
        + (f'; "{trouble}"' if trouble else ""),
        f"the next look ({after:.1f} s)",
        0,
        0,
    )


def crowded(server: OwnServer) -> Finding:
    """Every connection of the web server is in use."""
    forget()
    reader = Visitor(server.url, stack.SERVICE)
    reader.look()
    address = server.url.render_as_string(hide_password=False)
    engine = pages_store._engine(address, ROOT / ".data")
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            held.enter_context(engine.connect())
        time.sleep(RETRY_SECONDS)
        during = _seconds(reader.look)
        sentence = reader.trouble().replace("\\", "")  # which keeps its text from being markdown
        again = _seconds(reader.look)
    time.sleep(pages_store.TOLD_AGAIN_SECONDS)
    after = _seconds(reader.look)
    assert reader.trouble() == ""
    forget()
    return Finding(
        f"All {CONNECTIONS} connections of the web server are in use",
        "one viewer of the overview",
        f'"{sentence.split(" (")[0]}" above the last report, after {during:.0f} s; the next look '
        f"{again:.1f} s",
        f"the first look {pages_store.TOLD_AGAIN_SECONDS:.0f} s after one was free ({after:.1f} s)",
        0,
        0,
    )


def killed_worker(
    server: OwnServer, *, every: int = 1, say: Callable[[str], None] = print
) -> Finding:
    """A worker dies before a COMMIT of its tick, each time in a store of its own.

    Args:
        server: where the stores are made.
        every: 1 for every single COMMIT, 3 for every third.
        say: told how it goes.
    """
    template = "faults_template"
    administer(server.url, f'create database "{template}"')
    with open_store(server.url.set(database=template)) as store:
        schema.migrate(store.engine(Role.OWNER))
    receiver = Receiver().start()
    same, kills, unsent, most = 0, 0, 0, 0
    try:
        with prepared(server.url, template, receiver) as world:
            with copy_of(world) as address:
                with KillingProxy(address) as proxy:
                    assert not killed_tick(proxy, world.moment)
                    commits, messages = proxy.commits, proxy.asked
                go_on(address, world.moment)
                undisturbed = _apart_from_attempts(state(address))
                expected = len(set(receiver.taken()))
            chosen = range(every, commits + 1, every)
            for at in chosen:
                receiver.requests.clear()
                with copy_of(world) as address:
                    with KillingProxy(address, kill_at_commit=at) as proxy:
                        kills += killed_tick(proxy, world.moment)
                    go_on(address, world.moment)
                    same += _apart_from_attempts(state(address)) == undisturbed
                unsent += max(0, expected - len(set(receiver.taken())))
                most = max([most, *Counter(receiver.taken()).values()])
                say(f"killed at commit {at} of {commits}: {same} of {kills} are as undisturbed")
    finally:
        receiver.stop()
        administer(server.url, f'drop database "{template}" with (force)')
    return Finding(
        "The worker is killed with -9 at "
        + (
            "every commit of a tick"
            if every == 1
            else f"{kills} of the {commits} commits of a tick"
        ),
        f"rollups of minutes, scores and labels, reports of false decisions, alerts, a verdict, "
        f"letters: {messages} messages to the store, {commits} commits; {kills} kills, each in a "
        "store of its own, before one commit",
        "a page says after 2 min that the worker has not run",
        "one tick of the next worker: then every table equals that of an undisturbed one; a letter "
        f"that was on its way arrives up to {most} times, under one idempotency key",
        len(chosen),
        same - unsent,
    )


def _apart_from_attempts(found: dict[str, list[object]]) -> dict[str, list[object]]:
    """A letter that was on its way is tried once more, and that is counted."""
    return found | {"team.notification": []}


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
