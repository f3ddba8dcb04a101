"""No statement is waited for without end: a connection is cut whose server has fallen silent.

A server that is frozen, or behind a network that swallows packets, refuses nothing and answers
nothing, and no time limit that it keeps itself counts any more: libpq would wait for ever. So
somebody beside it watches. A statement that takes long is no proof, since the server may be at
work; whether a new connection is answered tells the two apart.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any

import psycopg2
from psycopg2 import extensions

_LOOK_SECONDS = 0.5
#: A watcher without anything to watch ends.
_IDLE_SECONDS = 10.0


@dataclass(eq=False)
class _Wait:
    """A statement that has not been answered: on which connection, since when, when looked at."""

    connection: Any
    began: float
    looked: float


class Patience:
    """Watches what an engine's connections wait for.

    Args:
        answers: whether the server answers a new connection; asked from a thread of its own.
        silent_seconds: how long a statement may take before that is asked, again and again.
        longest_seconds: how long a statement may take at all.
    """

    def __init__(
        self,
        answers: Callable[[], bool],
        *,
        silent_seconds: float,
        longest_seconds: float,
    ) -> None:
        self._answers = answers
        self._silent = silent_seconds
        self._longest = longest_seconds
        self._changed = Condition()
        self._waits: set[_Wait] = set()
        self._watching = False
        #: How many connections were cut.
        self.cuts = 0

    @contextmanager
    def waiting(self, connection: Any) -> Iterator[None]:
        """Watch over what is done within on a connection."""
        began = time.monotonic()
        wait = _Wait(connection, began, began)
        with self._changed:
            self._waits.add(wait)
            if not self._watching:
                self._watching = True
                Thread(target=self._watch, name="greenlight-patience", daemon=True).start()
        try:
            yield
        finally:
            with self._changed:
                self._waits.discard(wait)

    def _watch(self) -> None:
        idle_since = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait(min(_LOOK_SECONDS, self._silent / 4))
                now = time.monotonic()
                if self._waits:
                    idle_since = now
                elif now - idle_since > _IDLE_SECONDS:
                    self._watching = False
                    return
                silent = any(now - wait.looked >= self._silent for wait in self._waits)
                self._cut([wait for wait in self._waits if now - wait.began >= self._longest])
            if silent:
                self._look()

    def _look(self) -> None:
        """Ask whether the server is there, and cut what waits for one that is not."""
        alive = self._answers()
        with self._changed:
            now = time.monotonic()
            for wait in self._waits:
                if alive:
                    wait.looked = now
            if not alive:
                self._cut([one for one in self._waits if now - one.began >= self._silent])

    def _cut(self, waits: list[_Wait]) -> None:
        """Break connections: whoever waits on one meets the error of a server that went away.

        Under the lock, so that none is cut that has just been answered and is used for other work.
        """
        for wait in waits:
            self._waits.discard(wait)
            self.cuts += 1
            with suppress(psycopg2.Error, OSError):
                cut = socket.socket(fileno=os.dup(wait.connection.fileno()))
                with cut:
                    cut.shutdown(socket.SHUT_RDWR)


def watched_by(patience: Patience) -> type[extensions.connection]:
    """The kind of psycopg2 connection whose every exchange with the server is watched."""

    class WatchedCursor(extensions.cursor):  # type: ignore[misc]  # psycopg2 has no types
        def execute(self, *given: Any, **named: Any) -> None:
            with patience.waiting(self.connection):
                super().execute(*given, **named)

        def executemany(self, *given: Any, **named: Any) -> None:
            with patience.waiting(self.connection):
                super().executemany(*given, **named)

        def copy_expert(self, *given: Any, **named: Any) -> None:
            with patience.waiting(self.connection):
                super().copy_expert(*given, **named)

        def fetchmany(self, *given: Any, **named: Any) -> list[tuple[Any, ...]]:
            with patience.waiting(self.connection):
                found: list[tuple[Any, ...]] = super().fetchmany(*given, **named)
            return found

    class WatchedConnection(extensions.connection):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.cursor_factory = WatchedCursor

        def commit(self) -> None:
            with patience.waiting(self):
                super().commit()

        def rollback(self) -> None:
            with patience.waiting(self):
                super().rollback()

    return WatchedConnection
