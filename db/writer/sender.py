"""The background thread that takes rows out of the buffer and sends them."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime
from threading import Condition, Thread

from db.writer.buffer import Batch, Buffer
from db.writer.faults import StoreFaultError, Verdict
from db.writer.loading import Loader
from db.writer.record import Row, UnreadableRecordError, decode
from db.writer.refused import RefusedRows

LOG = logging.getLogger("greenlight.writer")
_FIRST_PAUSE = 0.25  # seconds between attempts while the store is away; doubles up to the last
_LAST_PAUSE = 10.0
#: How often, a second apart, a connection that holds up the end is cut; making one takes up to 5 s.
_CUTS = 10


class Sender:
    """Sends what is in the buffer, oldest first; tries again for as long as the store is away."""

    def __init__(
        self,
        buffer: Buffer,
        loader: Loader,
        refused: RefusedRows,
        now: Callable[[], datetime],
        *,
        batch_rows: int,
        flush_seconds: float,
    ) -> None:
        self._buffer = buffer
        self._loader = loader
        self._refused = refused
        self._now = now
        self._batch_rows = batch_rows
        self._flush_seconds = flush_seconds
        self._changed = Condition()
        self._attempt = 0  # number of the latest attempt, and of the latest that failed
        self._failed = 0
        self._flush_to = 0  # rows of the buffer's count that somebody waits for
        self._hurry_until = 0  # number of the last attempt that does not pause for backoff
        self._pause = 0.0
        self._stopping = False
        #: Why rows wait in the buffer; None while the store takes them.
        self.trouble: StoreFaultError | None = None
        self._thread = Thread(target=self._run, name="greenlight-writer", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that a row was queued."""
        with self._changed:
            self._changed.notify_all()

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until every row queued so far is stored, or until an attempt begun now has failed.

        Returns:
            Whether they are stored; if not, they are on disk, durably.
        """
        with self._changed:
            target = self._buffer.appended
            begun = self._attempt
            self._flush_to = max(self._flush_to, target)
            self._hurry_until = max(self._hurry_until, begun + 1)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._buffer.settled >= target or self._failed > begun, timeout_seconds
            )
            stored = self._buffer.settled >= target
        if not stored:
            self._buffer.sync()
        return stored

    def stop(self, timeout_seconds: float) -> None:
        """End the thread; what it has not sent stays in the buffer."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_seconds)
        for _ in range(_CUTS):
            if not self._thread.is_alive():
                return
            LOG.warning("The store does not answer: cutting the connection")
            self._loader.interrupt()
            self._thread.join(1.0)

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                if batch := self._buffer.take(self._batch_rows):
                    self._send(batch)
            except StoreFaultError as error:
                self._fail(error)
            except Exception as error:
                LOG.exception("The writer met an error of its own; its rows are tried again")
                sentence = f"the writer met an error of its own: {error}"
                self._fail(StoreFaultError(Verdict.UNAVAILABLE, sentence))
            else:
                self._succeed()

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._buffer.rows)
            self._changed.wait_for(
                self._is_due, self._pause if self.trouble else self._flush_seconds
            )
            self._attempt += 1
            return not self._stopping

    def _is_due(self) -> bool:
        if self._stopping:
            return True
        waited_for = self._buffer.settled < self._flush_to
        if self.trouble:
            return waited_for and self._attempt < self._hurry_until
        return waited_for or self._buffer.rows >= self._batch_rows

    def _send(self, batch: Batch) -> None:
        rows: list[Row] = []
        for payload in batch.payloads:
            try:
                rows.append(decode(payload))
            except UnreadableRecordError as error:
                self._refuse(None, {"record": payload.decode()}, str(error))
        for row, reason in self._loader.write_rows(rows):
            self._refuse(row.table.name, row.named(), reason)
        for line in batch.damaged:
            reason = f"a record of segment {batch.segment} is damaged: cut off or changed on disk"
            LOG.error("A row is lost: %s", reason)
            left = {"record": line.decode(errors="replace")}
            self._refused.keep_aside(None, left, reason, self._now())
        self._buffer.settle(batch)

    def _refuse(self, table: str | None, row: dict[str, object], reason: str) -> None:
        LOG.warning("A row%s was refused: %s", f" of metrics.{table}" if table else "", reason)
        self._refused.keep(table, row, reason, self._now())

    def _succeed(self) -> None:
        with self._changed:
            if self.trouble:
                LOG.info("The store takes rows again; %s rows wait", self._buffer.rows)
            self.trouble = None
            self._pause = 0.0
            self._changed.notify_all()

    def _fail(self, fault: StoreFaultError) -> None:
        self._buffer.put_back()
        self._buffer.sync()
        with self._changed:
            if str(self.trouble) != str(fault):
                LOG.warning("%s rows wait in the buffer: %s", self._buffer.rows, fault)
            self.trouble = fault
            self._failed = self._attempt
            # Spread out, or a hundred instances would come back in the same moment.
            self._pause = min(_LAST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause))
            self._pause *= random.uniform(0.8, 1.0)  # nosec B311
            self._changed.notify_all()
