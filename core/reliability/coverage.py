"""Which rows should be there, which are, and what the missing ones could hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Lifetime, Minutes
from core.reliability.lives import SILENT_AFTER, Life, lives, newest_beat
from core.timeframe import MINUTE


@dataclass(frozen=True, slots=True)
class Silence:
    """An instance that should be writing and is not."""

    datacenter: str
    instance: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what should have been written is there.

    Attributes:
        expected: instance rows expected, shape (e, minutes): the grid's datacenters, then those
            that only heartbeats tell of.
        rows: instance rows there are, never more than expected, shape (e, minutes).
        unknown_letters: letters believed to lie in missing rows of instances that were alive,
            shape (minutes,).
        believed: letters believed to lie in all missing rows, shape (minutes,), not rounded.
        gaps: minutes without any row though some were expected, shape (minutes,).
        silent: instances that should be writing now and are not.
    """

    expected: Counts
    rows: Counts
    unknown_letters: Counts
    believed: NDArray[np.float64]
    gaps: NDArray[np.bool_]
    silent: tuple[Silence, ...]

    @property
    def share(self) -> Fraction | None:
        """Rows over expected rows; None where none were expected."""
        expected = int(self.expected.sum())
        return Fraction(int(self.rows.sum()), expected) if expected else None

    @property
    def missing_letters(self) -> int:
        """Letters believed to lie in all missing rows."""
        return int(np.rint(self.believed.sum()))

    def newest(self, minutes: int) -> Coverage:
        """The last minutes of it, judged by what was known of all."""
        first = max(self.expected.shape[1] - minutes, 0)
        return Coverage(
            self.expected[:, first:],
            self.rows[:, first:],
            self.unknown_letters[first:],
            self.believed[first:],
            self.gaps[first:],
            self.silent,
        )


def coverage(
    grid: Minutes,
    lifetimes: Sequence[Lifetime],
    last_minutes: Mapping[tuple[str, str], datetime],
    as_of: datetime,
) -> Coverage:
    """Hold the rows of a grid against the instances that should have written them.

    Who should write is told by heartbeats: from its start until its orderly stop, its next start,
    or 24 hours of silence. Before a datacenter's first heartbeat, as many rows as it last wrote are
    expected. An instance that writes without being expected is welcome and counts as expected.
    """
    known = lives(lifetimes, last_minutes, as_of)
    names = (*grid.datacenters, *sorted({life.datacenter for life in known} - {*grid.datacenters}))
    rows = _padded(grid.rows, len(names))
    alive, expected = _expected(grid, names, rows, known, as_of)
    seen = _without_late(np.maximum(expected, rows), rows)
    per_row = _letters_per_row(rows, _padded(grid.letters, len(names)))
    unknown = np.clip(np.minimum(alive, seen) - rows, 0, None) * per_row
    return Coverage(
        expected=seen,
        rows=rows,
        unknown_letters=np.rint(unknown.sum(axis=0)).astype(np.int64),
        believed=((seen - rows) * per_row).sum(axis=0),
        gaps=(seen.sum(axis=0) > 0) & (rows.sum(axis=0) == 0),
        silent=_silent(known, last_minutes, as_of),
    )


def data_through(
    lifetimes: Sequence[Lifetime],
    last_minutes: Mapping[tuple[str, str], datetime],
    as_of: datetime,
) -> datetime | None:
    """The newest minute that everyone has written who should be writing; None without any row.

    Two kinds of instances are reported as silent and do not hold back the others: one whose heart
    does not beat, and one that has beaten without writing a row since it started. Where nobody else
    beats, the newest row decides.
    """
    if not last_minutes:
        return None
    writing = [
        last_minutes[life.key]
        for life in lives(lifetimes, last_minutes, as_of)
        if life.ended_at is None
        and as_of - life.beat_at <= SILENT_AFTER
        and life.key in last_minutes
        and last_minutes[life.key] > life.started_at - MINUTE
    ]
    return min(writing) if writing else max(last_minutes.values())


def _expected(
    grid: Minutes, names: Sequence[str], rows: Counts, known: Sequence[Life], as_of: datetime
) -> tuple[Counts, Counts]:
    """Instances alive by their heartbeat, and instances expected, each of shape (e, minutes)."""
    count = rows.shape[1]
    alive = np.zeros_like(rows)
    expected = np.zeros_like(rows)
    told = np.zeros(rows.shape, dtype=bool)
    row_of = {name: row for row, name in enumerate(names)}
    newest = newest_beat(known)
    for life in known:
        row = row_of[life.datacenter]
        first = _minute(grid, life.started_at, count, up=True)
        until = life.expected_until(newest) or as_of
        expected[row, first : _minute(grid, until, count)] += 1
        alive[row, first : _minute(grid, min(until, life.beat_at + SILENT_AFTER), count)] += 1
        # From a datacenter's first heartbeat on, heartbeats tell: after an orderly stop nothing is
        # expected, whatever was last written.
        told[row, first:] = True
    return alive, np.where(told, expected, _last_nonzero(rows))


def _without_late(seen: Counts, rows: Counts) -> Counts:
    """Expected rows less those that may still be on their way.

    A row of the newest minute is missing only if the minute before lacks it too; else it is late.
    """
    missing = seen - rows
    if missing.shape[1] == 1:
        return rows
    if missing.shape[1] > 1:
        missing[:, -1] = np.minimum(missing[:, -1], missing[:, -2])
    return rows + missing


def _minute(grid: Minutes, moment: datetime, count: int, *, up: bool = False) -> int:
    """The column of a moment, kept inside the grid; a life counts in whole minutes only."""
    whole = -((grid.start - moment) // MINUTE) if up else (moment - grid.start) // MINUTE
    return min(max(whole, 0), count)


def _last_nonzero(rows: Counts) -> Counts:
    """Each row's newest non-zero value so far, 0 before the first."""
    if not rows.size:
        return rows
    at = np.where(rows > 0, np.arange(rows.shape[1]), -1)
    at = np.maximum.accumulate(at, axis=1)
    carried = np.take_along_axis(rows, at.clip(min=0), axis=1)
    return np.where(at >= 0, carried, 0)


def _letters_per_row(rows: Counts, letters: Counts) -> NDArray[np.float64]:
    """Letters that an instance row holds or is believed to hold, shape (e, minutes).

    Taken from the datacenter's own rows of that minute, else between its nearest minutes before and
    after: a gap at the peak hides more letters than one at night. A datacenter that never wrote is
    believed to be like the others.
    """
    everywhere = letters.sum() / max(int(rows.sum()), 1)
    believed = np.full(rows.shape, float(everywhere))
    minutes = np.arange(rows.shape[1])
    for at, written in enumerate(rows > 0):
        if written.any():
            held = letters[at, written] / rows[at, written]
            believed[at] = np.interp(minutes, minutes[written], held)
    return believed


def _padded(counts: Counts, height: int) -> Counts:
    return np.pad(counts, ((0, height - counts.shape[0]), (0, 0)))


def _silent(
    known: Sequence[Life], last_minutes: Mapping[tuple[str, str], datetime], as_of: datetime
) -> tuple[Silence, ...]:
    newest = newest_beat(known)
    silent = []
    for life in known:
        if life.expected_until(newest) is not None:
            continue
        written = last_minutes.get(life.key, life.started_at - MINUTE) + MINUTE
        since = max(written, life.started_at)
        if as_of - since > SILENT_AFTER + MINUTE:
            silent.append(Silence(life.datacenter, life.instance, since))
    return tuple(silent)
