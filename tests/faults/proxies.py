"""A proxy before PostgreSQL that makes every query slow, and one that kills who asks.

Both see the protocol from outside, so that no road to the store is forgotten: a raw connection and
a COPY are as slow, and as deadly, as everything else.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from sqlalchemy import URL

from tests.db.writer_proxy import CuttableProxy


class SlowProxy(CuttableProxy):
    """Holds up everything that a client asks.

    Attributes:
        delay_seconds: for how long; 0 passes on at once.
        asked: how many times something was asked.
    """

    def __init__(self, url: URL, delay_seconds: float = 0.0) -> None:
        self.delay_seconds = delay_seconds
        self.asked = 0
        super().__init__(url)

    def passes(self, data: bytes, *, asks: bool) -> bool:
        if asks:
            self.asked += 1
            time.sleep(self.delay_seconds)
        return True


class KillingProxy(CuttableProxy):
    """Kills a process with -9 at one step of what it asks: before it arrives, or once answered.

    A step is one message of a client. A worker that asks one thing after another takes its steps in
    the same order every time.

    Attributes:
        victim: the process.
        steps: how many steps there have been.
        commits: the steps that were a COMMIT.
    """

    def __init__(self, url: URL, kill_at: int = 0, *, answered: bool = False) -> None:
        self.victim = 0
        self.kill_at = kill_at
        self.answered = answered
        self.steps = 0
        self.commits: list[int] = []
        self.killed = threading.Event()
        self._counting = threading.Lock()
        super().__init__(url)

    def passes(self, data: bytes, *, asks: bool) -> bool:
        with self._counting:
            if asks:
                self.steps += 1
                if b"COMMIT" in data[:16]:
                    self.commits.append(self.steps)
            is_due = self.steps == self.kill_at and asks is not self.answered
            if is_due and self.victim:
                os.kill(self.victim, signal.SIGKILL)
                self.killed.set()
        return not self.killed.is_set()
