"""A proxy before PostgreSQL that makes every query slow, and one that kills who asks.

Both see the protocol from outside, so that no road to the store is forgotten: a raw connection and
a COPY are as slow, and as deadly, as everything else.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time

from sqlalchemy import URL

from tests.db.writer_proxy import CuttableProxy

#: What begins and ends transactions costs a server nothing, however much it has to do.
_FREE = re.compile(rb"BEGIN|COMMIT|ROLLBACK", re.IGNORECASE)


class SlowProxy(CuttableProxy):
    """Holds up every query of a client.

    Attributes:
        delay_seconds: for how long; 0 passes on at once.
        asked: how many queries there were.
    """

    def __init__(self, url: URL, delay_seconds: float = 0.0) -> None:
        self.delay_seconds = delay_seconds
        self.asked = 0
        super().__init__(url)

    def passes(self, data: bytes, *, asks: bool) -> bool:
        if asks and not _FREE.match(data[5:13]):
            self.asked += 1
            time.sleep(self.delay_seconds)
        return True


class KillingProxy(CuttableProxy):
    """Kills a process with -9 at one COMMIT of its own, or when it is about to say something.

    A worker does one thing after another, so that its commits come in the same order every time.

    Attributes:
        victim: the process; 0 for none yet.
        kill_at_commit: the number of the COMMIT, from 1; 0 for none.
        kill_at_words: what a message contains, from which nobody gets to the store; empty for none.
        answered: whether to kill once the server has answered the COMMIT, not before it hears it.
        asked: how many messages there have been.
        commits: how many COMMITs.
    """

    def __init__(self, url: URL, *, kill_at_commit: int = 0, answered: bool = False) -> None:
        self.victim = 0
        self.kill_at_commit = kill_at_commit
        self.kill_at_words = b""
        self.answered = answered
        self.asked = 0
        self.commits = 0
        self._is_waiting = False
        self._killed = False
        self._counting = threading.Lock()
        super().__init__(url)

    def passes(self, data: bytes, *, asks: bool) -> bool:
        with self._counting:
            if self._killed or (asks and self._hears(data)) or (not asks and self._is_waiting):
                self._kill()
            return not self._killed

    def _hears(self, data: bytes) -> bool:
        """Whether this message is to be the victim's last."""
        self.asked += 1
        if self.kill_at_words and self.kill_at_words in data:
            return True
        if b"COMMIT" not in data[:16]:
            return False
        self.commits += 1
        is_due = self.commits == self.kill_at_commit
        self._is_waiting = is_due and self.answered
        return is_due and not self.answered

    def _kill(self) -> None:
        if not self._killed:
            self._killed = True
            while not self.victim:  # its parent is about to say who it is
                time.sleep(0.001)
            os.kill(self.victim, signal.SIGKILL)
