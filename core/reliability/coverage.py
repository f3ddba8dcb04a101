"""Which rows should be there, which are, and what the missing ones could hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Lifetime, Minutes
from core.timeframe import MINUTE

#: An instance whose heart has not beaten this long is silent: it is dead or cut off, not just late.
SILENT_AFTER = timedelta(minutes=3)
#: An instance that fell silent without an orderly stop stays expected this long; then it is gone, unless
#: nothing else of the service beats either.
GONE_AFTER = timedelta(hours=24)
#: Rows of the newest minute may still be on their way: they are late, not missing.
GRACE_MINUTES = 1


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
        expected: instance rows expected, shape (d, minutes).
        rows: instance rows there are, never more than expected, shape (d, minutes).
        unknown_letters: letters believed to lie in missing rows of instances that were alive, shape
            (minutes,).
        gaps: minutes without any row though some were expected, shape (minutes,).
        missing_letters: letters believed to lie in all missing rows.
        silent: instances that should be writing now and are not.
    """

    expected: Counts
    rows: Counts
    unknown_letters: Counts
    gaps: NDArray[np.bool_]
    missing_letters: int
    silent: tuple[Silence, ...]

    @property
    def share(self) -> Fraction | None:
        """Rows over expected rows; None where none were expected."""
        expected = int(self.expected.sum())
        return Fraction(int(self.rows.sum()), expected) if expected else None


def coverage(
    grid: Minutes,
    lifetimes: Sequence[Lifetime],
    last_minutes: Mapping[tuple[str, str], datetime],
    as_of: datetime,
) -> Coverage:
    """Hold the rows of a grid against the instances that should have written them.

    Who should write is told by heartbeats: from its start until its orderly stop, its next start, or 24
    hours of silence. Where a datacenter has no heartbeat, as many rows as it last wrote are expected. An
    instance that writes without being expected is welcome and counts as expected.
    """
    alive, expected = _expected(grid, lifetimes, as_of)
    seen = np.maximum(expected, grid.rows)
    late = slice(grid.rows.shape[1] - GRACE_MINUTES, None)
    seen[:, late] = np.where(grid.rows[:, late] == 0, 0, seen[:, late])
    alive = np.minimum(np.maximum(alive, 0), seen)
    missing = seen - grid.rows
    per_row = _letters_per_row(grid)
    unknown = np.clip(alive - grid.rows, 0, None) * per_row[:, None]
    return Coverage(
        expected=seen,
        rows=grid.rows,
        unknown_letters=np.rint(unknown.sum(axis=0)).astype(np.int64),
        gaps=(seen.sum(axis=0) > 0) & (grid.rows.sum(axis=0) == 0),
        missing_letters=int(np.rint((missing * per_row[:, None]).sum())),
        silent=_silent(lifetimes, last_minutes, as_of),
    )


def data_through(
    lifetimes: Sequence[Lifetime],
    last_minutes: Mapping[tuple[str, str], datetime],
    as_of: datetime,
) -> datetime | None:
    """The newest minute for which everyone has written who should be writing; None without any row.

    An instance that is silent (its heart does not beat) is reported as such and does not hold back the
    others; where nobody beats, the newest row decides.
    """
    if not last_minutes:
        return None
    beating = {
        (life.datacenter, life.instance)
        for life in lifetimes
        if life.started_at <= as_of
        and (life.stopped_at is None or life.stopped_at > as_of)
        and as_of - life.beat_at <= SILENT_AFTER
    }
    writing = [last_minutes[key] for key in beating if key in last_minutes]
    return min(writing) if writing else max(last_minutes.values())


def _expected(
    grid: Minutes, lifetimes: Sequence[Lifetime], as_of: datetime
) -> tuple[Counts, Counts]:
    """Instances alive by their heartbeat, and instances expected, each of shape (d, minutes)."""
    count = grid.rows.shape[1]
    alive = np.zeros_like(grid.rows)
    expected = np.zeros_like(grid.rows)
    known = np.zeros(grid.rows.shape, dtype=bool)
    row_of = {name: row for row, name in enumerate(grid.datacenters)}
    newest_beat = max((life.beat_at for life in lifetimes), default=None)
    for life, replaced_at in _with_successor(lifetimes):
        row = row_of.get(life.datacenter)
        if row is None:
            continue
        gone_at = life.stopped_at or replaced_at
        if gone_at is None:
            anyone_else = newest_beat is not None and newest_beat > life.beat_at + GONE_AFTER
            gone_at = life.beat_at + GONE_AFTER if anyone_else else as_of
        first = _minute(grid, life.started_at, count, up=True)
        expected[row, first : _minute(grid, gone_at, count)] += 1
        known[row, first : _minute(grid, gone_at, count)] = True
        alive_until = min(gone_at, life.beat_at + SILENT_AFTER)
        alive[row, first : _minute(grid, alive_until, count)] += 1
    carried = np.where(known, expected, _last_nonzero(grid.rows))
    return alive, carried


def _with_successor(
    lifetimes: Sequence[Lifetime],
) -> list[tuple[Lifetime, datetime | None]]:
    ordered = sorted(lifetimes, key=lambda life: (life.datacenter, life.instance, life.started_at))
    pairs: list[tuple[Lifetime, datetime | None]] = []
    for at, life in enumerate(ordered):
        after = ordered[at + 1] if at + 1 < len(ordered) else None
        same = after is not None and (after.datacenter, after.instance) == (
            life.datacenter,
            life.instance,
        )
        pairs.append((life, after.started_at if after is not None and same else None))
    return pairs


def _minute(grid: Minutes, moment: datetime, count: int, *, up: bool = False) -> int:
    """The column of a moment, kept inside the grid; a life counts in whole minutes only."""
    whole = -((grid.start - moment) // MINUTE) if up else (moment - grid.start) // MINUTE
    return min(max(whole, 0), count)


def _last_nonzero(rows: Counts) -> Counts:
    """Each row's newest non-zero value so far, 0 before the first."""
    at = np.where(rows > 0, np.arange(rows.shape[1]), -1)
    at = np.maximum.accumulate(at, axis=1)
    carried = np.take_along_axis(rows, at.clip(min=0), axis=1)
    return np.where(at >= 0, carried, 0)


def _letters_per_row(grid: Minutes) -> NDArray[np.float64]:
    """Letters an instance row holds on average, by datacenter, shape (d,)."""
    rows = grid.rows.sum(axis=1)
    return grid.letters.sum(axis=1) / np.maximum(rows, 1)


def _silent(
    lifetimes: Sequence[Lifetime],
    last_minutes: Mapping[tuple[str, str], datetime],
    as_of: datetime,
) -> tuple[Silence, ...]:
    newest_beat = max((life.beat_at for life in lifetimes), default=None)
    silent = []
    for life, replaced_at in _with_successor(lifetimes):
        if life.stopped_at is not None or replaced_at is not None or life.started_at > as_of:
            continue
        if newest_beat is not None and newest_beat > life.beat_at + GONE_AFTER:
            continue
        key = (life.datacenter, life.instance)
        since = last_minutes.get(key, life.started_at - MINUTE) + MINUTE
        since = max(since, life.started_at)
        if as_of - since > SILENT_AFTER + MINUTE:
            silent.append(Silence(life.datacenter, life.instance, since))
    return tuple(silent)
