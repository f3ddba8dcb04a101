"""One file of the buffer: a line a record, each with its checksum, appended to only."""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path

_NAME = re.compile(r"segment-(\d{10})\.jsonl")
_CHECKSUM_DIGITS = 8


def framed(payload: bytes) -> bytes:
    r"""A record as it stands in a segment: checksum, space, payload, newline.

    The payload must not contain a newline: a damaged record ends where the next line begins, and
    costs no other.

    >>> framed(b"{}")
    b'a3a6bf43 {}\n'
    """
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def unframed(line: bytes) -> bytes | None:
    """The payload of a line without its newline; None if it was cut off or changed.

    >>> unframed(b"a3a6bf43 {}"), unframed(b"a3a6bf43 {")
    (b'{}', None)
    """
    checksum, payload = line[:_CHECKSUM_DIGITS], line[_CHECKSUM_DIGITS + 1 :]
    return payload if b"%08x" % zlib.crc32(payload) == checksum else None


class Segment:
    """A segment file, open for reading and, in the process that made it, for appending.

    Attributes:
        number: the segments' order.
        size: bytes that are whole records, as far as this process wrote or found them.
        rows: records not yet settled.
        is_dirty: whether something was written since the last fsync.
    """

    def __init__(self, folder: Path, number: int, *, create: bool) -> None:
        self.path = folder / f"segment-{number:010d}.jsonl"
        self.number = number
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL if create else os.O_RDONLY
        self._descriptor = os.open(self.path, flags, 0o600)
        self.size = os.fstat(self._descriptor).st_size
        self.rows = 0
        self.is_dirty = False

    @staticmethod
    def numbers(folder: Path) -> list[int]:
        """The numbers of the segments in a folder, oldest first."""
        found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def append(self, record: bytes) -> None:
        """Write one framed record in one call, which a kill of this process cannot undo.

        Raises:
            OSError: nothing of the record is left in the file.
        """
        written = os.write(self._descriptor, record)
        if written < len(record):  # the disk is full: take the piece back
            os.ftruncate(self._descriptor, self.size)
            raise OSError(f"{self.path}: only {written} of {len(record)} bytes could be written")
        self.size += written
        self.rows += 1
        self.is_dirty = True

    def read(self, start: int, length: int) -> bytes:
        """Up to `length` bytes of whole records from `start`."""
        return os.pread(self._descriptor, min(length, self.size - start), start)

    def count(self, start: int) -> int:
        """How many lines stand from `start` on, a torn last one included."""
        lines, last = 0, b"\n"
        for at in range(start, self.size, 1 << 20):
            piece = self.read(at, 1 << 20)
            lines += piece.count(b"\n")
            last = piece[-1:]
        return lines + (last != b"\n")

    def duplicate(self) -> int:
        """A descriptor of its own, for an fsync that outlives this segment."""
        return os.dup(self._descriptor)

    def close(self) -> None:
        """Close the file and leave it where it is."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Close the file and delete it."""
        self.close()
        self.path.unlink(missing_ok=True)
