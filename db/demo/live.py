"""The process of the simulated service newsletters: it fills the store and then goes on live."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.timeframe import MINUTE, floor_to
from db.demo.fill import fill_as
from db.demo.newsletters import retraining, story
from db.demo.newsletters.live import Live
from db.demo.newsletters.population import ClassScores
from db.demo.newsletters.simulation import Simulation, real_scores
from db.demo.newsletters.story import SERVICE, Scenario
from db.engine import Role, Store, StoreUnreachableError
from db.failures import Failure, classify, reason
from db.writer import MetricWriter

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: Between two looks at the clock, and the longest wait for a store that is away, in seconds.
PAUSE_S, LONGEST_PAUSE_S = 1.0, 10.0


def run_newsletters(
    store: Store,
    *,
    now: Clock,
    stop: threading.Event,
    buffer: Path,
    days: int = story.HISTORY_DAYS,
    scores: Callable[[], ClassScores] = real_scores,
    training: timedelta = retraining.TRAINING,
) -> None:
    """Fill the store if that is not done, and go on live until told to stop.

    Live goes on between the units of the fill, too. While the store is away this waits for it.

    Args:
        store: where; it must be migrated.
        now: the clock, aware.
        stop: set it for an orderly stop.
        buffer: folder of the metric writer, of this service alone.
        days: days of history, for a store that is filled for the first time.
        scores: the score distributions of a real classifier; asked for once.
        training: how long it takes to train a model on a new retraining set.

    Raises:
        BufferInUseError: the service is being simulated already.
        SchemaError: the store's schema is not this code's.
    """
    with MetricWriter(store, service=SERVICE, buffer=buffer, now=now) as writer:
        run = _Run(store, writer, now, stop, training)
        wanted = Scenario(floor_to(now().astimezone(UTC), MINUTE), days=days)
        steps = (lambda: run.fill(wanted, cache(scores)), run.live_on)
        for step in steps:
            _until_done(step, stop)
        run.close()


def _until_done(step: Callable[[], bool], stop: threading.Event) -> None:
    """Do a step again and again until it says that it is done, or until told to stop."""
    pause = PAUSE_S
    while not stop.is_set():
        try:
            if step():
                return
        except (StoreUnreachableError, DBAPIError) as error:
            if classify(error) is Failure.BAD_ROWS:
                raise
            log.warning("newsletters waits for the store: %s", reason(error))
            stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        else:
            pause = PAUSE_S


class _Run:
    """One run of the process; its engines are made once, however often the store goes away."""

    def __init__(
        self,
        store: Store,
        writer: MetricWriter,
        now: Clock,
        stop: threading.Event,
        training: timedelta,
    ) -> None:
        self._app = store.engine(Role.APP)
        self._worker = store.engine(Role.WORKER)
        self._serving = store.engine(Role.SERVING)
        self._writer = writer
        self._now = now
        self._stop = stop
        self._training = training
        self._live: Live | None = None

    def fill(self, wanted: Scenario, scores: Callable[[], ClassScores]) -> bool:
        """Fill, or go on with a fill; whether it is done."""
        simulation = fill_as(
            self._app,
            self._worker,
            self._serving,
            self._writer,
            wanted,
            scores=scores,
            between=self._go_on,
        )
        self._worker.dispose()
        return self._go_on(simulation)

    def live_on(self) -> bool:
        """Write what is due, and wait until more may be; never done."""
        assert self._live is not None
        if not self._live.tick(self._now()):
            self._stop.wait(PAUSE_S)
        return False

    def close(self) -> None:
        """Stop in order, as far as the store lets itself be told."""
        if self._live is None:
            return
        try:
            self._live.stop(self._now())
        except (StoreUnreachableError, DBAPIError) as error:
            log.warning("The store does not know that newsletters has stopped: %s", reason(error))

    def _go_on(self, simulation: Simulation) -> bool:
        self._live = self._live or Live(
            simulation, self._writer, self._serving, self._app, training=self._training
        )
        self._live.tick(self._now())
        return not self._stop.is_set()
