"""The buffer on disk: order, recovery, damage, bound, a disk that takes nothing."""

from __future__ import annotations

import errno
import logging
import os
import random
from pathlib import Path
from typing import Any

import pytest

from db.writer import BufferInUseError
from db.writer.buffer import MIN_LIMIT_BYTES, Batch, Buffer
from db.writer.segment import framed

LIMIT = 1 << 20


def payload(at: int, size: int = 0) -> bytes:
    return b'{"at":%d,"filler":"%s"}' % (at, b"x" * size)


def drain(buffer: Buffer, rows: int = 7) -> list[bytes]:
    found: list[bytes] = []
    while batch := buffer.take(rows):
        found += batch.payloads
        buffer.settle(batch)
    return found


def killed(buffer: Buffer) -> None:
    """What kill -9 does to a buffer: descriptors close, nothing else happens."""
    for segment in buffer._segments:
        segment.close()
    os.close(buffer._position)
    os.close(buffer._owner)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("segment-*.jsonl"))


def test_rows_leave_in_the_order_they_came(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    sent = [payload(at) for at in range(1000)]
    assert [buffer.append(row) for row in sent] == list(range(1, 1001))
    assert drain(buffer) == sent
    assert buffer.take(1) is None
    assert (buffer.rows, buffer.appended, buffer.settled) == (0, 1000, 1000)
    buffer.close()
    assert segments(tmp_path) == []


def test_rows_of_several_segments_leave_in_order_while_others_come(tmp_path: Path) -> None:
    rng = random.Random(3)
    buffer = Buffer(tmp_path, LIMIT)
    came, left = 0, []
    for _ in range(300):
        for _ in range(rng.randrange(20)):
            buffer.append(payload(came, rng.randrange(2000)))
            came += 1
        batch = buffer.take(rng.randrange(1, 40))
        if batch and rng.random() < 0.9:
            left += batch.payloads
            buffer.settle(batch)
        elif batch:
            buffer.put_back()
    left += drain(buffer)
    assert buffer.dropped == 0
    assert [int(row.split(b",")[0][6:]) for row in left] == list(range(came))
    buffer.close()


def test_what_a_killed_process_left_is_found_in_order(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    for at in range(100):
        buffer.append(payload(at, 1500))
    batch = buffer.take(30)
    assert batch
    buffer.settle(batch)
    buffer.take(10)  # was being sent
    killed(buffer)
    found = Buffer(tmp_path, LIMIT)
    found.append(payload(100))
    assert found.rows == 71
    assert drain(found) == [*(payload(at, 1500) for at in range(30, 100)), payload(100)]
    found.close()


def test_new_rows_are_never_taken_for_settled_ones_of_an_earlier_process(tmp_path: Path) -> None:
    first = Buffer(tmp_path, LIMIT)
    for at in range(100, 110):
        first.append(payload(at))
    first.settle(_taken(first, 5))  # the position is noted, at a place where a record ends
    drain(first)
    first.close()
    second = Buffer(tmp_path, LIMIT)
    for at in range(110, 130):
        second.append(payload(at))
    killed(second)
    third = Buffer(tmp_path, LIMIT)
    assert drain(third) == [payload(at) for at in range(110, 130)]
    third.close()


def _taken(buffer: Buffer, rows: int) -> Batch:
    batch = buffer.take(rows)
    assert batch
    return batch


def test_a_torn_last_record_is_recognised_and_kept_apart(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    for at in range(3):
        buffer.append(payload(at))
    killed(buffer)
    (segment,) = segments(tmp_path)
    whole = segment.read_bytes()
    last = len(framed(payload(2)))
    for cut in range(1, last):
        segment.write_bytes(whole[:-cut])
        found = Buffer(tmp_path, LIMIT)
        found.append(payload(3))
        batch = _taken(found, 10)
        # Without its newline alone the record is whole.
        assert batch.payloads == [payload(at) for at in range(3 if cut == 1 else 2)]
        assert batch.damaged == ([] if cut == 1 else [whole[-last:-cut]])
        found.settle(batch)
        assert found.dropped == len(batch.damaged)
        assert drain(found) == [payload(3)]
        found.close()


def test_a_damaged_record_costs_no_other(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    for at in range(5):
        buffer.append(payload(at))
    killed(buffer)
    (segment,) = segments(tmp_path)
    data = segment.read_bytes()
    segment.write_bytes(data.replace(b'{"at":2,', b'{"at":7,'))
    found = Buffer(tmp_path, LIMIT)
    batch = _taken(found, 10)
    assert batch.payloads == [payload(at) for at in (0, 1, 3, 4)]
    assert len(batch.damaged) == 1
    assert b'"at":7' in batch.damaged[0]
    found.close()


def test_a_segment_that_holds_something_else_does_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "segment-0000000001.jsonl").write_bytes(b"\0" * (9 << 20))
    (tmp_path / "segment-0000000002.jsonl").write_bytes(b"")
    (tmp_path / "position").write_bytes(b"nonsense")
    buffer = Buffer(tmp_path, 64 << 20)
    buffer.append(payload(1))
    assert drain(buffer) == [payload(1)]
    assert buffer.rows == 0
    buffer.close()
    assert segments(tmp_path) == []


def test_a_position_within_a_record_is_not_believed(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    for at in range(3):
        buffer.append(payload(at))
    killed(buffer)
    (tmp_path / "position").write_bytes(b"%010d %020d\n" % (1, 5))
    found = Buffer(tmp_path, LIMIT)
    assert drain(found) == [payload(at) for at in range(3)]
    found.close()


def test_at_the_bound_the_oldest_rows_are_dropped_counted_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = Buffer(tmp_path, MIN_LIMIT_BYTES)
    for at in range(500):
        buffer.append(payload(at, 1000))
        assert sum(path.stat().st_size for path in segments(tmp_path)) <= MIN_LIMIT_BYTES
    kept = drain(buffer)
    assert 40 <= len(kept) < 65
    assert kept == [payload(at, 1000) for at in range(500 - len(kept), 500)]
    assert buffer.dropped == 500 - len(kept)
    assert buffer.settled == 500
    assert "are lost" in caplog.text
    buffer.close()


def test_what_is_being_sent_is_not_dropped(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, MIN_LIMIT_BYTES)
    for at in range(50):
        buffer.append(payload(at, 1000))
    batch = _taken(buffer, 2)
    for at in range(50, 500):
        buffer.append(payload(at, 1000))
    buffer.settle(batch)
    left = drain(buffer)
    assert batch.payloads == [payload(0, 1000), payload(1, 1000)]
    assert left[-1] == payload(499, 1000)
    assert buffer.dropped + len(left) + 2 == 500
    buffer.close()


def test_after_a_failed_attempt_its_rows_may_be_dropped_too(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, MIN_LIMIT_BYTES)
    for at in range(50):
        buffer.append(payload(at, 1000))
    buffer.settle(_taken(buffer, 2))
    buffer.take(2)
    buffer.put_back()
    for at in range(50, 500):
        buffer.append(payload(at, 1000))
    left = drain(buffer)
    assert left == [payload(at, 1000) for at in range(500 - len(left), 500)]
    assert 2 + buffer.dropped + len(left) == 500
    buffer.close()


class FullDisk:
    """Stands for os.write on a disk that has room for some bytes more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.write = os.write

    def __call__(self, descriptor: int, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self.write(descriptor, data[: self.room])
        self.room -= written
        return written


def test_a_full_disk_keeps_rows_in_memory_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    disk = FullDisk(room=5 * len(framed(payload(0))) + 9)
    monkeypatch.setattr("db.writer.segment.os.write", disk)
    for at in range(9):
        buffer.append(payload(at))
    assert buffer.rows == 9
    assert caplog.text.count("they wait in memory") == 1
    disk.room = LIMIT
    buffer.append(payload(9))  # behind the ones in memory, though the disk would take it
    assert drain(buffer, 4) == [payload(at) for at in range(10)]
    buffer.append(payload(10))
    assert segments(tmp_path)[-1].stat().st_size == len(framed(payload(10)))
    assert drain(buffer) == [payload(10)]
    assert buffer.dropped == 0
    buffer.close()


def test_a_disk_that_filled_up_in_the_midst_of_a_record_leaves_no_piece_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    with monkeypatch.context() as patched:
        patched.setattr("db.writer.segment.os.write", FullDisk(len(framed(payload(0))) + 9))
        buffer.append(payload(0))
        buffer.append(payload(1))
    killed(buffer)
    found = Buffer(tmp_path, LIMIT)
    assert drain(found) == [payload(0)]
    assert found.dropped == 0
    found.close()


def test_rows_in_memory_reach_a_disk_that_is_well_again_at_the_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    disk = FullDisk(room=0)
    monkeypatch.setattr("db.writer.segment.os.write", disk)
    for at in range(5):
        buffer.append(payload(at))
    disk.room = LIMIT
    buffer.close()
    found = Buffer(tmp_path, LIMIT)
    assert drain(found) == [payload(at) for at in range(5)]
    found.close()


def test_memory_is_bounded_too_and_loses_its_oldest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "greenlight.writer")
    monkeypatch.setattr("db.writer.buffer._MEMORY_BYTES", 10_000)
    monkeypatch.setattr("db.writer.segment.os.write", FullDisk(room=0))
    buffer = Buffer(tmp_path, LIMIT)
    for at in range(100):
        buffer.append(payload(at, 500))
    batch = _taken(buffer, 3)
    for at in range(100, 150):
        buffer.append(payload(at, 500))
    buffer.settle(batch)
    left = drain(buffer)
    assert left == [payload(at, 500) for at in range(150 - len(left), 150)]
    assert buffer.dropped == 150 - len(left) - 3
    assert len(left) > 10
    buffer.append(payload(150))
    buffer.close()
    assert buffer.dropped == 150 - len(left) - 3 + 1  # no disk to leave it on


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    with pytest.raises(BufferInUseError, match=f"in use by process {os.getpid()}"):
        Buffer(tmp_path, LIMIT)
    buffer.close()
    Buffer(tmp_path, LIMIT).close()


def test_only_the_owner_of_the_files_may_read_letters_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "buffer"
    buffer = Buffer(folder, LIMIT)
    buffer.append(payload(1))
    assert folder.stat().st_mode & 0o77 == 0
    assert all(path.stat().st_mode & 0o77 == 0 for path in folder.iterdir())
    buffer.close()


def test_sync_makes_every_dirty_segment_durable_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr("db.writer.buffer.os.fsync", counted)
    buffer = Buffer(tmp_path, MIN_LIMIT_BYTES)
    for at in range(10):
        buffer.append(payload(at, 1000))
    buffer.sync()
    assert set(synced) == {path.stat().st_ino for path in [tmp_path, *segments(tmp_path)]}
    count = len(synced)
    buffer.sync()
    assert len(synced) == count
    buffer.close()


def test_a_closed_buffer_takes_nothing(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, LIMIT)
    buffer.close()
    with pytest.raises(RuntimeError, match="closed"):
        buffer.append(payload(1))
    assert segments(tmp_path) == []


def test_refused_rows_are_bounded_by_turning_the_file_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from db.writer.refused import RefusedRows

    monkeypatch.setattr("db.writer.refused.MAX_BYTES", 5000)
    refused = RefusedRows(tmp_path)
    odd: dict[str, Any] = {"half": "\ud83d", "nan": float("nan"), "set": {1}, "list": [b"x"]}
    for at in range(100):
        refused.keep("product_day", {"at": at, **odd}, "why", datetime(2025, 6, 1, tzinfo=UTC))
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["refused.1.jsonl", "refused.jsonl"]
    assert all(path.stat().st_size <= 5000 for path in tmp_path.iterdir())
    import json

    last = json.loads((tmp_path / "refused.jsonl").read_text().splitlines()[-1])
    assert last["row"]["at"] == 99
    assert last["row"]["nan"] == "nan"
    assert refused.count == 100
