"""The service itself: letters come, the classifier answers, and the metric tables hear of it.

What the latency is: from a letter's arrival in the request queue to its answer, by `perf_counter`.
The scorer empties the queue a hundred times a second, which is what lets it answer a few hundred
letters a second on a tenth of a core: a letter waits 5 ms on average until its batch is scored.

What it writes is what it can honestly produce: serving minutes, heartbeats, score hours, labels,
its training run, its deployment, letters a day. It runs no experiment and hears no complaints.
"""

from __future__ import annotations

import gc
import logging
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import OperationalError

from db.demo.classifier import Features, train
from db.demo.spambase.arrivals import Arrivals
from db.demo.spambase.counts import HourCounts, MinuteCounts
from db.demo.spambase.labels import PendingLabels, labels_of_minute
from db.demo.spambase.letters import SERVICE, Letters, floor_hour, floor_minute, letters_of
from db.demo.spambase.recovery import Recovered, recover
from db.demo.spambase.reports import Reports
from db.engine import Role, Store
from db.writer import MetricWriter

LETTERS_PER_SECOND = 300.0
#: How often the scorer empties the queue, in seconds.
TICK_S = 0.01
#: Letters scored in one call.
BATCH = 64
#: Letters that may wait; whoever comes to a full queue is refused.
QUEUE = 600
#: A crash loses at most this much of what was counted.
CHECKPOINT = timedelta(seconds=10)
BEAT = timedelta(seconds=15)
ROWS_A_TICK = 8
#: How long to wait between attempts for a store that does not answer at the start, in seconds.
RETRY_S = 2.0

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Scorer = Callable[[Features], NDArray[np.float64]]


class Serving:
    """One run of the service: it answers letters, counts them, and reports what is due.

    Args:
        stopwatch: seconds from anywhere on; arrivals are told by it.
    """

    def __init__(
        self,
        letters: Letters,
        recovered: Recovered,
        reports: Reports,
        *,
        instance: str,
        started_at: datetime,
        score: Scorer,
        stopwatch: Callable[[], float] = perf_counter,
    ) -> None:
        self._stopwatch = stopwatch
        self._letters = letters
        self._reports = reports
        self._instance = instance
        self._started_at = started_at
        self._score = score
        self._started = dict(recovered.started)
        self._hours = dict(recovered.hours)
        self._days = dict(recovered.days)
        self._pending = PendingLabels()
        self._pending.add(recovered.labels)
        self._running = self._begin(floor_minute(started_at))
        self._checkpointed_at = started_at - CHECKPOINT
        self._beat_at = started_at - BEAT
        # What follows from minutes that an earlier run wrote and was killed before it could add up.
        for hour, counts in self._hours.items():
            reports.hour(hour, counts)
        for day, count in self._days.items():
            reports.day(day, count)

    def tick(self, moment: datetime, arrived: NDArray[np.float64]) -> None:
        """Answer the letters that have come since the last tick, and report what is due.

        Args:
            moment: by the service's clock.
            arrived: their arrivals by the stopwatch, ascending, shape (n,).
        """
        minute = floor_minute(moment)
        if minute > self._running.minute:  # a clock that was set back stays in its minute
            self._finish()
            self._running = self._begin(minute)
        self._answer(arrived)
        if _is_due(moment, self._beat_at, BEAT):
            self._beat_at = moment
            self._reports.beat(moment, self._started_at)
        if _is_due(moment, self._checkpointed_at, CHECKPOINT):
            self._checkpointed_at = moment
            self._reports.minute(self._running)
        for label in self._pending.due(moment):
            self._reports.label(label)
        self._reports.send(ROWS_A_TICK)

    def stop(self) -> None:
        """Report what the running minute has so far; a start within it goes on from there."""
        self._finish()
        self._reports.send()

    def _begin(self, minute: datetime) -> MinuteCounts:
        return self._started.pop(minute, None) or MinuteCounts(minute)

    def _answer(self, arrived: NDArray[np.float64]) -> None:
        running = self._running
        if len(arrived) > QUEUE:
            running.failed(len(arrived) - QUEUE)
            arrived = arrived[:QUEUE]
        for first in range(0, len(arrived), BATCH):
            batch = arrived[first : first + BATCH]
            positions = self._letters.positions(running.minute, running.next_ordinals(len(batch)))
            try:
                scores = self._score(self._letters.features[positions])
            except Exception:  # noqa: BLE001 - whatever it is, these letters got no answer
                _log.exception("%d letters got no answer", len(batch))
                running.failed(len(batch))
                continue
            running.answered(scores, (self._stopwatch() - batch) * 1000)

    def _finish(self) -> None:
        minute = self._running
        self._reports.minute(minute)
        hour, day = floor_hour(minute.minute), minute.minute.date()
        # Only what may still change is kept: this hour and this day.
        self._hours = {hour: self._hours.get(hour) or HourCounts()}
        self._hours[hour].add(self._letters, minute)
        self._reports.hour(hour, self._hours[hour])
        self._days = {day: self._days.get(day, 0) + minute.letters}
        self._reports.day(day, self._days[day])
        self._pending.add(
            labels_of_minute(self._letters, minute.minute, self._instance, *minute.answers())
        )


def _is_due(moment: datetime, last: datetime, period: timedelta) -> bool:
    # A clock that was set back would otherwise silence the service until it has caught up.
    return moment - last >= period or moment < last


def run_spambase(
    store: Store,
    *,
    now: Clock,
    stop: threading.Event,
    buffer: Path,
    letters_per_second: float = LETTERS_PER_SECOND,
    instance: str | None = None,
    score: Scorer | None = None,
) -> None:
    """Serve letters until told to stop; this is what the demo's process for the service runs.

    The running minute is written every ten seconds and read back at the start, so that kill -9
    loses at most the letters since, and none is counted twice.

    Args:
        store: where the metric tables are; it must be migrated.
        now: the clock, aware; a test may let it run faster than the letters come.
        stop: set it for an orderly stop.
        buffer: folder of the metric writer's queue, of this instance alone and the same at every
            start: what a killed run had queued is sent first.
        letters_per_second: how many letters come, on average.
        instance: the name of this copy of the service; by default the host's.
        score: what scores a batch of features; by default the trained classifier.

    Raises:
        BufferInUseError: this instance runs already.
    """
    instance = instance or socket.gethostname()
    with MetricWriter(store, service=SERVICE, buffer=buffer, now=now) as writer:
        training_began = now()
        trained = train()
        training_ended = now()
        letters = letters_of(trained)
        reports = Reports(writer, instance, letters.model_version)
        engine = store.engine(Role.SERVING)
        recovered = _recovered(writer, lambda: recover(engine, letters, instance, now()), stop)
        if recovered is None:
            return
        if recovered.first_start:
            reports.introduce(trained, training_began, training_ended)
        # A full collection would walk through the forest and hold letters up for 50 ms and more.
        gc.collect()
        gc.freeze()
        serving = Serving(
            letters,
            recovered,
            reports,
            instance=instance,
            started_at=now(),
            score=score or trained.scores,
        )
        arrivals = Arrivals(letters_per_second, perf_counter())
        while not stop.wait(TICK_S):
            serving.tick(now(), arrivals.until(perf_counter()))
        serving.stop()


def _recovered(
    writer: MetricWriter, read: Callable[[], Recovered], stop: threading.Event
) -> Recovered | None:
    """What earlier runs counted, once the store tells; None if told to stop before it did.

    To count from nothing because the store is away for a moment would overwrite what it holds.
    """
    while True:
        try:
            if writer.flush():  # rows that a killed run had queued count too
                return read()
            reason = writer.trouble
        except OperationalError as error:
            reason = str(error)
        _log.warning("Letters wait until the store tells what is counted already: %s", reason)
        if stop.wait(RETRY_S):
            return None
