"""Playing the demo's services: which they are, where they are welcome, one process for each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event

from sqlalchemy import NullPool, text

from db.embedded.binaries import short_hash
from db.engine import Role, Store
from db.readers.overview import SqlOverviewReader

log = logging.getLogger(__name__)

#: Each runs in a process of its own.
SERVICES = ("newsletters", "spambase")
#: "gree" is the first key of the advisory locks; the second is made from the service's name.
TURN_LOCK = 0x67726565
WAIT_SECONDS = 2.0


def is_welcome(store: Store) -> bool:
    """Whether the store holds nothing but the demo, or has held the demo before."""
    reader = SqlOverviewReader(store.engine(Role.APP, poolclass=NullPool))
    return set(reader.services()) <= set(SERVICES) or bool(reader.fill_progress())


def play(
    store: Store, service: str, *, now: Callable[[], datetime], stop: Event, data: Path
) -> None:
    """Write a service's rows until told to stop, once no other process does.

    Args:
        store: a migrated store.
        service: one of `SERVICES`.
        now: the clock.
        stop: set it for an orderly stop.
        data: the folder of the embedded store; rows that a store does not take yet wait in it.

    Raises:
        DBAPIError: the store does not answer at the start.
    """
    with turn(store, service, stop) as ours:
        if not ours:
            return
        buffer = _buffer(store, data) / service
        # Imported here: a process that plays one service does without what the other needs.
        if service == "newsletters":
            from db.demo.live import run_newsletters

            run_newsletters(store, now=now, stop=stop, buffer=buffer)
        else:
            from db.demo.spambase import run_spambase

            run_spambase(store, now=now, stop=stop, buffer=buffer)


def _buffer(store: Store, data: Path) -> Path:
    """Rows for one store never end up in another that the environment names next time."""
    if store.is_embedded:
        return data / "buffer"
    url = store.url()
    return data / f"buffer-{short_hash(f'{url.host} {url.port} {url.database}')}"


@contextmanager
def turn(store: Store, service: str, stop: Event) -> Iterator[bool]:
    """Wait until no other process plays the service; false if told to stop before that.

    The store keeps the turn, and gives it to the next when this process dies.
    """
    engine = store.engine(Role.SERVING, poolclass=NullPool)
    asked = {"space": TURN_LOCK, "service": service}
    question = text("select pg_try_advisory_lock(:space, hashtext(:service))")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        waiting = False
        while not (ours := bool(connection.execute(question, asked).scalar_one())):
            if not waiting:
                log.info("Another process plays %s on this store; waiting for it to end.", service)
                waiting = True
            if stop.wait(WAIT_SECONDS):
                break
        try:
            yield ours
        finally:
            connection.invalidate()  # its lock goes with the session, which may be broken by now
