"""An experiment's days: which are complete, which are missing, and how far the data reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.ports import BucketDays, Counts, ExperimentDefinition
from core.ports.experiment import BUCKETS, SUMS

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_USERS = SUMS.index("active_users")
#: The newest day is still being written while more than a tenth of its rows are not there; an
#: earlier day is a gap where more than half are not. Fewer missing buckets count as zero: they take
#: numerator and denominator alike.
NEWEST, EARLIER = 0.9, 0.5
#: Buckets are empty by chance where users are few: this many standard deviations are chance.
CHANCE = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The finished days of an experiment, from its start to the newest with any row.

    Attributes:
        variants: v names: control first, then the treatments as they were defined.
        days: d days without a gap.
        sums: shape (d, v, BUCKETS, len(SUMS)).
        rows: bucket rows there are, shape (d, v).
        expected: rows that the day's users imply, shape (d, v).
        complete: days on which every arm has its rows, shape (d,).
        strangers: variants with rows that the definition does not know.
    """

    variants: tuple[str, ...]
    days: tuple[date, ...]
    sums: Floats
    rows: Counts
    expected: Floats
    complete: Mask
    strangers: tuple[str, ...]

    @property
    def through(self) -> int | None:
        """The index of the last complete day; None without one."""
        found = np.flatnonzero(self.complete)
        return int(found[-1]) if found.size else None

    @property
    def gaps(self) -> tuple[date, ...]:
        """Days before the last complete one that are not complete themselves."""
        end = self.through or 0
        return tuple(self.days[at] for at in np.flatnonzero(~self.complete[:end]))

    @property
    def absent(self) -> tuple[str, ...]:
        """Arms without a single row."""
        return self._silent(self.rows)

    @property
    def behind(self) -> tuple[str, ...]:
        """Arms that have no rows after the last complete day though another has."""
        end = -1 if self.through is None else self.through
        later = self.rows[end + 1 :]
        return self._silent(later) if later.any() else ()

    @property
    def holes(self) -> int:
        """Bucket rows missing on complete days where users are too many for that to be chance."""
        short = _beyond_chance(self.rows, self.expected, 1.0) & self.complete[:, None]
        return int(np.rint((self.expected - self.rows)[short]).sum())

    def cumulative(self) -> Floats:
        """Sums over the complete days so far, shape (d, v, BUCKETS, len(SUMS))."""
        counted = self.sums * self.complete[:, None, None, None]
        return np.asarray(counted.cumsum(axis=0))

    def _silent(self, rows: Counts) -> tuple[str, ...]:
        wrote = rows.sum(axis=0)
        return tuple(name for at, name in enumerate(self.variants) if not wrote[at])

    def until(self, days: int) -> Timeline:
        """The first days of it."""
        return Timeline(
            self.variants,
            self.days[:days],
            self.sums[:days],
            self.rows[:days],
            self.expected[:days],
            self.complete[:days],
            self.strangers,
        )

    def runs(self) -> tuple[tuple[date, date], ...]:
        """Stretches of complete days, first and last both included."""
        found: list[tuple[date, date]] = []
        for at in np.flatnonzero(self.complete):
            day = self.days[at]
            if found and found[-1][1] + timedelta(days=1) == day:
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
        return tuple(found)


def arms_of(definition: ExperimentDefinition) -> tuple[str, ...]:
    """The control, then the treatments in the order of their definition."""
    others = tuple(one.name for one in definition.variants if one.name != definition.control)
    return (definition.control, *others)


def empty(arms: tuple[str, ...]) -> Timeline:
    """No days at all."""
    nothing = np.zeros((0, len(arms)))
    sums = np.zeros((0, len(arms), BUCKETS, len(SUMS)))
    return Timeline(arms, (), sums, nothing.astype(np.int64), nothing, np.zeros(0, bool), ())


def timeline(found: BucketDays, definition: ExperimentDefinition) -> Timeline:
    """Put the rows in the order of the definition, and see which days are complete."""
    arms = arms_of(definition)
    sums = arranged(found.variants, found.sums, arms)
    rows = np.zeros((len(found.days), len(arms)), np.int64)
    for at, name in enumerate(arms):
        if name in found.variants:
            rows[:, at] = found.rows[:, found.variants.index(name)]
    wrote = np.flatnonzero(rows.any(axis=1))
    days = int(wrote[-1]) + 1 if wrote.size else 0
    sums, rows = sums[:days], rows[:days]
    expected = expected_rows(sums[..., _USERS].sum(axis=-1), rows)
    share = np.full((days, 1), EARLIER)
    share[-1:] = NEWEST
    complete = np.asarray(((rows > 0) & ~_beyond_chance(rows, expected, share)).all(axis=1))
    strangers = tuple(name for name in found.variants if name not in arms)
    return Timeline(arms, found.days[:days], sums, rows, expected, complete, strangers)


def arranged(variants: Sequence[str], sums: Floats, arms: Sequence[str]) -> Floats:
    """Sums with variants in another order; zeros for arms that are not there.

    Args:
        variants: names of the third axis from the end.
        sums: shape (..., variants, BUCKETS, len(SUMS)).
        arms: names wanted.
    """
    shape = (*sums.shape[:-3], len(arms), *sums.shape[-2:])
    found = np.zeros(shape)
    for at, name in enumerate(arms):
        if name in variants:
            found[..., at, :, :] = sums[..., list(variants).index(name), :, :]
    return found


def expected_rows(users: Floats, rows: Counts) -> Floats:
    """How many buckets should have a row on a day, shape (d, v).

    Users are spread over the buckets by a hash, so U users leave B (1 - 1/B)^U of B buckets empty;
    and an arm is not expected to have more rows than it usually has.
    """
    filled = BUCKETS * (1 - (1 - 1 / BUCKETS) ** users)
    usual = np.full(rows.shape[1:], float(BUCKETS))
    for arm in range(rows.shape[1]):
        wrote = rows[rows[:, arm] > 0, arm]
        if wrote.size:
            usual[arm] = np.median(wrote)
    return np.asarray(np.minimum(filled, usual))


def _beyond_chance(rows: Counts, expected: Floats, share: Floats | float) -> Mask:
    """Where rows are fewer than a share of those expected by more than chance."""
    empty = 1 - expected / BUCKETS
    spread = np.sqrt(np.maximum(BUCKETS * empty * (1 - empty), 0))
    return np.asarray(rows < share * expected - CHANCE * spread)
