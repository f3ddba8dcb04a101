"""File locks that the system drops when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import ExitStack
from pathlib import Path

from db.embedded.account import EmbeddedError

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 120.0  # longer than any start or stop that another process may be busy with


_held: set[FileLock] = set()


class FileLock:
    """One flock, held by this process alone.

    An flock belongs to the open file, which a forked child shares with its parent: the child closes
    its copy at once, so that it neither keeps a dead parent's lock nor releases a living one's.
    Programs that are started do not get it: Python opens no file for them.
    """

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _held.add(self)
        deadline = time.monotonic() + PATIENCE_SECONDS
        with ExitStack() as unless_locked:
            unless_locked.callback(self.release)
            while not self._try(fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"Another process has held {path} for {PATIENCE_SECONDS:.0f} seconds: "
                        "if its start or stop of the store hangs, end it and try again."
                    )
                time.sleep(POLL_SECONDS)
            unless_locked.pop_all()

    @property
    def held(self) -> bool:
        """Whether this process holds the lock; in a forked child it does not."""
        return self._descriptor is not None

    def make_exclusive(self) -> bool:
        """Turn a shared lock into an exclusive one, if nobody else shares it.

        A lock that could not be turned is lost: ask only when it is about to be released.
        """
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        """Give the lock up; twice does no harm."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            _held.discard(self)
            # Closing alone would leave it to a child forked by a thread this very moment.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _try(self, operation: int) -> bool:
        if self._descriptor is None:
            return False
        try:
            fcntl.flock(self._descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def forget(self) -> None:
        """In a forked child: close the copy, which leaves the lock to the parent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _forget_all() -> None:
    for lock in _held:
        lock.forget()
    _held.clear()


os.register_at_fork(after_in_child=_forget_all)
