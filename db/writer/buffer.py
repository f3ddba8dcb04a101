"""The queue of rows on their way to the store: on disk, bounded, in order.

Every row passes through it. Appending is one `write` of about a kilobyte into the operating
system's cache, as costly as a line in a log file, and from then on `kill -9` of this process loses
nothing: the next writer on the folder finds the row. The power cord is another matter, so the
buffer is fsynced whenever rows have to stay in it (the store is down, `flush`, `close`).

When the bound is reached, the oldest segment (a sixteenth of the bound) is dropped, counted and
logged. A production author has three choices there. Blocking or raising would make the serving
stack suffer from its monitoring; refusing the newest rows would blind the on-call engineer to what
burns now. What happened first in a long outage is what is missed least.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from db.writer.segment import Segment, framed, unframed

LOG = logging.getLogger("greenlight.writer")
_SEGMENTS = 16
_READ_BYTES = 4 << 20
#: One record may be at most a fourth of a read and of the bound.
MAX_RECORD_BYTES = 1 << 20
MIN_LIMIT_BYTES = 64 << 10
#: Rows kept in memory while the disk takes none.
_MEMORY_BYTES = 16 << 20
#: A settled segment below this size goes on being appended to.
_KEEP_BYTES = 256 << 10
_POSITION = re.compile(rb"(\d{10}) (\d{20})\n")


class BufferInUseError(RuntimeError):
    """Another process, or another writer of this one, works on the buffer folder."""


@dataclass(frozen=True)
class Batch:
    """The oldest records of the buffer, in order.

    Attributes:
        payloads: the records' payloads.
        damaged: lines that no longer are what was written.
        end: where the batch ends in its segment.
        segment: number of its segment; None for rows that are in memory only.
    """

    payloads: list[bytes]
    damaged: list[bytes]
    end: int
    segment: int | None

    @property
    def rows(self) -> int:
        """How many records it settles."""
        return len(self.payloads) + len(self.damaged)


class Buffer:
    """A queue in a folder that one process owns at a time.

    Any thread may append; one thread takes batches and settles them.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Take the folder and find what an earlier process left in it.

        Raises:
            BufferInUseError: somebody else has the folder.
            ValueError: the bound is too small to hold a few rows.
        """
        if limit_bytes < MIN_LIMIT_BYTES:
            raise ValueError(
                f"buffer_limit_bytes == {limit_bytes}, must be at least {MIN_LIMIT_BYTES}"
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._limit = limit_bytes
        self.max_record_bytes = min(MAX_RECORD_BYTES, limit_bytes // 4)
        self._lock = RLock()
        self._owner = _own(folder)
        self._position = os.open(folder / "position", os.O_RDWR | os.O_CREAT, 0o600)
        self._segments: deque[Segment] = deque(
            Segment(folder, number, create=False) for number in Segment.numbers(folder)
        )
        self._active: Segment | None = None
        noted = self._noted_position()
        # Never a number that the noted position may mean, or new rows would be taken for settled
        # ones.
        self._next_number = 1 + max([noted[0], *(segment.number for segment in self._segments)])
        self._start = self._recovered_start(*noted)
        for at, segment in enumerate(self._segments):
            segment.rows = segment.count(self._start if at == 0 else 0)
        self._memory: deque[bytes] = deque()
        self._memory_bytes = 0
        self._taken: Batch | None = None
        self._disk_failed = False
        self._is_closed = False
        self.dropped = 0
        self.settled = 0
        self.appended = self.rows

    @property
    def rows(self) -> int:
        """How many records wait."""
        with self._lock:
            return sum(segment.rows for segment in self._segments) + len(self._memory)

    def append(self, payload: bytes) -> int:
        """Queue one record of at most `max_record_bytes`, also when the disk is full or broken.

        Returns:
            How many records wait now.

        Raises:
            RuntimeError: the buffer is closed.
        """
        record = framed(payload)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this MetricWriter is closed")
            self.appended += 1
            # Behind rows in memory nothing goes to disk, or it would overtake them.
            if self._memory or not self._write(record):
                self._remember(payload)
            return self.rows

    def _write(self, record: bytes) -> bool:
        try:
            if self._active is None or self._active.size + len(record) > self._limit // _SEGMENTS:
                self._active = Segment(self._folder, self._next_number, create=True)
                self._next_number += 1
                self._segments.append(self._active)
            self._make_room(len(record))
            self._active.append(record)
        except OSError as error:
            self._active = None  # its end is unknown now
            if not self._disk_failed:
                LOG.error(
                    "The buffer %s takes no rows (%s): they wait in memory", self._folder, error
                )
            self._disk_failed = True
            return False
        self._disk_failed = False
        return True

    def _make_room(self, wanted: int) -> None:
        taken = self._taken.segment if self._taken else None
        while sum(segment.size for segment in self._segments) + wanted > self._limit:
            # What is being sent at this moment is not dropped: it may be stored already.
            oldest = next((s for s in self._segments if s.number != taken), None)
            if oldest is None or oldest is self._active:
                return
            if oldest is self._segments[0]:
                self._start = 0
            self._segments.remove(oldest)
            oldest.remove()
            self._lose(oldest.rows)

    def _remember(self, payload: bytes) -> None:
        self._memory.append(payload)
        self._memory_bytes += len(payload)
        taken = len(self._taken.payloads) if self._taken and self._taken.segment is None else 0
        while self._memory_bytes > _MEMORY_BYTES and taken < len(self._memory):
            self._memory_bytes -= len(self._memory[taken])
            del self._memory[taken]
            self._lose(1)

    def _lose(self, rows: int) -> None:
        self.dropped += rows
        self.settled += rows
        LOG.error(
            "The buffer %s is full (%s bytes): its oldest %s rows are lost, %s in all",
            self._folder, self._limit, rows, self.dropped,
        )  # fmt: skip

    def take(self, rows: int) -> Batch | None:
        """The oldest records, at most `rows`; they stay in the buffer until they are settled."""
        with self._lock:
            self._taken = self._take_from_disk(rows) or self._take_from_memory(rows)
            return self._taken

    def _take_from_disk(self, rows: int) -> Batch | None:
        while self._segments:
            head = self._segments[0]
            data = head.read(self._start, _READ_BYTES) if head.rows else b""
            if data:
                return self._batch(head, data, rows)
            if head is self._active:
                return None
            self._remove_head()
            if head.rows:  # somebody emptied the file
                self._lose(head.rows)
        return None

    def _batch(self, head: Segment, data: bytes, rows: int) -> Batch:
        if self._start + len(data) < head.size:
            # Whole lines only; one longer than a read was never written by this code, and is
            # damaged.
            data = data[: data.rfind(b"\n") + 1] or data
        lines = data.removesuffix(b"\n").split(b"\n", rows)[:rows]
        payloads = [unframed(line) for line in lines]
        return Batch(
            [payload for payload in payloads if payload is not None],
            [line for line, payload in zip(lines, payloads, strict=True) if payload is None],
            min(self._start + sum(len(line) + 1 for line in lines), head.size),
            head.number,
        )

    def _remove_head(self) -> None:
        self._segments.popleft().remove()
        self._start = 0

    def _take_from_memory(self, rows: int) -> Batch | None:
        payloads = [self._memory[at] for at in range(min(rows, len(self._memory)))]
        return Batch(payloads, [], 0, None) if payloads else None

    def put_back(self) -> None:
        """Note that the batch last taken could not be sent: it still waits, as the oldest."""
        with self._lock:
            self._taken = None

    def settle(self, batch: Batch) -> None:
        """Forget a batch that is stored or refused."""
        with self._lock:
            self._taken = None
            self.settled += batch.rows
            self.dropped += len(batch.damaged)
            if batch.segment is None:
                for _ in batch.payloads:
                    self._memory_bytes -= len(self._memory.popleft())
                return
            head = self._segments[0]
            head.rows -= batch.rows
            self._start = batch.end
            if batch.end < head.size or (head is self._active and head.size < _KEEP_BYTES):
                self._note_position(head.number)
                return
            self._remove_head()
            if head is self._active:
                self._active = None

    def _note_position(self, number: int) -> None:
        # Without it the next process sends rows again that are stored, which changes nothing: a
        # disk that refuses this is no reason to stop.
        with suppress(OSError):
            os.pwrite(self._position, b"%010d %020d\n" % (number, self._start), 0)

    def _noted_position(self) -> tuple[int, int]:
        found = _POSITION.fullmatch(os.pread(self._position, 64, 0))
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def _recovered_start(self, number: int, start: int) -> int:
        if not self._segments or self._segments[0].number != number:
            return 0
        head = self._segments[0]
        start = min(start, head.size)
        starts_a_line = start in {0, head.size} or head.read(start - 1, 1) == b"\n"
        return start if starts_a_line else 0

    def sync(self) -> None:
        """Make what is buffered survive a crash of the machine.

        The fsync happens outside the lock: callers go on appending.
        """
        with self._lock:
            dirty = [segment for segment in self._segments if segment.is_dirty]
            descriptors = [segment.duplicate() for segment in dirty]
            for segment in dirty:
                segment.is_dirty = False
        if not descriptors:
            return
        descriptors.append(os.open(self._folder, os.O_RDONLY))
        for descriptor in descriptors:
            try:
                os.fsync(descriptor)
            except OSError as error:
                LOG.error("The buffer %s cannot be made durable: %s", self._folder, error)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        """Leave what is not settled for the next process, and give up the folder."""
        with self._lock:
            self._is_closed = True
            kept = list(self._memory)
            self._memory.clear()
            unwritten = sum(not self._write(framed(payload)) for payload in kept)
            if unwritten:
                self._lose(unwritten)
        self.sync()
        with self._lock:
            for segment in self._segments:
                if segment.rows:
                    segment.close()
                else:
                    segment.remove()
            self._segments.clear()
            os.close(self._position)
            os.close(self._owner)


def _own(folder: Path) -> int:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise BufferInUseError(
            f"the buffer folder {folder} is in use by process {holder}: "
            "give every MetricWriter a folder of its own"
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    return descriptor
