"""Clocks and pauses of a worker that a test turns, and waiting for what it does."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

PATIENCE_SECONDS = 180.0


class Clock:
    """A clock that moves by a step at each look."""

    def __init__(self, start: datetime, step: timedelta = timedelta(0)) -> None:
        self.moment, self._step = start, step

    def __call__(self) -> datetime:
        self.moment += self._step
        return self.moment


class Pauses(threading.Event):
    """A stop event that remembers how long it was waited for, and does not wait that long."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._stop_after = stop_after

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        if len(self.seconds) == self._stop_after:
            self.set()
        return super().wait(min(timeout or 0.0, 0.05))


def recorded(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        row = connection.execute(text("select * from rollup.worker")).mappings().one()
    return dict(row)


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)
